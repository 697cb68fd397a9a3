"""What each role may do it can, and whatever else there is the server refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from botocore.exceptions import ClientError

from deployments.policies import BucketRole
from streaming.bucket import Bucket
from streaming.contract.sections import Storage
from streaming.stamps import STAMP_KEY
from tests.policies.gateway import ROOT, Gateway, gateway, program

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(program() is None, reason="no versitygw: `make policies` builds it"),
]

Deed = Literal["list", "get", "put", "delete"]
STORAGE = Storage(bucket="sales")
PLACES = {name: f"{prefix}file" for name, prefix in STORAGE.prefixes.model_dump().items()}
OBJECTS = {**PLACES, "stamp": STAMP_KEY, "elsewhere": "elsewhere/file", "root": "file"}
DEEDS: tuple[Deed, ...] = ("list", "get", "put", "delete")
FILES = {"landing", "archive", "quarantine"}
LAKE = {"facts", "rejects"}
MAY: dict[tuple[BucketRole, Deed], set[str]] = {
    ("ingest", "list"): set(OBJECTS),
    ("ingest", "get"): {*FILES, *LAKE, "stamp"},
    ("ingest", "put"): {*LAKE, "reports"},
    ("ingest", "delete"): LAKE,
    ("archiver", "list"): set(OBJECTS),
    ("archiver", "get"): FILES,
    ("archiver", "put"): FILES,
    ("archiver", "delete"): FILES,
    ("reader", "list"): set(OBJECTS),
    ("reader", "get"): {*LAKE, "reports"},
    ("reader", "put"): set(),
    ("reader", "delete"): set(),
    ("store", "list"): set(),
    ("store", "get"): set(),
    ("store", "put"): {"landing"},
    ("store", "delete"): set(),
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a bucket that the roles may enter."""
    with gateway(tmp_path_factory.mktemp("gateway")) as running:
        Bucket(running.storage_for(ROOT, STORAGE)).create()
        running.enforce(STORAGE)
        yield running


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["ingest", "archiver", "reader", "store"])
def test_a_role_does_what_its_policy_says_and_nothing_else(role: BucketRole, deed: Deed, opened: Gateway) -> None:
    owner = Bucket(opened.storage_for(ROOT, STORAGE))
    for key in OBJECTS.values():
        owner.put(key, b"as it was")
    bucket = Bucket(opened.storage_for(role, STORAGE))
    done = {name for name, key in OBJECTS.items() if is_let(bucket, deed, key)}
    assert done == MAY[role, deed]


@pytest.mark.parametrize("role", ["ingest", "archiver", "reader", "store"])
def test_no_role_changes_who_may_do_what(role: BucketRole, opened: Gateway) -> None:
    client = Bucket(opened.storage_for(role, STORAGE)).client
    deeds: list[Callable[[], object]] = [
        lambda: client.put_bucket_policy(Bucket=STORAGE.bucket, Policy="{}"),
        lambda: client.delete_bucket_policy(Bucket=STORAGE.bucket),
        lambda: client.delete_bucket(Bucket=STORAGE.bucket),
        lambda: client.get_bucket_policy(Bucket=STORAGE.bucket),
    ]
    for forbidden in deeds:
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden()


def is_let(bucket: Bucket, deed: Deed, key: str) -> bool:
    """True when the server does it, False when it denies it; anything else is an error."""
    name, client = bucket.storage.bucket, bucket.client
    try:
        if deed == "list":
            client.list_objects_v2(Bucket=name, Prefix=str(Path(key).parent))
        elif deed == "get":
            client.get_object(Bucket=name, Key=key)["Body"].read()
        elif deed == "put":
            client.put_object(Bucket=name, Key=key, Body=b"other")
        else:
            client.delete_object(Bucket=name, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True
