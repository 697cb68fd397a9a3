"""A standalone Spark cluster on this machine: a master and some workers from pyspark's own package."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyspark

from streaming.contract.java import java_home
from tests.processes.doors import until

HERE = "127.0.0.1"
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the master is, and the processes of the workers."""

    address: str
    workers: tuple[psutil.Process, ...]

    def executors(self) -> list[psutil.Process]:
        """The executors that run now, on any of the workers."""
        children = [child for worker in self.workers for child in worker.children(recursive=True)]
        return [child for child in children if _is_executor(child)]


@contextmanager
def standalone_cluster(folder: Path, *, workers: int) -> Iterator[Cluster]:
    """Workers of one core each, stopped with all their executors at the end."""
    port, page = _free_port(), _free_port()
    address = f"spark://{HERE}:{port}"
    master = ("deploy.master.Master", "--host", HERE, "--port", str(port), "--webui-port", str(page))
    worker = ("deploy.worker.Worker", "--host", HERE, "--cores", "1", "--memory", "1g", "--webui-port", "0", address)
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_started(folder, "master", *master))
        until(lambda: _listens(port))
        started += [_started(folder, f"worker-{number}", *worker) for number in range(workers)]
        yield Cluster(address, tuple(psutil.Process(process.pid) for process in started[1:]))
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def _started(folder: Path, name: str, main_class: str, *arguments: str) -> subprocess.Popen[bytes]:
    variables = {**os.environ, "JAVA_HOME": str(java_home()), "SPARK_WORKER_DIR": str(folder / name)}
    with (folder / f"{name}.log").open("wb") as log:
        command = [str(SPARK_CLASS), f"org.apache.spark.{main_class}", *arguments]
        return subprocess.Popen(command, env=variables, cwd=folder, stdout=log, stderr=subprocess.STDOUT)


def _is_executor(process: psutil.Process) -> bool:
    try:
        return EXECUTOR in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HERE, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])
