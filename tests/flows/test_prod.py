"""prod beside dev on one Prefect server: its own worker, and a person who is asked before something is taken away."""

from pathlib import Path

import pytest

from deployments.embedded import up
from streaming.bucket import Bucket
from streaming.contract.settings import Settings, read_settings
from streaming.warehouse.connection import connected
from tests.flows import prefect_api as prefect
from tests.flows.conftest import eventually, run_module
from tests.known import KNOWN
from tests.shop import HEADER, know

pytestmark = [pytest.mark.servers, pytest.mark.soak, pytest.mark.timeout(900)]

SALE = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
WITHDRAW = "withdraw/withdraw-prod"


@pytest.fixture(scope="module")
def prod(prefect_servers: Path) -> Settings:
    """prod, provisioned and deployed, with a worker, and one file loaded by a run of it."""
    assert prefect_servers.is_dir()
    up(("worker-prod",))
    for module in ("flows.provision", "deployments.deploy"):
        done = run_module(module, "--environment", "prod")
        assert done.returncode == 0, done.stderr
    settings = read_settings("prod")
    know(settings, KNOWN)
    bucket = Bucket(settings.storage)
    bucket.put(f"{settings.storage.prefixes.landing}a.csv", f"{HEADER}\n{SALE}\n".encode())
    assert prefect.ended(prefect.start("catch_up/catch_up-prod")) == "COMPLETED"
    assert status(settings) == ["processed"]
    return settings


def status(settings: Settings) -> list[str]:
    with connected(settings.warehouse) as database, database.cursor() as cursor:
        cursor.execute("SELECT status FROM deliveries WHERE withdraws IS NULL ORDER BY delivery_id")
        return [str(row["status"]) for row in cursor.fetchall()]


def answered(settings: Settings, *, approve: bool) -> str:
    """Ask for the withdrawal, wait until a person is asked, answer; the run's id when it has ended."""
    run_id = prefect.start(WITHDRAW, delivery_ids="1", environment="prod")
    eventually(lambda: prefect.state(run_id) == "PAUSED", what="the run waits for a person")
    assert status(settings) == ["processed"]
    prefect.ask("POST", f"flow_runs/{run_id}/resume", {"run_input": {"approve": approve, "because": "month end"}})
    prefect.ended(run_id)
    return run_id


def test_what_is_not_approved_is_not_done(prod: Settings) -> None:
    run_id = answered(prod, approve=False)
    assert prefect.state(run_id) == "FAILED"
    assert "not approved, because month end: nothing was done" in prefect.said(run_id)
    assert status(prod) == ["processed"]


def test_what_is_approved_is_done(prod: Settings) -> None:
    run_id = answered(prod, approve=True)
    assert prefect.state(run_id) == "COMPLETED", prefect.said(run_id)
    assert status(prod) == ["withdrawn"]
    assert "approved, because month end" in prefect.logs(run_id)


def test_a_block_that_names_another_database_is_refused(prod: Settings) -> None:
    """As when somebody edits a block by hand: the place itself says whose it is."""
    dev = read_settings("dev").warehouse
    found = prefect.ask("GET", "block_types/slug/tillstream-mysql/block_documents/name/prod-warehouse")
    assert isinstance(found, dict)
    own = {"host": dev.host, "port": dev.port, "database": prod.warehouse.database, "user": prod.warehouse.user}
    wrong = {**own, "database": dev.database, "user": dev.user, "password": dev.password.get_secret_value()}
    right = {**own, "password": prod.warehouse.password.get_secret_value()}
    assert run_module("flows.provision").returncode == 0
    prefect.ask("PATCH", f"block_documents/{found['id']}", {"data": wrong})
    try:
        run_id = prefect.start("clean_up/clean_up-prod")
        assert prefect.ended(run_id) == "FAILED"
        assert f"database {dev.database} belongs to dev, and this is prod" in prefect.said(run_id)
    finally:
        prefect.ask("PATCH", f"block_documents/{found['id']}", {"data": right})
