"""The embedded MySQL-compatible server: MariaDB from its jar, a database and two users per environment.

`root` comes in by the unix socket as the operating system's user only. The writer of an environment has no grants
until provisioning gives it some; the migration user owns the environment's database and no other.
"""

import getpass
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from deployments.embedded.environments import Environment, environments
from deployments.embedded.ports import ADDRESS
from deployments.embedded.processes import last_lines, log_file
from deployments.embedded.server import Launch, Server
from deployments.embedded.vault import password
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import home, jars

SOCKET_PATH_LIMIT = 100
ANSWER_SECONDS = 3
STATEMENTS = Path(__file__).with_suffix(".sql")

OPTIONS = {
    "bind-address": ADDRESS,
    "skip-name-resolve": "1",
    # else it makes a certificate at each start, which takes up to 12 s; nothing leaves this machine
    "ssl": "0",
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_bin",
    "sql-mode": "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    "max-allowed-packet": "64M",
    "innodb-buffer-pool-size": "128M",
    "innodb-log-file-size": "64M",
    "max-connections": "100",
}


class DatabaseServer(Server):
    """MariaDB with a data folder, a socket and a port of its own."""

    name = "database"
    default_port = 13306

    def prepare(self) -> None:
        """Make the data folder with the system tables, whole or not at all, and a folder for temporary files."""
        _temporary().mkdir(parents=True, exist_ok=True)
        data = _folder() / "data"
        if not data.exists():
            _must_be_there()
            draft = _folder() / "data.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            _install(draft)
            draft.rename(data)

    def launch(self) -> Launch:
        """The server with all its options in a file."""
        _must_be_there()
        file = _folder() / "server.cnf"
        return Launch(
            command=[str(_program() / "bin" / "mariadbd"), f"--defaults-file={file}", *_as_root()],
            variables=_libraries(),
            files={file: self._options()},
        )

    def answers(self) -> bool:
        """Ask for a constant over the network port, greeted by the server that owns our socket."""
        try:
            with _root() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT @@port")
                return cursor.fetchone() == (self.port,)
        except pymysql.err.MySQLError:
            return False

    def settle(self) -> None:
        """Make each environment's database and users, with the passwords of this checkout."""
        statements = [part.strip() for part in STATEMENTS.read_text(encoding="utf-8").split(";\n") if part.strip()]
        with _root() as connection, connection.cursor() as cursor:
            for environment in environments():
                for statement in statements:
                    _execute(cursor, statement, environment)

    def _options(self) -> str:
        places = {
            "basedir": _program(),
            "datadir": _folder() / "data",
            "socket": _socket(),
            "port": self.port,
            "pid-file": _folder() / "server.pid",
            "lc-messages-dir": _program() / "share",
            "tmpdir": _temporary(),
        }
        lines = [f"{name} = {value}" for name, value in {**OPTIONS, **places}.items()]
        return "\n".join(["[mariadbd]", *lines, ""])


def writer(environment: str) -> str:
    """The user of an environment's stream and flows."""
    return f"tillstream_{environment}"


def migrator(environment: str) -> str:
    """The user that makes tables and gives grants."""
    return f"tillstream_{environment}_migrator"


def _execute(cursor: Cursor, statement: str, environment: Environment) -> None:
    """Run one statement; names cannot be bound, so they are put in: they are checked words, never a caller's text."""
    if not environment.database.replace("_", "").isalnum():
        raise ConfigurationError(f"{environment.name}: {environment.database!r} is no name for a database")
    named = statement.replace("{database}", environment.database).replace(
        "{database_pattern}", environment.database.replace("_", r"\_")
    )
    cursor.execute(
        named,
        {
            "writer": writer(environment.name),
            "writer_password": password(f"database-{environment.name}-writer"),
            "migrator": migrator(environment.name),
            "migrator_password": password(f"database-{environment.name}-migrator"),
        },
    )


def _root() -> "pymysql.connections.Connection[Cursor]":
    return pymysql.connect(
        unix_socket=str(_socket()),
        user="root",
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=ANSWER_SECONDS,
        read_timeout=ANSWER_SECONDS,
    )


def _install(data: Path) -> None:
    log = log_file("database")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            [
                _program() / "scripts" / "mariadb-install-db",
                "--no-defaults",
                f"--basedir={_program()}",
                f"--datadir={data}",
                # servers delete each other's temporary tables from a folder that they share when they start
                f"--tmpdir={_temporary()}",
                "--auth-root-authentication-method=socket",
                f"--auth-root-socket-user={getpass.getuser()}",
                "--skip-test-db",
                "--skip-name-resolve",
                *_as_root(),
            ],
            env={**os.environ, **_libraries()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        said = " | ".join(last_lines(log, amount=3, saying="ERROR") or last_lines(log, amount=3))
        raise ConfigurationError(f"MariaDB could not make {data}: {said}; see {log}")


def _must_be_there() -> None:
    if not (_program() / "bin" / "mariadbd").is_file():
        raise ConfigurationError(f"no MariaDB in {_program()}: run `make jars`")


def _program() -> Path:
    return (jars() / "database" / "mariadb").resolve()


def _folder() -> Path:
    return home() / "database"


def _temporary() -> Path:
    return _folder() / "tmp"


def _socket() -> Path:
    """The socket in the data's folder, or in the temporary one where that path is too long for a socket."""
    inside = _folder() / "server.sock"
    if len(str(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    shortened = hashlib.sha256(str(inside).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tillstream-{shortened}.sock"


def _libraries() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": str(_program() / "libs")}


def _as_root() -> list[str]:
    """MariaDB runs as root only where told so."""
    return ["--user=root"] if os.geteuid() == 0 else []
