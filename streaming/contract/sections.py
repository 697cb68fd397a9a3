"""What can be set for an environment: a model for each section of its file; docs/reference.md is made from these."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from streaming.contract.hosts import is_this_machine
from streaming.contract.settlements import DuplicatePolicy

Prefix = Annotated[str, Field(pattern=r"^([A-Za-z0-9_.-]+/)+$")]
PositiveInt = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """A section of an environment's file; what it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Prefixes(Section):
    """Where things rest in the bucket; each ends with a slash."""

    landing: Prefix = "landing/"
    """Where stores put their files."""
    facts: Prefix = "processed/sales/"
    """The Delta table of accepted sales."""
    rejects: Prefix = "processed/rejects/"
    """The Delta table of refused rows."""
    archive: Prefix = "archive/"
    """Where loaded files go."""
    quarantine: Prefix = "quarantine/"
    """Where files go that cannot be read as sales."""
    reports: Prefix = "reports/"
    """Where the retailer's reports go."""


class Storage(Section):
    """The S3 bucket."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """The bucket, of this environment alone."""
    region: str = "eu-central-1"
    """AWS's region; other servers are told it too."""
    endpoint: str | None = None
    """The address of another S3 server; without one it is AWS itself."""
    access_key: SecretStr | None = None
    """The key's id; without keys the machine's IAM role is used."""
    secret_key: SecretStr | None = None
    """The key's secret; it comes with `access_key` or not at all."""
    archiver_access_key: SecretStr | None = None
    """The id of a key of its own for whatever moves and deletes files; without it, `access_key` does that too."""
    archiver_secret_key: SecretStr | None = None
    """The secret of `archiver_access_key`."""
    tls_ca: Path | None = None
    """A file of the CAs (PEM) that the server's certificate may come from; without one, those of the system."""
    plain_text: bool = False
    """Whether `endpoint` may be `http://` on another machine: whoever is on the way can then read and change all."""
    prefixes: Prefixes = Prefixes()

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key come together or not at all")
        if (self.archiver_access_key is None) != (self.archiver_secret_key is None):
            raise ValueError("archiver_access_key and archiver_secret_key come together or not at all")
        return self

    def for_archiver(self) -> Self:
        """The bucket as the archiver opens it; the only one that needs to put or delete beside the lake."""
        if self.archiver_access_key is None:
            return self
        keys = {"access_key": self.archiver_access_key, "secret_key": self.archiver_secret_key}
        return self.model_copy(update=keys)

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        if self.endpoint is not None and not self.plain_text:
            address = urlsplit(self.endpoint)
            if address.scheme != "https" and not is_this_machine(address.hostname or ""):
                raise ValueError("endpoint is not https://: use TLS, or say plain_text = true")
        return self


class Warehouse(Section):
    """The MySQL or MariaDB database."""

    host: str
    """Its server."""
    port: PositiveInt = 3306
    """The server's port."""
    database: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    """The database, of this environment alone."""
    user: str
    """The writer: it reads and writes rows, and may do no more."""
    password: SecretStr
    """The writer's password."""
    migration_user: str | None = None
    """Who makes tables and gives grants; only provisioning asks for it."""
    migration_password: SecretStr | None = None
    """The password of `migration_user`."""
    tls_ca: Path | None = None
    """A file of the CAs (PEM) that the server's certificate may come from; without one, those of the system."""
    plain_text: bool = False
    """Whether a server on another machine is spoken to without TLS: whoever is on the way can read and change all."""
    connect_timeout_seconds: PositiveInt = 10
    """How long a connection may take to be made."""
    read_timeout_seconds: PositiveInt = 30
    """How long an answer may take; a lock is waited for a third of it."""

    @property
    def is_verified(self) -> bool:
        """True when the server must show a certificate for its name; one on this machine need not."""
        return self.tls_ca is not None or not (self.plain_text or is_this_machine(self.host))


