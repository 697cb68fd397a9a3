"""Embedded Prefect workers: one per environment, each serving the process pool of that environment."""

import sys
from datetime import UTC, datetime, timedelta
from typing import cast

from deployments.embedded import environments
from deployments.embedded.prefect_server import PrefectServer, client_variables
from deployments.embedded.processes import recorded
from deployments.embedded.server import Launch, Server
from streaming.contract.settings import EnvironmentName

HEARTBEAT_SECONDS = 10
SILENCE = timedelta(seconds=6 * HEARTBEAT_SECONDS)
QUERY_SECONDS = 2
WORKER_NAME = "embedded"


class PrefectWorker(Server):
    """A worker that starts flow runs as processes; it makes its pool where there is none."""

    seconds_to_start = 90.0
    seconds_to_stop = 45.0

    def __init__(self, environment: EnvironmentName) -> None:
        self.environment = environment
        self.name = worker_name(environment)
        self.pool = environments.environment(environment).work_pool
        self.server = PrefectServer()

    @property
    def address(self) -> str:
        """Where a user finds it."""
        return f"{self.server.ui}/work-pools/work-pool/{self.pool}"

    def launch(self) -> Launch:
        """The worker, and who looks after it."""
        return Launch(
            command=[
                *(sys.executable, "-m", "deployments.worker", "--environment", self.environment),
                *("--pool", self.pool, "--name", WORKER_NAME),
            ],
            variables={
                **client_variables(self.server),
                "PREFECT_WORKER_QUERY_SECONDS": str(QUERY_SECONDS),
                "PREFECT_WORKER_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
            },
        )

    def answers(self) -> bool:
        """True when the server has heard this very process of late."""
        record = recorded(self.name)
        workers = self.server.ask("POST", f"/api/work_pools/{self.pool}/workers/filter", {})
        if record is None or not isinstance(workers, list):
            return False
        earliest = max(datetime.fromtimestamp(record.created, UTC), datetime.now(UTC) - SILENCE)
        return any(_heard(worker) > earliest for worker in workers if worker["name"] == WORKER_NAME)


def worker_name(environment: str) -> str:
    """What the worker of an environment is called among the servers."""
    return f"worker-{environment}"


def _heard(worker: dict[str, object]) -> datetime:
    return datetime.fromisoformat(cast("str", worker["last_heartbeat_time"]))
