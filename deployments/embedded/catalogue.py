"""Which embedded servers there are, and what the environments are told about them."""

from collections.abc import Iterable

from deployments.embedded.database import DatabaseServer, migrator, writer
from deployments.embedded.environments import environments, write_overlay
from deployments.embedded.ports import ADDRESS
from deployments.embedded.prefect_server import PrefectServer
from deployments.embedded.prefect_worker import PrefectWorker, worker_name
from deployments.embedded.server import Server
from deployments.embedded.storage import REGION, StorageServer, access_key, secret_key
from deployments.embedded.vault import password
from streaming.contract.errors import UsageError
from streaming.contract.settings import ENVIRONMENTS

SERVERS = (StorageServer.name, DatabaseServer.name, PrefectServer.name)
WORKERS = tuple(worker_name(environment) for environment in ENVIRONMENTS)
DEFAULT = (*SERVERS, worker_name("dev"))


def servers(names: Iterable[str]) -> list[Server]:
    """The servers among the names, without the workers: these need the others first.

    Raises:
        UsageError: there is no server of such a name.
    """
    wanted = set(names)
    if unknown := wanted - {*SERVERS, *WORKERS}:
        raise UsageError(f"no server {', '.join(sorted(unknown))}: choose of {', '.join((*SERVERS, *WORKERS))}")
    return [server for server in (StorageServer(), DatabaseServer(), PrefectServer()) if server.name in wanted]


def workers(names: Iterable[str]) -> list[Server]:
    """The workers among the names."""
    wanted = set(names)
    return [PrefectWorker(environment) for environment in ENVIRONMENTS if worker_name(environment) in wanted]


def write_overlays() -> None:
    """Tell each environment how it reaches the embedded servers."""
    for environment in environments():
        name = environment.name
        storage = {
            "endpoint": StorageServer().endpoint,
            "region": REGION,
            "access_key": access_key(name),
            "secret_key": secret_key(name),
        }
        warehouse: dict[str, str | int] = {
            "host": ADDRESS,
            "port": DatabaseServer().port,
            "user": writer(name),
            "password": password(f"database-{name}-writer"),
            "migration_user": migrator(name),
            "migration_password": password(f"database-{name}-migrator"),
        }
        write_overlay(environment, {"storage": storage, "warehouse": warehouse})
