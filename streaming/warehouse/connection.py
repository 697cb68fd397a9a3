"""Connections and transactions; every MySQL failure leaves here as an error that says what should happen next."""

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pymysql
from pydantic import SecretStr
from pymysql.cursors import DictCursor

from streaming.contract.chunks import chunks_of
from streaming.contract.errors import ConfigurationError, ContractError, ServiceAwayError, TillstreamError
from streaming.contract.sections import Warehouse
from streaming.tls import is_disbelief, trusting

if TYPE_CHECKING:
    from pymysql.connections import Connection

    _DictConnection = Connection[DictCursor]
else:
    _DictConnection = pymysql.connections.Connection

log = logging.getLogger(__name__)

Row = dict[str, object]
Database: TypeAlias = "Connection[DictCursor]"
Result = TypeVar("Result")

TAKEN = frozenset({1205, 1213})
"""A lock was waited for too long, or two transactions waited for each other."""
NO_TLS = 2026
"""The server has none, or PyMySQL was told to do without; here also: it could not prove who it is."""
REMEDIES: tuple[tuple[frozenset[int], type[TillstreamError], str], ...] = (
    (frozenset({1054, 1146}), ContractError, "run `python -m flows.provision` for its environment"),
    (
        frozenset({1044, 1142, 1143}),
        ConfigurationError,
        "run `python -m flows.provision` for its environment, or check the grants",
    ),
    (
        frozenset({1045, 1049, 1227, 1698}),
        ConfigurationError,
        "check user, password, database and grants in the environment file",
    ),
    (frozenset({NO_TLS}), ConfigurationError, "check warehouse.host and tls_ca, or the server's certificate"),
    (TAKEN, ServiceAwayError, "somebody else holds rows that are needed here: it may go well later"),
)
"""What is to be done about errors, by MySQL's numbers: no such table or column, no right, refused, …"""
TRIES = 5
ROWS_AT_ONCE = 10_000
SQL = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The SQL of one statement, named as `table/action`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8").strip().removesuffix(";")


@contextmanager
def connected(warehouse: Warehouse, *, as_migrator: bool = False) -> Iterator[Database]:
    """A connection to the environment's database, closed at the end; nothing is committed by itself.

    Raises:
        ServiceAwayError: the server does not answer, or went away in the middle.
        ConfigurationError: it refuses the user, the password or the database.
        ContractError: a table is missing.
    """
    with _explained(warehouse):
        connection = open_connection(warehouse, as_migrator=as_migrator)
        try:
            yield connection
        finally:
            _close_quietly(connection)


