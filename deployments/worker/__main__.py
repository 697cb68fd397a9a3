"""A Prefect worker for one environment, and somebody to look after it: `python -m deployments.worker`.

It is started again when it dies. Its runs are told to stop before it is, so that a stream ends between two batches.
Runs whose process has died are called so, and a crashed stream is started again: nobody need be there when a machine
comes back.
"""

import argparse
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psutil

import flows  # noqa: F401  settles which Prefect server is meant
from streaming.contract.cores import leave_no_core
from streaming.contract.logs import set_up_logging
from streaming.contract.settings import ENVIRONMENTS

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
KEEP_SECONDS = 5.0
RUNS_STOP_SECONDS = 30.0
"""A stream stops between two batches, or is killed after 25 seconds."""
WORKER_STOPS_SECONDS = 5.0
REST_SECONDS = 2.0
"""Before a worker that died is started again."""
PR_SET_PDEATHSIG = 1
RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep the worker at work until told to stop."""
    asked = _parser().parse_args(arguments)
    leave_no_core()
    set_up_logging(asked.environment)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    name = asked.name or f"tillstream-{socket.gethostname()}"
    worker = Worker(environment=asked.environment, pool=asked.pool or asked.environment, name=name, kind=asked.type)
    keeping = threading.Thread(target=_keep, args=(worker, stop), daemon=True, name="keeper")
    keeping.start()
    while not stop.wait(LOOK_SECONDS):
        worker.have_at_work()
    worker.stop()
    return 0


class Worker:
    """Prefect's own worker as a child process; it dies with this one."""

    def __init__(self, *, environment: str, pool: str, name: str, kind: str) -> None:
        self.environment, self.pool, self.name, self.kind = environment, pool, name, kind
        self._process = self._started()

    def have_at_work(self) -> None:
        """Start it again if it died."""
        if (code := self._process.poll()) is not None:
            log.warning("the worker ended with exit code %d: starting it again", code)
            time.sleep(REST_SECONDS)
            self._process = self._started()

    def stop(self) -> None:
        """Its runs first, each in order, then itself."""
        runs = list(self._runs())
        log.info("stopping, %d runs first", len(runs))
        for run in runs:
            _quietly(run.terminate)
        _, alive = psutil.wait_procs(runs, timeout=RUNS_STOP_SECONDS)
        for run in alive:
            _quietly(run.kill)
        self._process.terminate()
        try:
            self._process.wait(timeout=WORKER_STOPS_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _runs(self) -> Iterator[psutil.Process]:
        """The processes of its flow runs: those of its children that have a run's id."""
        try:
            children = psutil.Process(self._process.pid).children()
        except psutil.NoSuchProcess:
            return
        for child in children:
            try:
                if RUN_VARIABLE in child.environ():
                    yield child
            except psutil.Error:
                continue

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [
            *(sys.executable, "-m", "prefect", "worker", "start"),
            *("--pool", self.pool, "--type", self.kind, "--name", self.name),
        ]
        given = {**os.environ, "TILLSTREAM_ENVIRONMENT": self.environment, "TILLSTREAM_WORKER": self.name}
        return subprocess.Popen(command, env=given, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509  one line of C, before any thread of the child


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep(worker: Worker, stop: threading.Event) -> None:
    """Look after runs and stream every few seconds; a server that is away is looked for again."""
    import httpx  # noqa: PLC0415  Prefect takes seconds to import, and the worker is starting meanwhile
    from prefect.exceptions import PrefectException  # noqa: PLC0415  as above

    from deployments.worker.keeper import Keeper  # noqa: PLC0415  as above

    keeper = Keeper(environment=worker.environment, pool=worker.pool, worker=worker.name, kind=worker.kind)
    while not stop.wait(KEEP_SECONDS):
        try:
            keeper.look()
        except (httpx.HTTPError, PrefectException) as error:
            log.warning("runs are not looked after: %s", " ".join(str(error).split())[:200] or type(error).__name__)


def _quietly(signal_it: Callable[[], None]) -> None:
    try:
        signal_it()
    except psutil.NoSuchProcess:
        log.debug("it ended by itself meanwhile")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.worker", description=__doc__)
    parser.add_argument(
        "--environment", choices=ENVIRONMENTS, required=True, help="whose runs it takes, and no others'"
    )
    parser.add_argument("--pool", help="its work pool (default: named like the environment)")
    parser.add_argument("--type", choices=("process", "docker"), default="process", help="what its runs are")
    parser.add_argument("--name", help="its name in Prefect, the same at each start (default: after this machine)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