class Limits(Section):
    """How much one batch and one file may be."""

    files_per_batch: PositiveInt = 1_000
    """Files that one batch takes at most."""
    bytes_per_batch: PositiveInt = 512 * 1024 * 1024
    """Bytes that the files of one batch have at most, as they lie in landing; one larger file goes alone."""
    bytes_per_file: PositiveInt = 20 * 1024**3
    """A larger file is quarantined."""
    gzip_ratio: PositiveInt = 200
    """A .csv.gz that holds so many times its own size is quarantined."""
    bytes_per_row: PositiveInt = 1024 * 1024
    """A file with a longer row is quarantined."""
    columns_per_file: PositiveInt = 1_000
    """A file with more columns is quarantined."""
    crashes_per_file: Annotated[int, Field(ge=2)] = 3
    """A file whose reading ends its reader so many times is quarantined."""


class Stream(Section):
    """How the stream runs."""

    master: str = "local[*]"
    """Where Spark runs: on this machine's cores, or on a cluster (`spark://…`, `yarn`, `k8s://…`)."""
    driver_memory: Annotated[str, Field(pattern=r"^\d+[mg]$")] = "768m"
    """The heap of the driver's JVM."""
    poll_seconds: Annotated[float, Field(gt=0)] = 0.5
    """Seconds between two looks at landing, each of which costs a LIST request for every 1,000 objects."""
    ui: bool = False
    """Whether Spark's own UI listens; it shows queries and settings to whoever reaches it, but no secrets."""


class Policy(Section):
    """What the retailer wants where one may want either."""

    duplicates: DuplicatePolicy = "quarantine"
    """A file that is sent again under another name: does not count again (`quarantine`), or does (`load`)."""
    reject_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    """The share of a file's rows that may be refused before an event tells of it."""


class Gate(Section):
    """What an arrival must have done before it is a delivery; as it stands here, nothing."""

    settle_seconds: Annotated[float, Field(ge=0)] = 0
    """It is to lie unchanged for so long."""
    control_totals: bool = False
    """Whether it is to agree with the rows and the amount that the store puts beside it as `<file>.ok`."""
    hold_seconds: Annotated[float, Field(ge=0)] = 900
    """A file that does not agree with its totals for so long is refused."""

    @property
    def is_open(self) -> bool:
        """True when every arrival may pass at once."""
        return not self.settle_seconds and not self.control_totals


class Maintenance(Section):
    """When small files of the lake are written together."""

    small_files: PositiveInt = 4
    """More small files than these in a partition are worth it."""
    target_file_mb: PositiveInt = 64
    """How large the files become, in MiB."""


class Retention(Section):
    """How long what nobody needs any more is kept; without a number, for ever."""

    lake_hours: Annotated[int, Field(ge=168)] = 168
    """Files that the lake's tables have let go, which old versions and long readings still need."""
    archive_days: PositiveInt | None = None
    """Archived files."""
    quarantine_days: PositiveInt | None = None
    """Quarantined files."""
    upload_hours: PositiveInt = 24
    """Multipart uploads that were begun and never ended."""


class Operations(Section):
    """How Prefect runs the environment."""

    work_pool: str
    """The pool that is this environment's alone; made by `python -m deployments.deploy`."""
    work_pool_type: Literal["process", "docker"] = "process"
    """Whether its runs are processes beside the worker, or Docker containers of `image`."""
    image: str = "tillstream:latest"
    """The image of a Docker pool's runs; name it by digest."""
    schedules: bool = False
    """Whether catch_up, clean_up, reconcile and the like run by themselves at the hours in prefect.yaml."""
    alert_webhook: SecretStr | None = None
    """Where the alerts of deployments/automations.yaml are sent; none are sent without it."""
    behind_minutes: PositiveInt = 15
    """How old the oldest waiting delivery may become before an event tells of it."""
    stall_seconds: PositiveInt = 7_200
    """A stream that lives but makes no progress for so long is opened again; above the longest batch."""
