"""Oracle's MySQL for the tests, where `REAL_MYSQL` is set: strict mode, `caching_sha2_password`, its own SQL."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pymysql

from deployments.embedded.database import migrator, writer
from deployments.embedded.ports import ADDRESS
from deployments.embedded.vault import password
from streaming.contract.places import CHECKOUT
from tests.policies.gateway import free_port

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

REAL_MYSQL = "TILLSTREAM_REAL_MYSQL"
ROOT = CHECKOUT / ".tillstream" / "tools" / "mysql" / "root"
LIBRARIES = ROOT / "usr/lib/x86_64-linux-gnu"
# without TLS, so that `caching_sha2_password` has to encrypt by itself, and the proxy of the faults can read along
OPTIONS = (
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=128M",
    "--skip-log-bin",
    "--tls-version=",
)
PATIENCE_SECONDS = 60
USERS = (
    "CREATE DATABASE tillstream_dev",
    "CREATE USER %(writer)s@'%%' IDENTIFIED WITH caching_sha2_password BY %(writer_password)s",
    "CREATE USER %(migrator)s@'%%' IDENTIFIED WITH caching_sha2_password BY %(migrator_password)s",
    r"GRANT ALL ON `tillstream\_dev`.* TO %(migrator)s@'%%' WITH GRANT OPTION",
)


def is_real() -> bool:
    """True when the tests are to run on Oracle's MySQL."""
    return REAL_MYSQL in os.environ


@contextmanager
def real_mysql(home: Path) -> Iterator[None]:
    """A server with the database and the users of `dev`, who is told of it; stopped at the end."""
    # a socket's path may not be long
    with TemporaryDirectory(prefix="tillstream-mysql-") as folder:
        data, port = Path(folder) / "data", free_port()
        _mysqld(data, "--initialize-insecure").wait(PATIENCE_SECONDS)
        socket = Path(folder) / "socket"
        process = _mysqld(data, f"--bind-address={ADDRESS}", f"--port={port}", f"--socket={socket}", *OPTIONS)
        try:
            _await(socket, process)
            _make_users(socket)
            overlay = home / "mysql"
            overlay.mkdir()
            (overlay / "dev.toml").write_text(f'[warehouse]\nhost = "{ADDRESS}"\nport = {port}\n', encoding="utf-8")
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _mysqld(data: Path, *options: str) -> "subprocess.Popen[bytes]":
    """The server under the loader and the libraries that it was built for."""
    command = [
        *(str(LIBRARIES / "ld-linux-x86-64.so.2"), "--library-path", str(LIBRARIES)),
        *(str(ROOT / "usr/sbin/mysqld"), "--no-defaults", "--user=root", f"--datadir={data}"),
        *(f"--basedir={ROOT / 'usr'}", f"--plugin-dir={ROOT / 'usr/lib/mysql/plugin'}"),
    ]
    with (data.parent / "log").open("ab") as log:
        return subprocess.Popen([*command, *options], stdout=log, stderr=log)


def _await(socket: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with _root(socket):
                return
        except pymysql.err.MySQLError:
            assert process.poll() is None, "MySQL died"
            assert time.monotonic() < end, "MySQL does not answer"
            time.sleep(0.2)


def _make_users(socket: Path) -> None:
    names = {
        "writer": writer("dev"),
        "writer_password": password("database-dev-writer"),
        "migrator": migrator("dev"),
        "migrator_password": password("database-dev-migrator"),
    }
    with _root(socket) as connection, connection.cursor() as cursor:
        for statement in USERS:
            cursor.execute(statement, names)


def _root(socket: Path) -> "pymysql.connections.Connection[Cursor]":
    return pymysql.connect(unix_socket=str(socket), user="root", autocommit=True)
