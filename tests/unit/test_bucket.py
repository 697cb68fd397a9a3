"""What a bucket makes of a server's answers; the answers are botocore's own, without a server."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from streaming.bucket import Bucket, ChangedError, GoneError
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.contract.sections import Storage

PUT_AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return Bucket(Storage(bucket="sales"))


@pytest.fixture
def server(bucket: Bucket) -> Iterator[Stubber]:
    with Stubber(bucket.client) as answers:
        yield answers


def entry(key: str, *, size: int = 3, etag: str | None = '"e1"') -> dict[str, object]:
    return {"Key": key, "Size": size, "LastModified": PUT_AT} | ({"ETag": etag} if etag else {})


def test_a_listing_leaves_out_folder_markers_and_what_is_still_being_put(bucket: Bucket, server: Stubber) -> None:
    entries = [entry("landing/", size=0), entry("landing/a.csv"), entry("landing/b.csv", etag=None)]
    server.add_response("list_objects_v2", {"Contents": entries, "IsTruncated": False})
    assert [(a.object_key, a.etag, a.size_bytes) for a in bucket.listing("landing/")] == [("landing/a.csv", "e1", 3)]


def test_an_empty_file_is_listed(bucket: Bucket, server: Stubber) -> None:
    server.add_response("list_objects_v2", {"Contents": [entry("landing/a.csv", size=0)], "IsTruncated": False})
    assert [arrival.object_key for arrival in bucket.listing("landing/")] == ["landing/a.csv"]


def test_a_listing_that_fails_on_its_second_page_fails_whole(bucket: Bucket, server: Stubber) -> None:
    first = {"Contents": [entry("landing/a.csv")], "IsTruncated": True, "NextContinuationToken": "more"}
    server.add_response("list_objects_v2", first)
    server.add_client_error("list_objects_v2", "SlowDown", http_status_code=503)
    with pytest.raises(ServiceAwayError, match="SlowDown"):
        list(bucket.listing("landing/"))


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NoSuchKey", 404, GoneError),
        ("PreconditionFailed", 412, ChangedError),
        ("AccessDenied", 403, ConfigurationError),
        ("NoSuchBucket", 404, ConfigurationError),
        ("InternalError", 500, ServiceAwayError),
    ],
)
def test_an_answer_says_what_should_happen_next(
    bucket: Bucket, server: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    server.add_client_error("get_object", code, http_status_code=status)
    with pytest.raises(error):
        bucket.open("landing/a.csv", etag="e1")
