"""A browser that is logged in to Prefect's UI, beside a shop that is deployed; what it sees is kept as pictures."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from deployments.embedded.prefect_server import PrefectServer, login
from streaming.contract.places import CHECKOUT
from tests.flows import prefect_api as prefect
from tests.flows.conftest import eventually, prefect_servers, processes_of, run_module
from tests.shop import Shop, open_shop

__all__ = ["prefect_servers"]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WINDOW = {"width": 1300, "height": 1000}
PATIENCE_MILLISECONDS = 60_000
PLACEHOLDER = "[data-slot=skeleton]"
"""The grey boxes that the UI shows until what belongs there has come."""
PICTURES = "[0-9][0-9]-*.png"


class Album:
    """Pictures of the walk, numbered in its order."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder
        self._numbers = iter(range(1, 1000))

    def keep(self, name: str) -> None:
        """Take a picture when the page has come to rest: nothing loads, nothing fades in or out."""
        self._page.wait_for_load_state("networkidle")
        expect(self._page.locator(PLACEHOLDER)).to_have_count(0)
        self.keep_as_it_is(name)

    def keep_as_it_is(self, name: str) -> None:
        """Take a picture now, whatever is still missing."""
        self._page.screenshot(path=self._folder / f"{next(self._numbers):02}-{name}.png", animations="disabled")


@pytest.fixture(scope="module")
def shop(prefect_servers: Path, home: Path) -> Iterator[Shop]:
    """A shop that is provisioned and deployed; no run of it is left."""
    with open_shop(prefect_servers) as opened:
        for module in ("flows.provision", "deployments.deploy"):
            done = run_module(module)
            assert done.returncode == 0, done.stderr
        yield opened
        for run in (*prefect.runs_of("ingest-dev"), *prefect.runs_of("catch_up-dev")):
            if prefect.state(run) not in prefect.ENDED:
                prefect.cancel(run)
        eventually(lambda: not list(processes_of(home)), what="nothing is left running")


@pytest.fixture(scope="module")
def page(shop: Shop) -> Iterator[Page]:
    """Debian's Chromium at the login of Prefect's UI."""
    assert shop.settings.environment == "dev"
    program = shutil.which("chromium")
    assert program is not None, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        opened = browser.new_page(viewport={"width": WINDOW["width"], "height": WINDOW["height"]})
        opened.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        opened.goto(PrefectServer().ui)
        opened.get_by_role("textbox").fill(login())
        opened.keyboard.press("Enter")
        opened.get_by_role("link", name="Deployments").wait_for()
        yield opened
        browser.close()


@pytest.fixture(scope="module")
def album(page: Page) -> Album:
    """The folder of pictures, without those of an earlier walk; what else is in it stays."""
    folder = Path(os.environ.get("TILLSTREAM_SCREENSHOTS") or CHECKOUT / ".tillstream" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(PICTURES):
        old.unlink()
    return Album(page, folder)


@pytest.fixture(autouse=True)
def last_look(request: pytest.FixtureRequest) -> Iterator[None]:
    """A picture of what a test that failed has seen last."""
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed and "album" in request.fixturenames:
        album = request.getfixturevalue("album")
        assert isinstance(album, Album)
        album.keep_as_it_is(f"failed-{request.node.name}")
