"""The environment's S3 bucket, as the project uses it: list, read pinned to an ETag, move without a gap."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from boto3.exceptions import RetriesExceededError
from botocore.exceptions import BotoCoreError, ClientError

from streaming.contract.deliveries import Arrival
from streaming.contract.errors import DENIED, ConfigurationError, ServiceAwayError, TillstreamError
from streaming.contract.sections import Storage
from streaming.s3_client import client_of
from streaming.tls import is_disbelief

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CopySourceTypeDef

log = logging.getLogger(__name__)

GONE = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})


class GoneError(Exception):
    """The object is not there any more."""


class ChangedError(Exception):
    """The object has other bytes than the caller pinned."""


class Bucket:
    """One bucket under one environment's credentials; safe to pickle, the client is made where it is used.

    Raises, from every method:
        ServiceAwayError: S3 does not answer, or answers with a passing error even after retries.
        ConfigurationError: it refuses the credentials, or there is no such bucket.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._client: S3Client | None = None

    def __getstate__(self) -> Storage:
        return self.storage

    def __setstate__(self, storage: Storage) -> None:
        self.storage = storage
        self._client = None

    @property
    def client(self) -> "S3Client":
        """The boto3 client, made at first use."""
        if self._client is None:
            self._client = client_of(self.storage)
        return self._client

    def listing(self, prefix: str) -> Iterator[Arrival]:
        """Every whole object below the prefix but folder markers, page by page; a page that fails fails the listing.

        Some servers list an object while it is still being put, without an ETag: a later listing has it whole.
        """
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.storage.bucket, Prefix=prefix)
        with explained(self.storage):
            for page in pages:
                for entry in page.get("Contents", []):
                    if "ETag" in entry and (entry["Size"] or not entry["Key"].endswith("/")):
                        yield Arrival(
                            object_key=entry["Key"],
                            etag=entry["ETag"].strip('"'),
                            size_bytes=entry["Size"],
                            last_modified=entry["LastModified"],
                        )

    def seen(self, key: str) -> Arrival:
        """One object as a listing would show it.

        Raises:
            GoneError: there is no such object.
        """
        with explained(self.storage):
            head = self.client.head_object(Bucket=self.storage.bucket, Key=key)
        return Arrival(
            object_key=key,
            etag=head["ETag"].strip('"'),
            size_bytes=head["ContentLength"],
            last_modified=head["LastModified"],
        )

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "binary/octet-stream") -> str:
        """Store an object; returns its ETag."""
        with explained(self.storage):
            put = self.client.put_object(Bucket=self.storage.bucket, Key=key, Body=body, ContentType=content_type)
        return put["ETag"].strip('"')

    def put_file(self, key: str, path: Path) -> None:
        """Store a file of the local disk, of some hundred megabytes at most."""
        with path.open("rb") as body:
            self.put(key, body)

    def fetch(self, key: str, path: Path) -> None:
        """Bring an object to the local disk.

        Raises:
            GoneError: there is no such object.
        """
        with explained(self.storage):
            try:
                self.client.download_file(self.storage.bucket, key, str(path))
            except RetriesExceededError as error:
                raise ServiceAwayError(f"{key} could not be read whole: {error}") from error

    def drop(self, keys: Iterable[str]) -> None:
        """Delete objects, whatever they are; one already gone is no error."""
        with explained(self.storage):
            for key in keys:
                self.client.delete_object(Bucket=self.storage.bucket, Key=key)

    def open(self, key: str, *, etag: str, start: int = 0) -> BinaryIO:
        """The bytes of the object, from `start` on, as it was when it had this ETag, to be read as they come.

        Raises:
            GoneError: there is no such object any more.
            ChangedError: it has been overwritten since.
        """
        with explained(self.storage):
            body = self.client.get_object(
                Bucket=self.storage.bucket, Key=key, IfMatch=f'"{etag}"', Range=f"bytes={start}-"
            )["Body"]
        return cast("BinaryIO", body)

    def copy(self, key: str, *, etag: str, to: str) -> None:
        """Copy an object, pinned to its ETag, and verify that the copy has the same size.

        Raises:
            GoneError: there is no such object any more.
            ChangedError: it has been overwritten since.
        """
        source: CopySourceTypeDef = {"Bucket": self.storage.bucket, "Key": key}
        extra = {"CopySourceIfMatch": f'"{etag}"', "MetadataDirective": "COPY"}
        with explained(self.storage):
            size = self.client.head_object(Bucket=self.storage.bucket, Key=key, IfMatch=f'"{etag}"')["ContentLength"]
            self.client.copy(source, self.storage.bucket, to, ExtraArgs=extra)
            copied = self.client.head_object(Bucket=self.storage.bucket, Key=to)["ContentLength"]
        if copied != size:
            raise ServiceAwayError(f"copy of {key} to {to} has {copied} of {size} bytes: it will be tried again")

    def delete(self, key: str, *, etag: str) -> None:
        """Delete the object if it is still the one with this ETag; an object already gone is no error.

        Raises:
            ChangedError: it has been overwritten since, and stays.
        """
        try:
            with explained(self.storage):
                self.client.head_object(Bucket=self.storage.bucket, Key=key, IfMatch=f'"{etag}"')
                self.client.delete_object(Bucket=self.storage.bucket, Key=key, IfMatch=f'"{etag}"')
        except GoneError:
            log.debug("%s was deleted already", key)

    def create(self) -> bool:
        """Make the bucket unless it exists; True when it was made now."""
        if self.exists():
            return False
        with explained(self.storage):
            self.client.create_bucket(Bucket=self.storage.bucket)
        return True

    def must_exist(self) -> None:
        """Raise a ConfigurationError when the bucket is missing or not ours to read."""
        if not self.exists():
            raise _no_bucket(self.storage)

    def exists(self) -> bool:
        """True when there is such a bucket, and it is ours to read."""
        with explained(self.storage):
            try:
                self.client.head_bucket(Bucket=self.storage.bucket)
            except ClientError as error:
                if _code(error) in GONE | {"NoSuchBucket"}:
                    return False
                raise
        return True


@contextmanager
def explained(storage: Storage) -> Iterator[None]:
    """Turn botocore's errors into the project's, named by what should happen next."""
    try:
        yield
    except ClientError as error:
        raise _explain(error, storage) from error
    except BotoCoreError as error:
        text = f"S3 at {storage.endpoint or storage.region}: {error}"
        if is_disbelief(error):
            remedy = "check storage.endpoint and tls_ca, or the server's certificate"
            raise ConfigurationError(f"{text}; {remedy}") from error
        raise ServiceAwayError(text) from error


def _explain(error: ClientError, storage: Storage) -> Exception:
    code = _code(error)
    if code in GONE:
        return GoneError(code)
    if code in CHANGED:
        return ChangedError(code)
    if code == "NoSuchBucket":
        return _no_bucket(storage)
    text = f"S3 at {storage.endpoint or storage.region}, bucket {storage.bucket}: {error}"
    if int(error.response["ResponseMetadata"]["HTTPStatusCode"]) in DENIED:
        return ConfigurationError(f"{text}; check access_key, secret_key and the bucket's policy")
    return ServiceAwayError(text)


def _no_bucket(storage: Storage) -> TillstreamError:
    return ConfigurationError(
        f"S3 at {storage.endpoint or storage.region} has no bucket {storage.bucket}: run `python -m flows.provision`"
    )


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