def open_connection(warehouse: Warehouse, *, as_migrator: bool = False) -> Database:
    """A connection that the caller closes; READ COMMITTED, with timeouts on every call.

    A wait for a lock ends first, by MySQL's own word: a call that is given up may still be done by the server.
    """
    user, password = _migrator(warehouse) if as_migrator else (warehouse.user, warehouse.password)
    connection = _Connection(
        host=warehouse.host,
        port=warehouse.port,
        user=user,
        password=password.get_secret_value(),
        database=warehouse.database,
        charset="utf8mb4",
        cursorclass=DictCursor,
        autocommit=False,
        connect_timeout=warehouse.connect_timeout_seconds,
        read_timeout=warehouse.read_timeout_seconds,
        write_timeout=warehouse.read_timeout_seconds,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        ssl=_verified_tls(warehouse),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION innodb_lock_wait_timeout = %s", (max(1, warehouse.read_timeout_seconds // 3),))
    return connection


def fetch(connection: Database, name: str, **values: object) -> list[Row]:
    """All rows of one query from `sql/`."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return list(cursor.fetchall())


def execute(connection: Database, name: str, **values: object) -> int:
    """Run one statement from `sql/`; the number of rows it changed."""
    with connection.cursor() as cursor:
        return cursor.execute(statement(name), values)


def insert(connection: Database, name: str, **values: object) -> int:
    """Run one INSERT from `sql/`; the id the database gave the row."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return int(cursor.lastrowid or 0)


def execute_many(connection: Database, name: str, rows: Iterable[Mapping[str, object]]) -> int:
    """Run one statement for each row, INSERTs many rows to a round trip; the number of rows changed."""
    changed = 0
    with connection.cursor() as cursor:
        for chunk in chunks_of(rows, ROWS_AT_ONCE):
            changed += cursor.executemany(statement(name), chunk) or 0
    return changed


@contextmanager
def transaction(connection: Database) -> Iterator[None]:
    """All or nothing: commit at the end, roll back on any error."""
    connection.begin()
    try:
        yield
    except BaseException:
        _roll_back_quietly(connection)
        raise
    connection.commit()


def retrying(work: Callable[[], Result]) -> Result:
    """Run a whole transaction again when InnoDB chose it as the victim of a deadlock or a lock wait."""
    for attempt in range(1, TRIES):
        try:
            return work()
        except pymysql.err.OperationalError as error:
            if error.args[0] not in TAKEN:
                raise
            log.warning("MySQL error %s, attempt %d of %d", error.args[0], attempt, TRIES)
            time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311  jitter, not cryptography
    return work()


@contextmanager
def _explained(warehouse: Warehouse) -> Iterator[None]:
    try:
        yield
    except pymysql.err.MySQLError as error:
        raise explain(error, warehouse) from error
    except (TimeoutError, ConnectionError) as error:
        raise ServiceAwayError(f"MySQL at {warehouse.host}:{warehouse.port}: {error}") from error


def explain(error: pymysql.err.MySQLError, warehouse: Warehouse) -> TillstreamError:
    """The project's error for one of PyMySQL's, named by what should happen next."""
    # asked of what kept PyMySQL from connecting alone: other errors repeat values, which may say anything
    is_other = is_disbelief(getattr(error, "original_exception", None))
    code = NO_TLS if is_other else error.args[0] if error.args else 0
    text = f"MySQL at {warehouse.host}:{warehouse.port}, database {warehouse.database}: {_one_line(error)}"
    for codes, kind, remedy in REMEDIES:
        if code in codes:
            return kind(f"{text}; {remedy}")
    if isinstance(error, pymysql.err.OperationalError | pymysql.err.InterfaceError):
        return ServiceAwayError(f"{text}; is the server up? (`make status` shows the embedded one)")
    return ContractError(text)


def _one_line(error: pymysql.err.MySQLError) -> str:
    """PyMySQL says nothing at all of a connection that it gave up before."""
    return " ".join(str(error.args[1] if len(error.args) > 1 else error).split()) or "the connection is lost"


def _migrator(warehouse: Warehouse) -> tuple[str, SecretStr]:
    if warehouse.migration_user is None or warehouse.migration_password is None:
        raise ConfigurationError(
            f"database {warehouse.database}: changing tables needs warehouse.migration_user and migration_password"
        )
    return warehouse.migration_user, warehouse.migration_password


class _Connection(_DictConnection):
    """Without a context PyMySQL still encrypts where the server can, and reads all CAs for it, in vain."""

    def _create_ssl_ctx(self, sslp: ssl.SSLContext | Mapping[str, object]) -> ssl.SSLContext:
        return sslp if isinstance(sslp, ssl.SSLContext) else _unverified_tls()


def _verified_tls(warehouse: Warehouse) -> ssl.SSLContext | None:
    return trusting(warehouse.tls_ca) if warehouse.is_verified else None


def _unverified_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _roll_back_quietly(connection: Database) -> None:
    try:
        connection.rollback()
    except pymysql.err.MySQLError as error:
        log.debug("could not roll back, the server does it itself: %s", error)


def _close_quietly(connection: Database) -> None:
    try:
        connection.close()
    except pymysql.err.MySQLError as error:
        log.debug("connection was closed already: %s", error)
