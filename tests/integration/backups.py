"""A backup as docs/operators.md takes it: the database by the server's own dump client, then the bucket."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession

from streaming.contract.places import jars
from streaming.stamps import stamp
from streaming.warehouse.grants import grant_to_writer
from streaming.warehouse.migrations import migrate
from tests.shop import Shop


@dataclass(frozen=True, kw_only=True)
class Backup:
    """All of an environment at one moment: its database as SQL, its objects by key."""

    dump: bytes
    objects: dict[str, bytes]

    def landing(self, shop: Shop) -> dict[str, bytes]:
        """What lay in landing, by name."""
        prefix = shop.settings.storage.prefixes.landing
        return {key.removeprefix(prefix): body for key, body in self.objects.items() if key.startswith(prefix)}


def backed_up(shop: Shop) -> Backup:
    """Database first, bucket second."""
    database = shop.settings.warehouse.database
    with _option_file(shop) as file:
        dump = _client(
            "mariadb-dump", f"--defaults-extra-file={file}", "--single-transaction", "--no-tablespaces", database
        )
    return Backup(dump=dump, objects={key: _body(shop, key) for key in _keys(shop)})


def put_database_back(shop: Shop, backup: Backup) -> None:
    """An empty database of the same name, what was dumped of it, and whatever provisioning has to add."""
    name = shop.settings.warehouse.database
    anew = f"CREATE DATABASE {name} DEFAULT CHARACTER SET utf8mb4 DEFAULT COLLATE utf8mb4_bin"
    with _option_file(shop) as file:
        _client("mariadb", f"--defaults-extra-file={file}", "-e", f"DROP DATABASE {name}; {anew}")
        _client("mariadb", f"--defaults-extra-file={file}", name, given=backup.dump)
    migrate(shop.settings)
    stamp(shop.settings)
    grant_to_writer(shop.settings)


def put_bucket_back(shop: Shop, backup: Backup, spark: SparkSession, *, with_landing: bool) -> None:
    """Each prefix whole, nothing beside it; a stream that begins after that knows no other log of the lake."""
    for key in _keys(shop):
        shop.bucket.client.delete_object(Bucket=shop.bucket.storage.bucket, Key=key)
    for key, body in backup.objects.items():
        if with_landing or not key.startswith(shop.settings.storage.prefixes.landing):
            shop.bucket.put(key, body)
    spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()  # type: ignore[union-attr]  # noqa: SLF001  stands for the start of another process


def _keys(shop: Shop) -> list[str]:
    own = shop.settings.storage.prefixes.landing.split("/", maxsplit=1)[0]
    return [arrival.object_key for arrival in shop.bucket.listing(f"{own}/")]


def _body(shop: Shop, key: str) -> bytes:
    return shop.bucket.client.get_object(Bucket=shop.bucket.storage.bucket, Key=key)["Body"].read()


@contextmanager
def _option_file(shop: Shop) -> Iterator[Path]:
    """The migration user's login, where no list of processes shows it."""
    warehouse = shop.settings.warehouse
    if warehouse.migration_password is None:
        raise ValueError("the embedded database has a migration user")
    options = {
        "host": warehouse.host,
        "port": warehouse.port,
        "user": warehouse.migration_user,
        "password": warehouse.migration_password.get_secret_value(),
    }
    with TemporaryDirectory() as folder:
        file = Path(folder) / "backup.cnf"
        file.touch(mode=0o600)
        lines = [f'{name} = "{value}"' for name, value in options.items()]
        file.write_text("\n".join(["[client]", *lines, "skip-ssl", ""]), encoding="utf-8")
        yield file


def _client(program: str, *arguments: str, given: bytes = b"") -> bytes:
    """What one of MariaDB's own clients writes."""
    folder = (jars() / "database" / "mariadb").resolve()
    done = subprocess.run(
        [folder / "bin" / program, *arguments],
        env={**os.environ, "LD_LIBRARY_PATH": str(folder / "libs")},
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
