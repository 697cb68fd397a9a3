"""Prefect's server as its users' browsers ask it: runs started, watched, cancelled; logs and artifacts read."""

import json
import time
from collections.abc import Iterator
from typing import TypeAlias, cast
from uuid import uuid4

from deployments.embedded.prefect_server import PrefectServer

Json: TypeAlias = dict[str, object]

ENDED = {"CANCELLED", "CRASHED", "COMPLETED", "FAILED"}
PATIENCE_SECONDS = 150
ANSWER_SECONDS = 60
TRIES = 3


def ask(method: str, path: str, body: object = None) -> object:
    """The answer; none is a failure. Everything asked here may be asked again: a busy server refuses now and then."""
    for attempt in range(TRIES):
        if (answer := PrefectServer().ask(method, f"/api/{path}", body, seconds=ANSWER_SECONDS)) is not None:
            return answer
        time.sleep(2**attempt)
    raise AssertionError(f"{method} {path} was refused {TRIES} times")


def start(deployment: str, **parameters: object) -> str:
    """Start a deployment named as `flow/deployment`; the run's id."""
    found = cast("Json", ask("GET", f"deployments/name/{deployment}"))
    body = {
        "parameters": {**cast("Json", found["parameters"]), **parameters},
        "state": {"type": "SCHEDULED"},
        "idempotency_key": str(uuid4()),
    }
    return str(cast("Json", ask("POST", f"deployments/{found['id']}/create_flow_run", body))["id"])


def state(run_id: str) -> str:
    """The type of the run's state, such as RUNNING."""
    return str(cast("Json", _run(run_id)["state"])["type"])


def said(run_id: str) -> str:
    """The message of the run's state."""
    return str(cast("Json", _run(run_id)["state"]).get("message") or "")


def name_of(run_id: str) -> str:
    """What the run is called."""
    return str(_run(run_id)["name"])


def runs_of(deployment: str) -> list[str]:
    """The ids of the runs of a deployment, the newest first."""
    body = {"deployments": {"name": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_DESC"}
    return [str(run["id"]) for run in cast("list[Json]", ask("POST", "flow_runs/filter", body))]


def ended(run_id: str) -> str:
    """Wait for the end of a run; the type of its last state."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (found := state(run_id)) not in ENDED:
        assert time.monotonic() < end, f"the run is still {found}"
        time.sleep(0.5)
    return found


def cancel(run_id: str) -> None:
    """Press the button."""
    ask("POST", f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING"}})


def logs(run_id: str) -> str:
    """All that the run logged."""
    body = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"}
    return "\n".join(str(line["message"]) for line in cast("list[Json]", ask("POST", "logs/filter", body)))


def artifacts(key: str) -> Iterator[Json]:
    """The newest artifact of that key, if there is one."""
    body = {"artifacts": {"key": {"any_": [key]}}}
    yield from cast("list[Json]", ask("POST", "artifacts/latest/filter", body))


def events(prefix: str) -> list[Json]:
    """The events whose names begin so, the newest first."""
    body = {"filter": {"event": {"prefix": [prefix]}, "order": "DESC"}, "limit": 50}
    return cast("list[Json]", cast("Json", ask("POST", "events/filter", body))["events"])


def everything() -> bytes:
    """All that the API shows without being asked for secrets."""
    kinds = ("flow_runs", "task_runs", "artifacts", "logs", "deployments", "automations", "variables", "work_pools")
    lists = [cast("list[Json]", ask("POST", f"{kind}/filter", {})) for kind in (*kinds, "block_documents")]
    assert all(lists[:3]), "there is nothing to be seen"
    return json.dumps([*lists, ask("POST", "events/filter", {"limit": 50})]).encode()


def _run(run_id: str) -> Json:
    return cast("Json", ask("GET", f"flow_runs/{run_id}"))
