"""Deploy the flows of prefect.yaml for one environment: `python -m deployments.deploy --environment dev`.

Prefect drops a misspelled key, leaves an unset variable empty and keeps what the file no longer has, all without
failing; here the first two are errors, and the third is taken away.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import yaml

import flows  # noqa: F401  settles which Prefect server is meant, so before anything that imports Prefect
from deployments.alerts import register_alerts
from deployments.checking import VARIABLE, Node, entries_of, faults_in, mapping, schedules_of
from deployments.pools import have_pool
from deployments.pruning import prune
from streaming.contract.errors import ContractError, ServiceAwayError, TillstreamError
from streaming.contract.places import CHECKOUT
from streaming.contract.settings import ENVIRONMENTS, EnvironmentName, read_settings

FILE = CHECKOUT / "prefect.yaml"


def deploy(environment: EnvironmentName, *, file: Path = FILE) -> list[str]:
    """Make or update the environment's deployments and alerts, and its work pool if there is none.

    Returns what was taken away, as the file has it no longer.

    Raises:
        ContractError: prefect.yaml has a key that Prefect does not know, lacks a flow, or wants an unset variable.
        ServiceAwayError: Prefect refused or did not answer.
    """
    variables, kind = variables_of(environment), read_settings(environment).operations.work_pool_type
    text = file.read_text(encoding="utf-8")
    for fault in faults_in(text, variables):
        raise ContractError(f"{file.name}: {fault}")
    pool = variables["TILLSTREAM_WORK_POOL"]
    have_pool(pool, kind)
    tree = for_pool(mapping(yaml.safe_load(text)), kind)
    with tempfile.TemporaryDirectory(prefix="tillstream-deploy-") as folder:
        chosen = Path(folder) / file.name
        chosen.write_text(yaml.safe_dump(tree), encoding="utf-8")
        _prefect(["deploy", "--all", "--prefect-file", str(chosen)], variables)
    gone = prune(environment, _wanted(tree, variables))
    register_alerts(read_settings(environment))
    return gone


def for_pool(tree: Node, kind: str) -> Node:
    """The file's deployments for a work pool of that kind; in a Docker pool the code is in the image."""
    pool = mapping(tree.get("definitions")).get(f"{kind}_pool")
    entries = [{**entry, "work_pool": pool} for entry in entries_of(tree)]
    return {**tree, "pull": [] if kind == "docker" else tree.get("pull"), "deployments": entries}


def variables_of(environment: EnvironmentName) -> dict[str, str]:
    """What prefect.yaml leaves open, for this environment and this checkout."""
    operations = read_settings(environment).operations
    return {
        "TILLSTREAM_ENVIRONMENT": environment,
        "TILLSTREAM_WORK_POOL": operations.work_pool,
        "TILLSTREAM_IMAGE": operations.image,
        "TILLSTREAM_SCHEDULES": str(operations.schedules).lower(),
        "TILLSTREAM_CHECKOUT": str(CHECKOUT),
        "TILLSTREAM_VERSION": _version(),
    }


def main() -> NoReturn:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m deployments.deploy", description=__doc__.partition("\n")[0])
    parser.add_argument("--environment", choices=ENVIRONMENTS, default="dev", help="which one (default: dev)")
    try:
        gone = deploy(parser.parse_args().environment)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    sys.stdout.writelines(f"{name} is gone, as the file has it no longer\n" for name in gone)
    sys.exit(0)


def _wanted(tree: Node, variables: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of the file's deployments, with the slugs of their schedules."""
    return {
        VARIABLE.sub(lambda match: variables[match[1]], str(entry["name"])): [
            str(schedule["slug"]) for schedule in schedules_of(entry)
        ]
        for entry in entries_of(tree)
    }


def _prefect(arguments: list[str], variables: Mapping[str, str]) -> None:
    done = _run(arguments, variables)
    if done.returncode:
        reason = " ".join((done.stderr or done.stdout).split())[-300:]
        raise ServiceAwayError(f"`prefect {' '.join(arguments[:2])}` failed: {reason}")


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
