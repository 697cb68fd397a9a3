"""What Prefect would drop in silence is refused, and what is deployed can be seen."""

from pathlib import Path
from typing import cast

import pytest
import yaml

from deployments.checking import FLOW_NAMES, entries_of, faults_in, mapping
from deployments.deploy import FILE, for_pool
from tests.flows import prefect_api as prefect
from tests.flows.conftest import run_module

TEXT = FILE.read_text(encoding="utf-8")
VARIABLES = {
    f"TILLSTREAM_{name}": "x" for name in ("ENVIRONMENT", "WORK_POOL", "CHECKOUT", "VERSION", "IMAGE", "SCHEDULES")
}


def test_the_file_as_it_is_has_no_fault() -> None:
    assert list(faults_in(TEXT, VARIABLES)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("concurrency_limit:", "concurency_limit:", "deployment has no key 'concurency_limit'"),
        ("collision_strategy:", "colision_strategy:", "concurrency_limit has no key 'colision_strategy'"),
        ("stream_output:", "stream_outputs:", "job_variables has no key 'stream_outputs'"),
        ("pull:", "pulls:", "prefect.yaml has no key 'pulls'"),
        ('name: "ingest-', 'name: "injest-', "flow ingest is not deployed"),
        ("$TILLSTREAM_VERSION", "$TILLSTREAM_VERSOIN", "variable TILLSTREAM_VERSOIN is not set"),
    ],
)
def test_a_typing_error_is_named(old: str, new: str, fault: str) -> None:
    assert any(fault in found for found in faults_in(TEXT.replace(old, new), VARIABLES))


def test_a_docker_pool_runs_the_image_and_needs_no_folder() -> None:
    tree = for_pool(mapping(yaml.safe_load(TEXT)), "docker")
    assert tree["pull"] == []
    for entry in entries_of(tree):
        variables = mapping(mapping(entry["work_pool"])["job_variables"])
        assert variables["image"] == "{{ $TILLSTREAM_IMAGE }}"
        assert variables["env"] == {"TILLSTREAM_ENVIRONMENT": "{{ $TILLSTREAM_ENVIRONMENT }}"}


@pytest.mark.servers
def test_every_flow_is_deployed_under_its_name_and_what_the_file_has_no_longer_is_gone(prefect_servers: Path) -> None:
    assert prefect_servers.is_dir()
    assert run_module("deployments.deploy").returncode == 0
    found = cast("prefect.Json", prefect.ask("GET", "deployments/name/provision/provision-dev"))
    old = {"name": "forgotten-dev", "flow_id": found["flow_id"], "tags": ["tillstream", "dev"]}
    prefect.ask("POST", "deployments/", old)
    schedule = {"schedule": {"interval": 3600}, "active": False, "slug": "old"}
    prefect.ask("POST", f"deployments/{found['id']}/schedules", [schedule])
    done = run_module("deployments.deploy", "--environment", "dev")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [
        "deployment forgotten-dev is gone, as the file has it no longer",
        "schedule old of provision-dev is gone, as the file has it no longer",
    ]
    for name in FLOW_NAMES:
        deployment = cast("prefect.Json", prefect.ask("GET", f"deployments/name/{name}/{name}-dev"))
        assert deployment["enforce_parameter_schema"] is True
        assert deployment["job_variables"] == {"stream_output": False}
        schedules = cast("list[prefect.Json]", deployment["schedules"])
        assert not [schedule for schedule in schedules if schedule["active"]], "dev runs nothing by itself"
