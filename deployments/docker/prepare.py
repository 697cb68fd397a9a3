"""Make what compose.yaml mounts, once: `python -m deployments.docker.prepare`.

Passwords, keys and logins are random, a file each; an environment's own file names the servers of Compose and holds
tokens. Containers read them as users of their own, so the files are open, and their folder is closed to others.
"""

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deployments.embedded.database import STATEMENTS, migrator, writer
from deployments.embedded.environments import environment
from streaming.contract.credentials import encrypt, new_key
from streaming.contract.errors import TillstreamError
from streaming.contract.places import home
from streaming.contract.settings import ENVIRONMENTS, EnvironmentName

PASSWORD_BYTES = 24
REGION = "us-east-1"
"""What versitygw calls itself."""
OPEN, CLOSED = 0o444, 0o700
LOGIN_USER = "tillstream"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the folder unless it is there: its passwords are those of the servers' volumes from then on."""
    parser = argparse.ArgumentParser(prog="python -m deployments.docker.prepare", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to (default: .tillstream/docker)")
    folder: Path = parser.parse_args(arguments).folder or home() / "docker"
    if (folder / "secrets").is_dir():
        sys.stdout.write(f"{folder} is there already, nothing was changed\n")
        return 0
    try:
        prepare(folder)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.write(f"made {folder}; whoever logs in to Prefect's UI finds the line in {folder / 'secrets/login'}\n")
    return 0


def prepare(folder: Path) -> None:
    """Write all files; the secrets come last and at once, so that a folder with secrets is a whole one."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(CLOSED)
    login, database = f"{LOGIN_USER}:{_password()}", _password()
    files = {
        "login": login,
        "mysql-root": _password(),
        "postgres": database,
        "prefect-server": _prefect_server(login, database),
        "prefect-client": _prefect_client(login),
    }
    statements = []
    for name in ENVIRONMENTS:
        key, s3_id, s3_secret, writes, migrates = new_key(), f"tillstream-{name}", _password(), _password(), _password()
        files[f"key-{name}"] = key
        files[f"s3-{name}"] = _assignments(ROOT_ACCESS_KEY_ID=s3_id, ROOT_SECRET_ACCESS_KEY=s3_secret)
        statements.append(_users(name, writes, migrates))
        _write(folder / "environments" / f"{name}.toml", _environment(name, key, (s3_id, s3_secret, writes, migrates)))
    files["mysql-users.sql"] = "\n".join(statements)
    with tempfile.TemporaryDirectory(dir=folder, prefix="draft-") as draft:
        for secret, text in files.items():
            _write(Path(draft) / "secrets" / secret, text)
        (Path(draft) / "secrets").rename(folder / "secrets")


def _environment(name: EnvironmentName, key: str, given: tuple[str, str, str, str]) -> str:
    """The overlay of an environment's file: where the servers of Compose are, secrets as tokens."""
    s3_id, s3_secret, writes, migrates = (encrypt(secret, keys=[key]) for secret in given)
    return f"""\
# written by deployments.docker.prepare; goes over deployments/environments/{name}.toml
# plain_text: what containers of one machine say to each other leaves it not
[storage]
endpoint = "http://s3-{name}:7070"
plain_text = true
region = "{REGION}"
access_key = "{s3_id}"
secret_key = "{s3_secret}"

[warehouse]
host = "mysql"
plain_text = true
user = "{writer(name)}"
password = "{writes}"
migration_user = "{migrator(name)}"
migration_password = "{migrates}"
"""


def _users(name: EnvironmentName, writes: str, migrates: str) -> str:
    """The statements by which the database's owner makes database and users; MySQL's image runs them once."""
    database = environment(name).database
    text = STATEMENTS.read_text(encoding="utf-8").replace("{database}", database)
    given = {
        "writer": writer(name),
        "writer_password": writes,
        "migrator": migrator(name),
        "migrator_password": migrates,
    }
    quoted = {field: f"'{value}'" for field, value in given.items()}
    return text.replace("{database_pattern}", database.replace("_", r"\_")) % quoted


def _prefect_server(login: str, database: str) -> str:
    return _assignments(
        PREFECT_SERVER_API_AUTH_STRING=login,
        PREFECT_SERVER_ENCRYPTION_KEY=new_key(),
        PREFECT_SERVER_DATABASE_CONNECTION_URL=f"postgresql+asyncpg://prefect:{database}@postgres:5432/prefect",
    )


def _prefect_client(login: str) -> str:
    """A profile file, so that a worker's login is in no variable of its container."""
    return f"""\
active = "tillstream"

[profiles.tillstream]
PREFECT_API_URL = "http://prefect:4200/api"
PREFECT_API_AUTH_STRING = "{login}"
"""


def _assignments(**values: str) -> str:
    """Lines that a shell reads; none of these values has a quote in it."""
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def _password() -> str:
    return secrets.token_hex(PASSWORD_BYTES)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(OPEN)


if __name__ == "__main__":
    sys.exit(main())
