"""What the committed environment files say about the embedded servers, and the overlay that tells how to reach them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from deployments.embedded.vault import write_private
from streaming.contract.credentials import encrypt, new_key, read_keys
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import CHECKOUT, home, key_file
from streaming.contract.settings import ENVIRONMENTS, EnvironmentName
from streaming.contract.tokens import SECRETS

COMMITTED = CHECKOUT / "deployments" / "environments"
OWN_STORAGE = ("endpoint", "region", "access_key")
OWN_WAREHOUSE = ("host",)

Overlay = Mapping[str, Mapping[str, str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment as far as the embedded servers serve it.

    A committed file that names a server (a region, an endpoint, an access key, a host) has its own: no overlay then.
    """

    name: EnvironmentName
    bucket: str
    database: str
    work_pool: str
    is_storage_embedded: bool
    is_warehouse_embedded: bool


def environments() -> list[Environment]:
    """All environments, as the committed files describe them."""
    return [environment(name) for name in ENVIRONMENTS]


def environment(name: EnvironmentName) -> Environment:
    """One environment, as its committed file describes it.

    Raises:
        ConfigurationError: the file lacks the name of its bucket, database or work pool.
    """
    file = COMMITTED / f"{name}.toml"
    try:
        fields = tomllib.loads(file.read_text(encoding="utf-8"))
        storage, warehouse = fields["storage"], fields["warehouse"]
        return Environment(
            name=name,
            bucket=storage["bucket"],
            database=warehouse["database"],
            work_pool=fields["operations"]["work_pool"],
            is_storage_embedded=not any(field in storage for field in OWN_STORAGE),
            is_warehouse_embedded=not any(field in warehouse for field in OWN_WAREHOUSE),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError(f"{file} names no bucket, database or work pool: {error!r}") from None


def write_overlay(environment: Environment, sections: Overlay) -> None:
    """Write what reaches the embedded servers, secrets as tokens under the environment's key."""
    keys = _keys(environment.name)
    served = {"storage": environment.is_storage_embedded, "warehouse": environment.is_warehouse_embedded}
    lines = ["# written by `make up`: how the embedded servers are reached"]
    for section, values in sections.items():
        if served[section]:
            lines += ["", f"[{section}]", *(_line(section, name, value, keys) for name, value in values.items())]
    write_private(home() / "environments" / f"{environment.name}.toml", "\n".join(lines) + "\n")


def _line(section: str, name: str, value: str | int, keys: list[str]) -> str:
    hidden = encrypt(str(value), keys=keys) if (section, name) in SECRETS else value
    return f"{name} = {json.dumps(hidden)}"


def _keys(name: str) -> list[str]:
    file = key_file(name)
    if not file.exists():
        write_private(file, new_key() + "\n")
    return read_keys(name, default_file=file)
