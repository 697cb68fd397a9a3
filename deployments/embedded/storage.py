"""The embedded S3 server: S3Proxy on plain files, one process, one access key per environment.

A key sees the bucket of its environment only; the others are forbidden to it.
"""

from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployments.embedded.environments import Environment, environments
from deployments.embedded.ports import ADDRESS
from deployments.embedded.server import Launch, Server
from deployments.embedded.vault import password
from streaming.contract.errors import ConfigurationError
from streaming.contract.java import java_home
from streaming.contract.places import home, jars

REGION = "eu-central-1"
JAVA_OPTIONS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
ANSWER_SECONDS = 3


def access_key(environment: str) -> str:
    """The access key of an environment's bucket; no secret by itself."""
    return f"tillstream-{environment}-{password(f's3-{environment}-id')[:12]}"


def secret_key(environment: str) -> str:
    """The secret that goes with it."""
    return password(f"s3-{environment}")


class StorageServer(Server):
    """S3Proxy with a filesystem store."""

    name = "s3"
    default_port = 19000

    @property
    def endpoint(self) -> str:
        """The URL clients are given."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def address(self) -> str:
        """Where a user finds it."""
        return self.endpoint

    def prepare(self) -> None:
        """Make the folder of each environment."""
        for environment in environments():
            _folder(environment).mkdir(parents=True, exist_ok=True)

    def launch(self) -> Launch:
        """One process that reads one properties file per environment."""
        files = {_properties_file(environment): self._properties(environment) for environment in environments()}
        arguments = [argument for file in files for argument in ("--properties", str(file))]
        java = str(java_home() / "bin" / "java")
        return Launch(
            command=[java, *JAVA_OPTIONS, "-jar", str(_jar()), *arguments],
            variables={"LOG_LEVEL": "warn", "JETTY_LOG_LEVEL": "warn"},
            files=files,
        )

    def answers(self) -> bool:
        """List the buckets of dev under its own key."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=access_key("dev"),
            aws_secret_access_key=secret_key("dev"),
            config=Config(
                connect_timeout=ANSWER_SECONDS, read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": 1}
            ),
        )
        try:
            client.list_buckets()
        except (BotoCoreError, ClientError):
            return False
        return True

    def _properties(self, environment: Environment) -> str:
        values = {
            "s3proxy.endpoint": self.endpoint,
            "s3proxy.authorization": "aws-v2-or-v4",
            "s3proxy.identity": access_key(environment.name),
            "s3proxy.credential": secret_key(environment.name),
            "s3proxy.bucket-locator.1": environment.bucket,
            "jclouds.provider": "filesystem-nio2",
            "jclouds.filesystem.basedir": str(_folder(environment)),
            # the store on disk knows no login, but the file must name one
            "jclouds.identity": "unused",
            "jclouds.credential": "unused",
        }
        return "".join(f"{name}={value}\n" for name, value in values.items())


def _jar() -> Path:
    found = next((jars() / "s3").glob("s3proxy-*.jar"), None)
    if found is None:
        raise ConfigurationError(f"no S3Proxy jar in {jars() / 's3'}: run `make jars`")
    return found


def _folder(environment: Environment) -> Path:
    return home() / "s3" / environment.name


def _properties_file(environment: Environment) -> Path:
    return home() / "s3" / f"{environment.name}.properties"
