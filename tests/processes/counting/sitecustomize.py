"""Put on $PYTHONPATH of a door: notes each S3 request and each statement to MySQL, one word a line in $TEST_COUNTS."""

import os

import botocore.client
import pymysql.connections

_client, _connection = vars(botocore.client)["BaseClient"], vars(pymysql.connections)["Connection"]
_call, _execute = vars(_client)["_make_api_call"], vars(_connection)["_execute_command"]


def _note(what: str) -> None:
    descriptor = os.open(os.environ["TEST_COUNTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{what}\n".encode())
    os.close(descriptor)


def _counted_call(client: object, name: str, arguments: dict[str, object]) -> object:
    _note(name)
    return _call(client, name, arguments)


def _counted_execute(connection: object, command: int, sql: str | bytes) -> None:
    _note("statement")
    _execute(connection, command, sql)


_client._make_api_call = _counted_call  # noqa: SLF001  where all requests pass
_connection._execute_command = _counted_execute  # noqa: SLF001  where all statements pass
