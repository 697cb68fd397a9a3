"""Deploy the flows of prefect.yaml for one environment: `python -m deployments.deploy --environment dev`.

Prefect drops a misspelled key and leaves an unset variable empty, both without failing; here each is an error.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import yaml

import flows  # noqa: F401  settles which Prefect server is meant
from streaming.contract.errors import ContractError, ServiceAwayError, TillstreamError
from streaming.contract.places import CHECKOUT
from streaming.contract.settings import ENVIRONMENTS, EnvironmentName, read_settings

FILE = CHECKOUT / "prefect.yaml"
VARIABLE = re.compile(r"\{\{\s*\$(\w+)\s*\}\}")
FLOW_NAMES = ("provision", "generate_sales", "ingest", "catch_up", "withdraw", "reconcile", "clean_up", "maintain")
KNOWN_KEYS: Mapping[str, frozenset[str]] = {
    "prefect.yaml": frozenset({"name", "prefect-version", "build", "push", "pull", "definitions", "deployments"}),
    "deployment": frozenset(
        {
            "name",
            "version",
            "tags",
            "description",
            "schedules",
            "concurrency_limit",
            "entrypoint",
            "parameters",
            "enforce_parameter_schema",
            "work_pool",
            "triggers",
        }
    ),
    "work_pool": frozenset({"name", "work_queue_name", "job_variables"}),
    "job_variables": frozenset({"env", "stream_output", "working_dir", "command"}),
    "concurrency_limit": frozenset({"limit", "collision_strategy", "grace_period_seconds"}),
}
"""The keys that Prefect reads, as far as this project uses them."""

Node = Mapping[str, object]


def deploy(environment: EnvironmentName, *, file: Path = FILE) -> None:
    """Make or update the environment's deployments, and its process pool if there is none.

    Raises:
        ContractError: prefect.yaml has a key that Prefect does not know, lacks a flow, or wants an unset variable.
        ServiceAwayError: Prefect refused or did not answer.
    """
    variables = variables_of(environment)
    text = file.read_text(encoding="utf-8")
    for fault in faults_in(text, variables):
        raise ContractError(f"{file.name}: {fault}")
    pool = variables["TILLSTREAM_WORK_POOL"]
    if not _succeeds(["work-pool", "inspect", pool], variables):
        _prefect(["work-pool", "create", pool, "--type", "process"], variables)
    _prefect(["deploy", "--all", "--prefect-file", str(file)], variables)


def variables_of(environment: EnvironmentName) -> dict[str, str]:
    """What prefect.yaml leaves open, for this environment and this checkout."""
    return {
        "TILLSTREAM_ENVIRONMENT": environment,
        "TILLSTREAM_WORK_POOL": read_settings(environment).operations.work_pool,
        "TILLSTREAM_CHECKOUT": str(CHECKOUT),
        "TILLSTREAM_VERSION": _version(),
    }


def faults_in(text: str, variables: Mapping[str, str]) -> Iterator[str]:
    """What Prefect would silently make something else of."""
    for name in sorted(set(VARIABLE.findall(text)) - set(variables)):
        yield f"variable {name} is not set by the deploy command"
    tree = _mapping(yaml.safe_load(text))
    yield from _unknown_keys("prefect.yaml", tree)
    listed = tree.get("deployments")
    entries = [_mapping(entry) for entry in listed] if isinstance(listed, list) else []
    for entry in entries:
        yield from _faults_in_deployment(entry)
    names = {VARIABLE.sub("", str(entry.get("name"))).rstrip("-") for entry in entries}
    yield from (f"flow {name} is not deployed" for name in FLOW_NAMES if name not in names)
    yield from (f"deployment {name} is no flow of this project" for name in sorted(names - set(FLOW_NAMES)))


def main() -> NoReturn:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m deployments.deploy", description=__doc__.partition("\n")[0])
    parser.add_argument("--environment", choices=ENVIRONMENTS, default="dev", help="which one (default: dev)")
    try:
        deploy(parser.parse_args().environment)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    sys.exit(0)


def _faults_in_deployment(entry: Node) -> Iterator[str]:
    yield from _unknown_keys("deployment", entry)
    pool = _mapping(entry.get("work_pool"))
    yield from _unknown_keys("work_pool", pool)
    yield from _unknown_keys("job_variables", _mapping(pool.get("job_variables")))
    yield from _unknown_keys("concurrency_limit", _mapping(entry.get("concurrency_limit")))


def _unknown_keys(where: str, node: Node) -> Iterator[str]:
    for key in sorted(set(node) - KNOWN_KEYS[where]):
        yield f"{where} has no key {key!r}: choose from {', '.join(sorted(KNOWN_KEYS[where]))}"


def _mapping(node: object) -> Node:
    return node if isinstance(node, dict) else {}


def _prefect(arguments: list[str], variables: Mapping[str, str]) -> None:
    done = _run(arguments, variables)
    if done.returncode:
        reason = " ".join((done.stderr or done.stdout).split())[-300:]
        raise ServiceAwayError(f"`prefect {' '.join(arguments[:2])}` failed: {reason}")


def _succeeds(arguments: list[str], variables: Mapping[str, str]) -> bool:
    return _run(arguments, variables).returncode == 0


def _run(arguments: list[str], variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Prefect's own command, asking nothing, on the server that the flows use."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
    given = os.environ | dict(variables)
    return subprocess.run(command, cwd=CHECKOUT, env=given, capture_output=True, text=True, check=False)


def _version() -> str:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


if __name__ == "__main__":
    main()
