"""Everything a test does by the project's keys goes under the policies; what the test itself does, by the owner's.

Only where `ENFORCE` is set: the embedded S3 server knows no policies, so a gateway that does takes its place.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streaming.bucket import Bucket
from streaming.contract.credentials import encrypt, read_keys
from streaming.contract.places import key_file
from streaming.contract.sections import Storage
from streaming.contract.settings import read_settings
from streaming.stamps import STAMP_KEY
from tests.policies.gateway import ROOT, Gateway, gateway

ENFORCE = "TILLSTREAM_ENFORCE_POLICIES"
_open: list[Gateway] = []


def is_enforced() -> bool:
    """True when the tests are to run under the policies."""
    return ENFORCE in os.environ


def owners(storage: Storage) -> Storage:
    """The bucket as its owner opens it."""
    return _open[0].storage_for(ROOT, storage) if _open else storage


def let_in(storage: Storage) -> None:
    """Put the policies of these prefixes in the place of those of others."""
    if _open:
        _open[0].enforce(storage)


@contextmanager
def enforced(home: Path) -> Iterator[None]:
    """A gateway whose bucket `dev` is the owner's, stamped, and open to the roles only; `dev` is told of it."""
    place = home / "gateway"
    place.mkdir()
    with gateway(place) as opened:
        _tell(home, opened)
        settings = read_settings("dev")
        as_owner = settings.model_copy(update={"storage": opened.storage_for(ROOT, settings.storage)})
        Bucket(as_owner.storage).create()
        Bucket(as_owner.storage).put(STAMP_KEY, b'{"environment": "dev"}\n')
        _open.append(opened)
        try:
            yield
        finally:
            _open.clear()


def _tell(home: Path, opened: Gateway) -> None:
    keys = read_keys("dev", default_file=key_file("dev"))
    secrets = {
        "access_key": "ingest",
        "secret_key": opened.passwords["ingest"],
        "archiver_access_key": "archiver",
        "archiver_secret_key": opened.passwords["archiver"],
    }
    lines = [f'{name} = "{encrypt(secret, keys=keys)}"' for name, secret in secrets.items()]
    overlay = home / "enforced"
    overlay.mkdir()
    text = "\n".join(("[storage]", f'endpoint = "{opened.endpoint}"', 'region = "us-east-1"', *lines, ""))
    (overlay / "dev.toml").write_text(text, encoding="utf-8")
