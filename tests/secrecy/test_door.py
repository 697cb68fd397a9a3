"""A stream at work, with everything on that shows what it does: none of it shows a secret."""

import json
import resource
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes.doors import Door, open_door, overrule, until
from tests.secrecy.canaries import Canaries, canaries, family, leaked, leaked_to_files, leaked_to_processes
from tests.shop import Shop

pytestmark = pytest.mark.servers

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
UI = "http://127.0.0.1:4040"
API = "/api/v1/applications"
PAGES = ("/environment/", "/jobs/", "/stages/", "/executors/", "/SQL/", "/StreamingQuery/", "/storage/", API)


@pytest.fixture
def secrets(shop: Shop, home: Path) -> Canaries:
    """Those of the servers and of the environment's key."""
    assert shop.settings.environment == "dev"
    return canaries(home)


@pytest.fixture
def door(shop: Shop, tmp_path: Path) -> Iterator[Door]:
    """A stream with Spark's UI and event log, which has loaded a file."""
    events = tmp_path / "events"
    events.mkdir()
    (tmp_path / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.dir {events.as_uri()}\nspark.ui.port 4040\n"
    )
    overrule(shop, "[stream]", "ui = true")
    shop.put_sales("sales.csv", SALE, "no sale")
    with open_door(tmp_path / "door", "--trigger", "continuous", variables={"SPARK_CONF_DIR": str(tmp_path)}) as opened:
        until(lambda: shop.deliveries() and shop.deliveries()[0]["status"] == "processed", door=opened)
        yield opened


def read(path: str) -> bytes:
    with urllib.request.urlopen(f"{UI}{path}", timeout=30) as page:  # noqa: S310  our own address
        return bytes(page.read())


def application() -> str:
    return str(json.loads(read(API))[0]["id"])


@pytest.mark.soak
def test_a_stream_at_work_shows_no_secret(door: Door, secrets: Canaries, tmp_path: Path) -> None:
    processes = family(psutil.Process(door.process.pid))
    assert {"java", "python"} <= {process.name().rstrip("0123456789.") for process in processes}
    assert leaked_to_processes(processes, secrets) == []
    assert {process.rlimit(resource.RLIMIT_CORE) for process in processes} == {(0, 0)}

    properties = f"{API}/{application()}/environment"
    shown = {page: read(page) for page in (*PAGES, properties, f"{API}/{application()}/sql?details=true&length=1000")}
    assert all(shown.values())
    assert b"fs.s3a.endpoint" in shown[properties]
    assert [leak for page, text in shown.items() for leak in leaked(text, secrets, where=page)] == []

    door.process.send_signal(signal.SIGTERM)
    assert door.wait() == 0
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any("events" in file.parts and file.stat().st_size for file in written)
    assert leaked_to_files(written, secrets) == []
