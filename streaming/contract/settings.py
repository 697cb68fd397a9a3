"""Settings of one environment: read once at a door, then passed as a value.

An environment is a TOML file `<environment>.toml` in each folder of $TILLSTREAM_ENVIRONMENTS (default: the
project's `deployments/environments`, then what the embedded servers wrote below $TILLSTREAM_HOME); a later file
overrides fields of an earlier one. Secrets stand in it as Fernet tokens only.
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from streaming.contract.credentials import read_keys
from streaming.contract.errors import ConfigurationError, UsageError
from streaming.contract.places import environment_folders, key_file
from streaming.contract.sections import (
    Gate,
    Limits,
    Maintenance,
    Operations,
    Policy,
    Retention,
    Section,
    Storage,
    Stream,
    Warehouse,
)
from streaming.contract.tokens import decrypted, has_tokens, merged

EnvironmentName = Literal["dev", "qa", "prod"]
Trigger = Literal["available-now", "continuous"]
"""Load what is there and end, or go on as files arrive."""
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("dev", "qa", "prod")


class Settings(Section):
    """All that is set for one environment."""

    environment: EnvironmentName
    storage: Storage
    warehouse: Warehouse
    limits: Limits = Limits()
    stream: Stream = Stream()
    policy: Policy = Policy()
    gate: Gate = Gate()
    maintenance: Maintenance = Maintenance()
    retention: Retention = Retention()
    operations: Operations


def read_settings(environment: str) -> Settings:
    """Read, merge, decrypt and check the settings of one environment.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: a field is wrong, unknown or cannot be decrypted; the message names file and field.
    """
    if environment not in ENVIRONMENTS:
        raise UsageError(f"unknown environment {environment!r}: choose one of {', '.join(ENVIRONMENTS)}")
    files = [file for folder in environment_folders() if (file := folder / f"{environment}.toml").is_file()]
    if not files:
        raise ConfigurationError(
            f"no {environment}.toml in {', '.join(map(str, environment_folders()))}: write one, or run `make up`"
        )
    fields: dict[str, object] = {"environment": environment}
    for file in files:
        fields = merged(fields, _read_toml(file))
    source = " + ".join(map(str, files))
    keys = read_keys(environment, default_file=key_file(environment)) if has_tokens(fields) else []
    try:
        settings = Settings.model_validate(decrypted(fields, keys=keys, source=source))
    except ValidationError as error:
        raise ConfigurationError(f"{source}: {first_fault(error)}") from None
    if settings.environment != environment:
        raise ConfigurationError(f"{source}: says environment {settings.environment!r}, not {environment!r}")
    return settings


def _read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None


def first_fault(error: ValidationError) -> str:
    """The first wrong field and what is wrong with it; never its value."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "settings"
    return f"{where}: {fault['msg']}"
