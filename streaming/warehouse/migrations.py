"""Numbered migrations: `migrations/NNNN_name.sql`, each applied once, in order, under the migration user."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from streaming.contract.errors import ContractError
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, connected, fetch, insert, statement

if TYPE_CHECKING:
    from pymysql.cursors import DictCursor

log = logging.getLogger(__name__)

DUPLICATE_COLUMN = 1060
DUPLICATE_KEY_NAME = 1061
FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of statements; it may run again after dying half-way."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text: an applied migration must never change."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """The statements one by one; each ends with a semicolon at a line's end."""
        return (part.strip() for part in f"{self.sql}\n".split(";\n") if part.strip())


def all_migrations() -> list[Migration]:
    """Every migration the project has, in order."""
    files = sorted(FOLDER.glob("[0-9]*.sql"))
    return [Migration(int(file.stem[:4]), file.stem, file.read_text(encoding="utf-8")) for file in files]


def migrate(settings: Settings) -> list[str]:
    """Apply what is missing; returns the names applied, none when the database is up to date.

    Raises:
        ContractError: an applied migration differs from the file of its number.
    """
    with connected(settings.warehouse, as_migrator=True) as database:
        with database.cursor() as cursor:
            cursor.execute(statement("schema_migrations/create"))
        missing = list(_missing(all_migrations(), _applied(database)))
        for migration in missing:
            _apply(database, migration)
    return [migration.name for migration in missing]


def require_migrated(database: Database, settings: Settings) -> None:
    """Raise a ContractError that names what the database lacks and how to add it."""
    missing = [migration.name for migration in _missing(all_migrations(), _applied(database))]
    if missing:
        raise ContractError(
            f"database {settings.warehouse.database} lacks {', '.join(missing)}: "
            f"run `python -m flows.provision --environment {settings.environment}`"
        )


def has_table(database: Database, name: str) -> bool:
    """True when the environment's database has the table."""
    return bool(fetch(database, "schema_migrations/has_table", wanted=name))


def _applied(database: Database) -> dict[int, str]:
    return {int(str(row["version"])): str(row["checksum"]) for row in fetch(database, "schema_migrations/applied")}


def _missing(migrations: Iterable[Migration], applied: dict[int, str]) -> Iterator[Migration]:
    for migration in migrations:
        checksum = applied.get(migration.version)
        if checksum is None:
            yield migration
        elif checksum != migration.checksum:
            raise ContractError(f"migration {migration.name} was changed after it was applied: add a new one instead")


def _apply(database: Database, migration: Migration) -> None:
    with database.cursor() as cursor:
        for part in migration.statements():
            _execute_once(cursor, part)
    insert(database, "schema_migrations/insert", **_record(migration))
    database.commit()
    log.info("applied migration %s", migration.name)


def _execute_once(cursor: "DictCursor", part: str) -> None:
    """Run a statement; columns and keys that are there already were added before the migration died half-way."""
    try:
        cursor.execute(part)
    except pymysql.err.OperationalError as error:
        if error.args[0] not in {DUPLICATE_COLUMN, DUPLICATE_KEY_NAME}:
            raise


def _record(migration: Migration) -> dict[str, object]:
    return {"version": migration.version, "migration": migration.name, "checksum": migration.checksum}
