"""Secrets at rest: Fernet tokens in the environment files, the key from outside."""

import os
import shlex
import stat
import subprocess
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from streaming.contract.errors import ConfigurationError

KEY_VARIABLE = "TILLSTREAM_KEY"
KEY_FILE_VARIABLE = "TILLSTREAM_KEY_FILE"
KEY_COMMAND_VARIABLE = "TILLSTREAM_KEY_COMMAND"
COMMAND_SECONDS = 30


def new_key() -> str:
    """A fresh Fernet key, 44 characters of base64."""
    return Fernet.generate_key().decode()


def encrypt(secret: str, *, keys: list[str]) -> str:
    """The secret as a token under the first of the keys."""
    return _cipher(keys).encrypt(secret.encode()).decode()


def decrypt(token: str, *, keys: list[str], field: str) -> str:
    """The secret behind a token that any of the keys made.

    Raises:
        ConfigurationError: no key fits; `field` says whose token it is, the token itself is not shown.
    """
    try:
        return _cipher(keys).decrypt(token.encode()).decode()
    except InvalidToken:
        raise ConfigurationError(
            f"{field}: none of the keys decrypts it; encrypt it again with `python -m deployments.credentials`"
        ) from None


def read_keys(environment: str, *, default_file: Path) -> list[str]:
    """The environment's keys, newest first.

    They come from $TILLSTREAM_KEY, else from what $TILLSTREAM_KEY_COMMAND writes, such as a vault's client, else from
    the file that $TILLSTREAM_KEY_FILE names, else from the default file.

    Raises:
        ConfigurationError: there is no key, the command fails, or others than its owner may read the key file.
    """
    if given := os.environ.get(KEY_VARIABLE):
        return given.replace(",", " ").split()
    if command := os.environ.get(KEY_COMMAND_VARIABLE):
        return _written_by(command, environment)
    file = Path(os.environ.get(KEY_FILE_VARIABLE) or default_file)
    if not file.is_file():
        raise ConfigurationError(
            f"no key to the credentials of {environment}: set {KEY_VARIABLE}, {KEY_COMMAND_VARIABLE}, or "
            f"{KEY_FILE_VARIABLE} to a file of mode 0600 ({file} does not exist; `make up` makes one for the embedded "
            "servers)"
        )
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"key file {file} is open to other users: run `chmod 600 {file}`")
    return file.read_text().split()


def _written_by(command: str, environment: str) -> list[str]:
    """What the command writes, told the environment by its variable; nothing of that is ever shown."""
    variables = {**os.environ, "TILLSTREAM_ENVIRONMENT": environment}
    try:
        done = subprocess.run(
            shlex.split(command), env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{KEY_COMMAND_VARIABLE} gave no key: {type(error).__name__}") from None
    if done.returncode or not done.stdout.split():
        raise ConfigurationError(f"{KEY_COMMAND_VARIABLE} gave no key: it ended with exit code {done.returncode}")
    return done.stdout.split()


def _cipher(keys: list[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ConfigurationError("a key to the credentials is not a Fernet key (44 characters of base64)") from None
