"""Credentials of an environment's own servers: `python -m deployments.credentials encrypt`, `rotate` and others.

A secret comes from standard input or a question without echo, never from the command line.
"""

import argparse
import getpass
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from deployments.embedded.vault import write_private
from streaming.contract.credentials import decrypt, encrypt, new_key, read_keys
from streaming.contract.errors import TillstreamError, UsageError
from streaming.contract.places import environment_folders, key_file
from streaming.contract.settings import ENVIRONMENTS, read_settings
from streaming.contract.tokens import SECRETS

TOKEN = re.compile(
    rf'^(?P<before>\s*(?:{"|".join(name for _, name in SECRETS)})\s*=\s*")(?P<token>[^"]+)(?P<after>".*)$'
)
"""A line of an environment file that holds a token."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; errors are one line and an exit code."""
    asked = _parser().parse_args(arguments)
    actions = {"new-key": add_key, "encrypt": encrypt_one, "decrypt": decrypt_one, "rotate": rotate, "check": check}
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
    return (
        f"{file} has {len(older) + 1} keys now, the new one first; "
        f"`rotate` makes the tokens anew with it, then the old ones can be dropped"
    )


def encrypt_one(environment: str) -> str:
    """The token of a secret that is typed, or comes as the one line of standard input."""
    keys = _keys(environment)
    return encrypt(_asked_for("secret"), keys=keys)


def decrypt_one(environment: str) -> str:
    """The secret behind a token that is typed, or comes as the one line of standard input."""
    keys = _keys(environment)
    return decrypt(_asked_for("token"), keys=keys, field="the token")


def rotate(environment: str) -> str:
    """Make every token of the environment's files anew with the newest key; runs at work read both meanwhile."""
    keys = _keys(environment)
    files = [file for folder in environment_folders() if (file := folder / f"{environment}.toml").is_file()]
    done = sum(_rotate_file(file, keys) for file in files)
    return f"{done} tokens in {len(files)} files are of the newest key; run `provision` to renew the blocks"


def check(environment: str) -> str:
    """Read the settings, which decrypts every token."""
    settings = read_settings(environment)
    where = settings.storage.endpoint or f"AWS {settings.storage.region}"
    warehouse = settings.warehouse
    return (
        f"{environment}: all tokens decrypt; bucket {settings.storage.bucket} at {where}, "
        f"database {warehouse.database} at {warehouse.host}:{warehouse.port}"
    )


def _rotate_file(file: Path, keys: list[str]) -> int:
    """Change the tokens and nothing else; the file is replaced as a whole, so that a reader finds old or new."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [(index, match) for index, line in enumerate(lines) if (match := TOKEN.match(line))]
    for index, match in found:
        secret = decrypt(match["token"], keys=keys, field=f"{file}, line {index + 1}")
        lines[index] = f"{match['before']}{encrypt(secret, keys=keys)}{match['after']}"
    if found:
        mode = file.stat().st_mode
        write_private(file, "\n".join(lines) + "\n")
        file.chmod(mode)
    return len(found)


def _keys(environment: str) -> list[str]:
    return read_keys(environment, default_file=key_file(environment))


def _asked_for(what: str) -> str:
    given = getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not given:
        raise UsageError(f"no {what} given: type it, or pass it on standard input")
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.credentials", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    for action, meaning in (
        ("new-key", "make a key, put before older ones in the environment's key file"),
        ("encrypt", "print the token of a secret, to be put into deployments/environments/<environment>.toml"),
        ("decrypt", "print the secret behind a token"),
        ("rotate", "make every token of the environment's files anew with the newest key"),
        ("check", "read the environment's settings and decrypt every token"),
    ):
        actions.add_parser(action, help=meaning).add_argument("--environment", choices=ENVIRONMENTS, required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
