"""What Prefect would drop in silence is refused, and what is deployed can be seen."""

import pytest

from deployments.deploy import FILE, FLOW_NAMES, faults_in
from tests.flows.conftest import Runner

TEXT = FILE.read_text(encoding="utf-8")
VARIABLES = {f"TILLSTREAM_{name}": "x" for name in ("ENVIRONMENT", "WORK_POOL", "CHECKOUT", "VERSION")}


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


@pytest.mark.servers
def test_every_flow_is_deployed_under_its_name(run: Runner) -> None:
    done = run("deployments.deploy", "--environment", "dev")
    assert done.returncode == 0, done.stderr
    for name in FLOW_NAMES:
        shown = run("tests.flows.ask", "deployment", "inspect", f"{name}/{name}-dev")
        assert "'enforce_parameter_schema': True" in shown.stdout
        assert "'stream_output': False" in shown.stdout
