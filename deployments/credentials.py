"""Credentials of an environment's own servers: `python -m deployments.credentials new-key|encrypt|check`.

A secret comes from standard input or a question without echo, never from the command line.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence

from deployments.embedded.vault import write_private
from streaming.contract.credentials import encrypt, new_key, read_keys
from streaming.contract.errors import TillstreamError, UsageError
from streaming.contract.places import key_file
from streaming.contract.settings import ENVIRONMENTS, read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; errors are one line and an exit code."""
    asked = _parser().parse_args(arguments)
    actions = {"new-key": add_key, "encrypt": encrypt_one, "check": check}
    try:
        sys.stdout.write(f"{actions[asked.action](asked.environment)}\n")
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def add_key(environment: str) -> str:
    """Put a new key before those the environment has: new tokens are made with it, old ones still read."""
    file = key_file(environment)
    older = file.read_text().split() if file.is_file() else []
    write_private(file, "\n".join([new_key(), *older]) + "\n")
    return f"{file} has {len(older) + 1} keys now, the new one first; encrypt the secrets again, then drop the old"


def encrypt_one(environment: str) -> str:
    """The token of a secret that is typed, or comes as the one line of standard input."""
    keys = read_keys(environment, default_file=key_file(environment))
    secret = getpass.getpass("secret: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not secret:
        raise UsageError("no secret given: type it, or pass it on standard input")
    return encrypt(secret, keys=keys)


def check(environment: str) -> str:
    """Read the settings, which decrypts every token."""
    settings = read_settings(environment)
    where = settings.storage.endpoint or f"AWS {settings.storage.region}"
    warehouse = settings.warehouse
    return (
        f"{environment}: all tokens decrypt; bucket {settings.storage.bucket} at {where}, "
        f"database {warehouse.database} at {warehouse.host}:{warehouse.port}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.credentials", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    for action, meaning in (
        ("new-key", "make a key, put before older ones in the environment's key file"),
        ("encrypt", "print the token of a secret, to be put into deployments/environments/<environment>.toml"),
        ("check", "read the environment's settings and decrypt every token"),
    ):
        actions.add_parser(action, help=meaning).add_argument("--environment", choices=ENVIRONMENTS, required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
