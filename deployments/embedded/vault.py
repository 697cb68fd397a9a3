"""Passwords of the embedded servers: random, made at first use, one file each of mode 0600."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from streaming.contract.places import home

PASSWORD_BYTES = 24


def password(name: str) -> str:
    """The password of that name."""
    return _kept(name, lambda: secrets.token_hex(PASSWORD_BYTES))


def login(name: str, *, user: str) -> str:
    """The login of that name, as `user:password`."""
    return _kept(name, lambda: f"{user}:{secrets.token_hex(PASSWORD_BYTES)}")


def fernet_key(name: str) -> str:
    """The Fernet key of that name."""
    return _kept(name, lambda: Fernet.generate_key().decode())


def place(name: str) -> Path:
    """The file that holds the secret of that name."""
    return home() / "secrets" / name


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(file)


def _kept(name: str, make: Callable[[], str]) -> str:
    file = place(name)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_first(file, make())
    return file.read_text()


def _write_first(file: Path, text: str) -> None:
    """Write the file unless another process was quicker: its secret is then the one to keep."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.first")
    write_private(draft, text)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
