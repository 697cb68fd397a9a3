"""Versity's S3 gateway on a folder: users of its own, bucket policies enforced."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from deployments.policies import BUCKET_ROLES, BucketRole, policy_of
from streaming.contract.places import CHECKOUT
from streaming.contract.sections import Storage

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

PLACE = CHECKOUT / ".tillstream" / "tools" / "versitygw"
ROOT = "root"
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A running gateway, the passwords of its users, and its address."""

    endpoint: str
    passwords: dict[str, str]

    def storage_for(self, user: str, storage: Storage) -> Storage:
        """The same bucket, as a user of the gateway opens it."""
        keys = {"access_key": SecretStr(user), "secret_key": SecretStr(self.passwords[user])}
        return storage.model_copy(update={"endpoint": self.endpoint, "region": "us-east-1", **keys})

    def enforce(self, storage: Storage) -> None:
        """Let each role into the bucket as its policy says."""
        statements = [
            {**statement, "Principal": {"AWS": role}}
            for role in BUCKET_ROLES
            for statement in json.loads(policy_of(role, storage))["Statement"]
        ]
        root = self.storage_for(ROOT, storage)
        client = _client(root)
        client.put_bucket_policy(
            Bucket=storage.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
        )


def program() -> str | None:
    """The gateway's program, if this machine has it."""
    return str(PLACE) if PLACE.is_file() else shutil.which("versitygw")


@contextmanager
def gateway(folder: Path) -> Iterator[Gateway]:
    """A gateway on this folder, with a user for each role; stopped at the end."""
    port = free_port()
    opened = Gateway(
        endpoint=f"http://127.0.0.1:{port}",
        passwords={user: secrets.token_hex(16) for user in (ROOT, *BUCKET_ROLES)},
    )
    for name in ("data", "users"):
        (folder / name).mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(program()), "--port", f"127.0.0.1:{port}", "--iam-dir", str(folder / "users")),
                *("posix", str(folder / "data")),
            ],
            env={**os.environ, "ROOT_ACCESS_KEY": ROOT, "ROOT_SECRET_KEY": opened.passwords[ROOT]},
            stdout=log,
            stderr=log,
        )
    try:
        _await(opened, process)
        for role in BUCKET_ROLES:
            _make_user(opened, role)
        yield opened
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _make_user(opened: Gateway, role: BucketRole) -> None:
    login = {
        "ADMIN_ACCESS_KEY": ROOT,
        "ADMIN_SECRET_KEY": opened.passwords[ROOT],
        "ADMIN_ENDPOINT_URL": opened.endpoint,
    }
    subprocess.run(
        [str(program()), "admin", "create-user", "-a", role, "-s", opened.passwords[role], "-r", "user"],
        env={**os.environ, **login},
        check=True,
        capture_output=True,
    )


def _await(opened: Gateway, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            _client(opened.storage_for(ROOT, Storage(bucket="any"))).list_buckets()
        except (BotoCoreError, ClientError):
            assert process.poll() is None, "the gateway died"
            assert time.monotonic() < end, "the gateway does not answer"
            time.sleep(0.2)
        else:
            return


def _client(storage: Storage) -> "S3Client":
    assert storage.access_key
    assert storage.secret_key
    return boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        region_name=storage.region,
        aws_access_key_id=storage.access_key.get_secret_value(),
        aws_secret_access_key=storage.secret_key.get_secret_value(),
    )


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
