"""Settings of one environment: read once at a door, then passed as a value.

An environment is a TOML file `<environment>.toml` in each folder of $TILLSTREAM_ENVIRONMENTS (default: the
project's `deployments/environments`, then what the embedded servers wrote below $TILLSTREAM_HOME); a later file
overrides fields of an earlier one. Secrets stand in it as Fernet tokens only.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from streaming.contract.credentials import read_keys
from streaming.contract.errors import ConfigurationError, UsageError
from streaming.contract.places import environment_folders, key_file
from streaming.contract.settlements import DuplicatePolicy
from streaming.contract.tokens import decrypted, has_tokens, merged

EnvironmentName = Literal["dev", "qa", "prod"]
Trigger = Literal["available-now", "continuous"]
"""Load what is there and end, or go on as files arrive."""
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("dev", "qa", "prod")

Prefix = Annotated[str, Field(pattern=r"^([A-Za-z0-9_.-]+/)+$")]
PositiveInt = Annotated[int, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Prefixes(_Section):
    """Where things rest in the bucket; each ends with a slash."""

    landing: Prefix = "landing/"
    facts: Prefix = "processed/sales/"
    rejects: Prefix = "processed/rejects/"
    archive: Prefix = "archive/"
    quarantine: Prefix = "quarantine/"
    reports: Prefix = "reports/"


class Storage(_Section):
    """The S3 bucket. Without an endpoint it is AWS itself, without keys the machine's IAM role."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    region: str = "eu-central-1"
    endpoint: str | None = None
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    prefixes: Prefixes = Prefixes()

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key come together or not at all")
        return self


class Warehouse(_Section):
    """The MySQL or MariaDB database. `tls_ca` names a CA file: the server's certificate and name are verified.

    `migration_user` makes tables and gives grants; only provisioning knows its password.
    """

    host: str
    port: PositiveInt = 3306
    database: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    user: str
    password: SecretStr
    migration_user: str | None = None
    migration_password: SecretStr | None = None
    tls_ca: Path | None = None
    connect_timeout_seconds: PositiveInt = 10
    read_timeout_seconds: PositiveInt = 30


class Limits(_Section):
    """How much one batch and one file may be; `gzip_ratio` is how many times its size a .csv.gz may hold."""

    files_per_batch: PositiveInt = 1_000
    bytes_per_batch: PositiveInt = 512 * 1024 * 1024
    bytes_per_file: PositiveInt = 20 * 1024**3
    gzip_ratio: PositiveInt = 200
    bytes_per_row: PositiveInt = 1024 * 1024
    columns_per_file: PositiveInt = 1_000
    crashes_per_file: Annotated[int, Field(ge=2)] = 3


class Stream(_Section):
    """How the stream runs: seconds between two looks at landing, and the memory of its JVM."""

    master: str = "local[*]"
    driver_memory: Annotated[str, Field(pattern=r"^\d+[mg]$")] = "768m"
    poll_seconds: Annotated[float, Field(gt=0)] = 0.5
    ui: bool = False


class Policy(_Section):
    """What the retailer wants where one may want either.

    duplicates: whether a file that is sent again under another name counts again.
    reject_rate: the share of a file's rows that may be refused before an event tells of it.
    """

    duplicates: DuplicatePolicy = "quarantine"
    reject_rate: Annotated[float, Field(ge=0, le=1)] = 0.05


class Gate(_Section):
    """What an arrival must have done before it is a delivery; as it stands here, nothing.

    An arrival is to lie unchanged for `settle_seconds`. With `control_totals` a file is to agree with the rows and the
    amount that the store puts beside it as `<file>.ok`; if it does not for `hold_seconds`, it is refused.
    """

    settle_seconds: Annotated[float, Field(ge=0)] = 0
    control_totals: bool = False
    hold_seconds: Annotated[float, Field(ge=0)] = 900

    @property
    def is_open(self) -> bool:
        """True when every arrival may pass at once."""
        return not self.settle_seconds and not self.control_totals


class Maintenance(_Section):
    """When small files of the lake are worth writing together (more than so many in a partition), and how large."""

    small_files: PositiveInt = 4
    target_file_mb: PositiveInt = 64


class Retention(_Section):
    """How long what nobody needs any more is kept; None is for ever.

    `lake_hours` is for files that the lake's tables have let go, which old versions and long readings still need;
    no multipart upload takes `upload_hours`: who began it is gone.
    """

    lake_hours: Annotated[int, Field(ge=168)] = 168
    archive_days: PositiveInt | None = None
    quarantine_days: PositiveInt | None = None
    upload_hours: PositiveInt = 24


class Operations(_Section):
    """How Prefect runs the environment.

    work_pool: the pool that is this environment's alone; made by `python -m deployments.deploy`.
    work_pool_type: whether its runs are processes beside the worker, or Docker containers of `image`.
    schedules: whether catch_up, clean_up, reconcile and the like run by themselves at the hours in prefect.yaml.
    alert_webhook: where the alerts of deployments/automations.yaml are sent, a secret; none are sent without it.
    behind_minutes: how old the oldest waiting delivery may become before an event tells of it.
    stall_seconds: a stream that lives but makes no progress for so long is opened again; above the longest batch.
    """

    work_pool: str
    work_pool_type: Literal["process", "docker"] = "process"
    image: str = "tillstream:latest"
    schedules: bool = False
    alert_webhook: SecretStr | None = None
    behind_minutes: PositiveInt = 15
    stall_seconds: PositiveInt = 7_200


class Settings(_Section):
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
