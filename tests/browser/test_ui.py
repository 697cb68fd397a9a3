"""One user's walk through Prefect's UI, in this order: deployments, a catch-up by its form, its results, a cancel."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deployments.checking import FLOW_NAMES
from tests.browser.conftest import Album
from tests.flows import prefect_api as prefect
from tests.flows.conftest import eventually, processes_of
from tests.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(600)]

SALE = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
RUN_MILLISECONDS = 180_000
VERSION = re.compile("^[0-9a-f]{8}$")
"""What the UI calls one of an artifact's versions: the beginning of its id."""


def open_deployment(page: Page, name: str) -> None:
    page.get_by_role("link", name="Deployments").first.click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def newest_first(page: Page) -> None:
    """The log's end on top: the page draws only what can be seen."""
    page.get_by_role("combobox", name="log sort order").click()
    page.get_by_role("option", name="Newest to oldest").click()


def test_all_deployments_are_listed(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Deployments").first.click()
    for name in FLOW_NAMES:
        expect(page.get_by_role("link", name=f"{name}-dev", exact=True)).to_be_visible()
    album.keep("deployments")


def test_the_form_of_a_catch_up_has_pickers_and_help_and_refuses_nothing_right(
    page: Page, album: Album, shop: Shop
) -> None:
    shop.put_sales("store-01/a.csv", SALE, SALE)
    shop.put_sales("store-02/b.csv", SALE)
    open_deployment(page, "catch_up-dev")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()
    expect(page.get_by_text("Shell pattern of the keys below landing")).to_be_visible()
    expect(page.get_by_text("First day on which the store put the file, in UTC.")).to_be_visible()
    page.get_by_label("environment").click()
    for name in ("dev", "qa", "prod"):
        expect(page.get_by_role("option", name=name, exact=True)).to_be_visible()
    album.keep("catch-up-environments")
    page.keyboard.press("Escape")
    page.get_by_label("key_pattern").fill("store-01/*")
    album.keep("catch-up-form")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="View run").click()
    expect(page.get_by_role("tab", name="Logs")).to_be_visible()


def test_the_run_is_followed_to_its_end(page: Page, album: Album, shop: Shop) -> None:
    expect(page.get_by_text("dev-store-01/* · 1 processed").first).to_be_visible(timeout=RUN_MILLISECONDS)
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible()
    newest_first(page)
    expect(page.get_by_text("settled: 1 processed").first).to_be_visible()
    album.keep("catch-up-log")
    assert [verdict[:2] for verdict in shop.verdicts()] == [
        ("store-01/a.csv", "processed"),
        ("store-02/b.csv", "waiting"),
    ]


def test_its_artifacts_tell_what_the_database_knows(page: Page, album: Album, shop: Shop) -> None:
    page.get_by_role("tab", name="Artifacts").click()
    album.keep("artifacts")
    page.get_by_role("link", name="summary-dev").click()
    page.get_by_role("link", name=VERSION).first.click()
    (sold,) = shop.sql("SELECT SUM(total_purchases) AS amount, SUM(purchases) AS sales FROM customer_mart")
    expect(page.get_by_text(f"{sold['sales']} sales for {sold['amount']} are loaded").first).to_be_visible()
    picture = page.get_by_role("img", name="Sales by month and store").first
    expect(picture).to_be_visible()
    assert int(str(picture.evaluate("image => image.naturalWidth"))) > 100
    album.keep("summary")


def test_a_stream_is_started_watched_and_cancelled(page: Page, album: Album, shop: Shop, home: Path) -> None:
    open_deployment(page, "ingest-dev")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Quick run").click()
    page.get_by_role("button", name="View run").click()
    eventually(lambda: ("store-02/b.csv", "processed", None) in shop.verdicts(), what="the other file is loaded")
    newest_first(page)
    expect(page.get_by_text("lag 0 files, 0 s").first).to_be_visible()
    album.keep("stream-log")
    page.get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Cancel").click()
    album.keep("stream-cancel")
    page.get_by_role("alertdialog").or_(page.get_by_role("dialog")).get_by_role(
        "button", name="Cancel Flow Run"
    ).click()
    expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()
    album.keep("stream-cancelled")
    eventually(lambda: not list(processes_of(home)), what="nothing is left running")
    assert prefect.state(prefect.runs_of("ingest-dev")[0]) == "CANCELLED"
