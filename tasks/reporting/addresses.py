"""Where things rest in the bucket, as people name it and as a browser opens it."""

from urllib.parse import quote

from streaming.contract.sections import Storage


def uri_of(storage: Storage, key: str) -> str:
    """The name that every S3 tool takes."""
    return f"s3://{storage.bucket}/{key}"


def prefix_page(storage: Storage, prefix: str) -> str | None:
    """The page of AWS's console that lists a prefix; other servers have none."""
    return None if storage.endpoint else _console(storage, "buckets", prefix)


def object_page(storage: Storage, key: str) -> str:
    """The page of AWS's console on an object, else the object itself; either asks who is there."""
    if storage.endpoint is None:
        return _console(storage, "object", key)
    return f"{storage.endpoint.rstrip('/')}/{storage.bucket}/{quote(key)}"


def _console(storage: Storage, kind: str, key: str) -> str:
    place = f"{storage.region}.console.aws.amazon.com/s3/{kind}/{storage.bucket}"
    return f"https://{place}?region={storage.region}&prefix={quote(key)}"
