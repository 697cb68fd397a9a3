"""The environment of a worker's run: from its block, and nothing that lies on the machine by chance.

What the block says is written down for the run's processes, the Spark job among them, in a folder of the run's own:
secrets as tokens, under a key that was made for this run and is kept in no file.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
import psutil
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from pydantic import ValidationError

from streaming.contract.credentials import KEY_VARIABLE, new_key
from streaming.contract.errors import ConfigurationError, ContractError, ServiceAwayError
from streaming.contract.places import FOLDERS_VARIABLE, home
from streaming.contract.settings import EnvironmentName, Settings, first_fault
from streaming.contract.written import as_toml
from tasks.blocks import RetailEnvironment, Role

WORKER_VARIABLE = "TILLSTREAM_ENVIRONMENT"
"""Each worker is one environment's, and says so to its runs."""
WORKER_NAME_VARIABLE = "TILLSTREAM_WORKER"
WORKER_LABEL = "tillstream.worker"
"""The label by which a run says whose process it is."""
RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"


def is_run_of_worker() -> bool:
    """True in a process that a Prefect worker has started, False in one from a terminal."""
    return RUN_VARIABLE in os.environ


def must_be_of_worker(environment: EnvironmentName) -> None:
    """See that the run is for the environment of the worker that started it.

    Raises:
        ConfigurationError: it is for another one, or the worker does not say whose it is.
    """
    worker = os.environ.get(WORKER_VARIABLE)
    if worker != environment:
        whose = f"is the one of {worker}" if worker else f"says nothing of its environment ({WORKER_VARIABLE} is unset)"
        raise ConfigurationError(f"the run is for {environment}, and its worker {whose}: nothing was done")


def name_worker() -> None:
    """Label the run with its worker's name, by which it is known to be gone when the worker is."""
    if worker := os.environ.get(WORKER_NAME_VARIABLE):
        with told_if_away(), get_client(sync_client=True) as client:
            client.update_flow_run_labels(UUID(os.environ[RUN_VARIABLE]), {WORKER_LABEL: worker})


def take_environment(environment: EnvironmentName, *, secrets_of: Collection[Role] = ()) -> None:
    """Have this process and all it starts read the environment from its block, as it stands now.

    Args:
        environment: which one.
        secrets_of: the roles whose secrets the run needs beside those of every run.

    Raises:
        ContractError: there is no such block.
        ConfigurationError: it is another environment's, or one of its fields is wrong.
        ServiceAwayError: Prefect's server does not answer.
    """
    settings = _in_block(environment, secrets_of)
    folder = _folder()
    draft = folder / f".{environment}.draft"
    draft.write_text(as_toml(settings, keys=[os.environ[KEY_VARIABLE]]), encoding="utf-8")
    draft.replace(folder / f"{environment}.toml")


def _in_block(environment: EnvironmentName, secrets_of: Collection[Role]) -> Settings:
    name = f"block retail-environment {environment}"
    try:
        with told_if_away():
            block = cast("RetailEnvironment", RetailEnvironment.load(environment))
        settings = block.settings(secrets_of)
    except ValidationError as error:
        raise ConfigurationError(f"{name}: {first_fault(error)}") from None
    except ValueError as error:
        raise ContractError(
            f"{name}: {' '.join(str(error).split())}; run `python -m flows.provision --environment {environment}` "
            "where the environment's file is"
        ) from None
    if settings.environment != environment:
        raise ConfigurationError(f"{name} is the one of {settings.environment}: run provision for both again")
    return settings


@contextmanager
def told_if_away() -> Iterator[None]:
    """Turn what Prefect's client raises when its server is away into the project's error for that."""
    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        raise ServiceAwayError(f"Prefect's server: {error or type(error).__name__}") from error


def _folder() -> Path:
    """The run's own folder, made at first use and gone with the process, along with those of runs that were killed."""
    global _made  # noqa: PLW0603  one run is one process
    if _made is None:
        place = home() / "runs"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _forget_dead(place)
        _made = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place))
        atexit.register(shutil.rmtree, _made, ignore_errors=True)
        os.environ[KEY_VARIABLE] = new_key()
        os.environ[FOLDERS_VARIABLE] = str(_made)
    return _made


def _forget_dead(place: Path) -> None:
    for folder in place.iterdir():
        pid = folder.name.partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


_made: Path | None = None
