"""An environment as Prefect blocks: what a worker's runs know of it, so that their machine holds neither file nor key.

`provision` registers them from the environment's files and updates them. The bucket, its credentials and the database
are blocks of their own: a password changed there, by hand or by a rotation, is what the next run uses.
"""

from collections.abc import Collection
from typing import ClassVar, Literal, Self, cast, get_args

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials, S3Bucket
from prefect_aws.client_parameters import AwsClientParameters
from pydantic import Field, SecretStr

from streaming.contract.errors import ConfigurationError
from streaming.contract.sections import Storage, Warehouse
from streaming.contract.settings import EnvironmentName, Settings

Role = Literal["archiver", "migrator"]
"""Who needs secrets that other runs are not told: whoever moves and deletes files, whoever makes tables."""
ROLES: tuple[Role, ...] = get_args(Role)
STORED_ELSEWHERE = {
    "environment": True,
    "storage": {
        "bucket",
        "region",
        "endpoint",
        "access_key",
        "secret_key",
        "archiver_access_key",
        "archiver_secret_key",
    },
    "warehouse": {"database", "host", "port", "user", "password", "migration_user", "migration_password"},
    "operations": {"alert_webhook"},
}
"""The settings that have a field of their own in a block; no run needs the address of alerts, Prefect itself does."""


class MySqlDatabase(Block):
    """One database of a MySQL or MariaDB server, under one of its users."""

    _block_type_slug: ClassVar[str | None] = "tillstream-mysql"
    _block_type_name: ClassVar[str | None] = "MySQL Database"
    _description: ClassVar[str | None] = "One database of a MySQL or MariaDB server, under one of its users."

    host: str = Field(description="The server's name")
    port: int = Field(default=3306, description="Its port")
    database: str = Field(description="The database")
    user: str = Field(description="The user; it needs no more rights than `provision` gives it")
    password: SecretStr = Field(description="The user's password")


class RetailEnvironment(Block):
    """One environment of the retailer: dev, qa or prod."""

    _block_type_slug: ClassVar[str | None] = "tillstream-environment"
    _block_type_name: ClassVar[str | None] = "Retail Environment"
    _description: ClassVar[str | None] = "One environment of Tillstream: its bucket, its database, its settings."

    environment: EnvironmentName = Field(description="Which one; a run for another one refuses")
    bucket: S3Bucket = Field(description="Where landing, lake and archive are")
    warehouse: MySqlDatabase = Field(description="Ledger and marts, under the user of stream and flows")
    archiver: AwsCredentials | None = Field(default=None, description="The key that moves and deletes files")
    migrations: MySqlDatabase | None = Field(default=None, description="The same, under the user that makes tables")
    others: dict[str, dict[str, object]] = Field(
        default_factory=dict, description="All other settings, as in the environment's file"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The blocks of an environment's settings, not saved yet."""
        warehouse, storage = settings.warehouse, settings.storage
        return cls(
            environment=settings.environment,
            bucket=S3Bucket(bucket_name=storage.bucket, credentials=_keys_of(storage)),
            archiver=_keys_of(storage.for_archiver()) if storage.archiver_access_key else None,
            warehouse=_database_of(warehouse, warehouse.user, warehouse.password),
            migrations=_database_of(warehouse, warehouse.migration_user, warehouse.migration_password)
            if warehouse.migration_user and warehouse.migration_password
            else None,
            others=settings.model_dump(mode="json", exclude_none=True, exclude=STORED_ELSEWHERE),  # type: ignore[arg-type]  # what pydantic takes is wider than what it says
        )

    def settings(self, secrets_of: Collection[Role] = ()) -> Settings:
        """What the blocks say, checked as an environment file is; secrets of these roles beside those of all runs."""
        fields = {name: dict(section) for name, section in self.others.items()}
        fields["storage"] = {**fields.get("storage", {}), **_fields_of_bucket(self.bucket)}
        fields["warehouse"] = {**fields.get("warehouse", {}), **_fields_of(self.warehouse)}
        if "archiver" in secrets_of and self.archiver is not None:
            keys = {f"archiver_{name}": value for name, value in _fields_of_keys(self.archiver).items()}
            fields["storage"] |= keys
        if "migrator" in secrets_of and self.migrations is not None:
            fields["warehouse"] |= {
                "migration_user": self.migrations.user,
                "migration_password": self.migrations.password,
            }
        return Settings.model_validate({"environment": self.environment, **fields})


def register(settings: Settings) -> list[str]:
    """Save an environment's blocks, each part under a name of its own; returns their names, none if nothing changed."""
    for kind in (RetailEnvironment, MySqlDatabase, AwsCredentials, S3Bucket):
        kind.register_type_and_schema()
    if _registered(settings.environment) == without_alerts(settings):
        return []
    environment = RetailEnvironment.of(settings)
    name = settings.environment
    parts: dict[str, Block | None] = {
        f"{name}-keys": environment.bucket.credentials,
        f"{name}-bucket": environment.bucket,
        f"{name}-archiver": environment.archiver,
        f"{name}-warehouse": environment.warehouse,
        f"{name}-migrations": environment.migrations,
        name: environment,  # last: it refers to the others
    }
    for part, block in parts.items():
        if block is not None:
            block.save(part, overwrite=True)
    return [f"block {part}" for part, block in parts.items() if block is not None]


def without_alerts(settings: Settings) -> Settings:
    """The settings as runs know them."""
    operations = settings.operations.model_copy(update={"alert_webhook": None})
    return settings.model_copy(update={"operations": operations})


def _registered(name: EnvironmentName) -> Settings | None:
    """What the blocks say now; None where there are none, or they say nothing that this version understands."""
    try:
        return cast("RetailEnvironment", RetailEnvironment.load(name)).settings(ROLES)
    except ValueError:
        return None


def _keys_of(storage: Storage) -> AwsCredentials:
    return AwsCredentials(
        aws_access_key_id=storage.access_key.get_secret_value() if storage.access_key else None,
        aws_secret_access_key=storage.secret_key,
        region_name=storage.region,
        aws_client_parameters=AwsClientParameters(endpoint_url=storage.endpoint),
    )


def _database_of(warehouse: Warehouse, user: str, password: SecretStr) -> MySqlDatabase:
    return MySqlDatabase(
        host=warehouse.host, port=warehouse.port, database=warehouse.database, user=user, password=password
    )


def _fields_of_bucket(bucket: S3Bucket) -> dict[str, object]:
    keys = bucket.credentials
    if not isinstance(keys, AwsCredentials):
        raise ConfigurationError(f"bucket {bucket.bucket_name}: its credentials are to be an AWS Credentials block")
    fields: dict[str, object | None] = {
        "bucket": bucket.bucket_name,
        "region": keys.region_name,
        "endpoint": keys.aws_client_parameters.endpoint_url,
    }
    return {name: value for name, value in fields.items() if value is not None} | _fields_of_keys(keys)


def _fields_of_keys(keys: AwsCredentials) -> dict[str, object]:
    fields = {"access_key": keys.aws_access_key_id, "secret_key": keys.aws_secret_access_key}
    return {name: value for name, value in fields.items() if value is not None}


def _fields_of(database: MySqlDatabase) -> dict[str, object]:
    return {
        "host": database.host,
        "port": database.port,
        "database": database.database,
        "user": database.user,
        "password": database.password,
    }
