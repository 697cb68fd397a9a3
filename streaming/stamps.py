"""Which environment a bucket and a database belong to: each says so itself, and no run crosses from one to another.

`provision` stamps both once. A stamp is never changed: what belongs to prod cannot become dev's by a wrong setting.
"""

import json
from collections.abc import Iterator

from streaming.bucket import Bucket, GoneError
from streaming.contract.errors import ConfigurationError, ContractError
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected, fetch, insert
from streaming.warehouse.migrations import has_table

STAMP_KEY = "tillstream-environment.json"
"""The object that says whose the bucket is."""


def require_stamps(settings: Settings) -> None:
    """See that bucket and database are the environment's own; nothing is changed.

    Raises:
        ConfigurationError: one of them belongs to another environment, or there is no such bucket.
        ContractError: one of them has no stamp yet.
    """
    for what, found in ((_bucket(settings), _on_bucket(settings)), (_database(settings), _in_database(settings))):
        if found is None:
            Bucket(settings.storage).must_exist()
            raise ContractError(
                f"{what} is stamped for no environment: "
                f"run `python -m flows.provision --environment {settings.environment}`"
            )
        _must_be_ours(settings, what, found)


def refuse_other_stamps(settings: Settings) -> None:
    """See that neither is another environment's, as the migration user; where there is nothing yet, there is no stamp.

    Raises:
        ConfigurationError: one of them belongs to another environment.
    """
    for what, found in _stamps_before_provisioning(settings):
        if found is not None:
            _must_be_ours(settings, what, found)


def stamp(settings: Settings) -> list[str]:
    """Have bucket and database say whose they are; returns what was stamped now.

    Raises:
        ConfigurationError: one of them belongs to another environment.
    """
    refuse_other_stamps(settings)
    new = [what for what, found in _stamps_before_provisioning(settings) if found is None]
    if _bucket(settings) in new:
        body = json.dumps({"environment": settings.environment}, indent=2)
        Bucket(settings.storage).put(STAMP_KEY, f"{body}\n".encode())
    if _database(settings) in new:
        with connected(settings.warehouse, as_migrator=True) as database:
            insert(database, "environment_stamp/insert", environment=settings.environment)
            database.commit()
    return new


def _stamps_before_provisioning(settings: Settings) -> Iterator[tuple[str, str | None]]:
    yield _bucket(settings), _on_bucket(settings) if Bucket(settings.storage).exists() else None
    with connected(settings.warehouse, as_migrator=True) as database:
        is_there = has_table(database, "environment_stamp")
    yield _database(settings), _in_database(settings, as_migrator=True) if is_there else None


def _on_bucket(settings: Settings) -> str | None:
    bucket = Bucket(settings.storage)
    try:
        seen = bucket.seen(STAMP_KEY)
        return str(json.loads(bucket.open(STAMP_KEY, etag=seen.etag).read())["environment"])
    except GoneError:
        return None
    except (ValueError, KeyError, TypeError):
        raise ContractError(f"{_bucket(settings)}: {STAMP_KEY} is not what provisioning wrote") from None


def _in_database(settings: Settings, *, as_migrator: bool = False) -> str | None:
    with connected(settings.warehouse, as_migrator=as_migrator) as database:
        rows = fetch(database, "environment_stamp/read")
    return str(rows[0]["environment"]) if rows else None


def _must_be_ours(settings: Settings, what: str, found: str) -> None:
    if found != settings.environment:
        raise ConfigurationError(
            f"{what} belongs to {found}, and this is {settings.environment}: correct the environment's settings"
        )


def _bucket(settings: Settings) -> str:
    return f"bucket {settings.storage.bucket}"


def _database(settings: Settings) -> str:
    return f"database {settings.warehouse.database}"
