"""One user's walk through Prefect's UI, in this order: deployments, a catch-up by its form, its results, a cancel."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from playwright.sync_api import Page, expect

from deployments.checking import FLOW_NAMES
from streaming.contract.settings import ENVIRONMENTS
from tasks.attempts import Wanted
from tests.browser.conftest import Album
from tests.flows import prefect_api as prefect
from tests.flows.conftest import eventually, processes_of, run_module
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


def open_form(page: Page, deployment: str) -> None:
    open_deployment(page, deployment)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def view_run(page: Page) -> None:
    """Follow the link in the notice, and let the notice go: it stays while the mouse is over it."""
    link = page.get_by_role("button", name="View run")
    link.click()
    page.mouse.move(0, 0)
    expect(page.get_by_role("tab", name="Logs")).to_be_visible()
    expect(link).to_have_count(0)


def expect_choices(page: Page, picker: str, choices: Iterable[str]) -> None:
    page.get_by_label(f"Select {picker}").click()
    expect(page.get_by_role("option")).to_have_text(list(choices))


def close_choices(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)


def type_as_json(page: Page, parameter: str, text: str) -> None:
    """Give a parameter a value for which its own field has no room."""
    menu = page.get_by_role("button", name="Open menu")
    row = page.locator("div").filter(has=page.get_by_text(f"{parameter} (Optional)")).filter(has=menu).last
    row.get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Use JSON Input").click()
    editor = page.get_by_role("textbox").filter(has_text="waiting")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    expect(editor.or_(page.get_by_text(text)).first).to_be_visible()


def open_artifact(page: Page, key: str) -> None:
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_role("link", name=key).click()
    page.get_by_role("link", name=VERSION).first.click()


def newest_first(page: Page) -> None:
    """The log's end on top: the page draws only what can be seen."""
    page.get_by_role("combobox", name="log sort order").click()
    page.get_by_role("option", name="Newest to oldest").click()


def test_all_deployments_are_listed(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Deployments").first.click()
    for name in FLOW_NAMES:
        expect(page.get_by_role("link", name=f"{name}-dev", exact=True)).to_be_visible()
    album.keep("deployments")


def test_the_form_of_a_catch_up_has_pickers_and_help(page: Page, album: Album) -> None:
    open_form(page, "catch_up-dev")
    expect(page.get_by_text("Shell pattern of the keys below landing")).to_be_visible()
    expect(page.get_by_text("First day on which the store put the file, in UTC.")).to_be_visible()
    expect_choices(page, "environment", ENVIRONMENTS)
    album.keep("catch-up-environments")
    close_choices(page)
    expect_choices(page, "status", get_args(Wanted))
    album.keep("catch-up-statuses")
    close_choices(page)


def test_a_status_that_is_none_is_refused_beside_its_field_and_starts_nothing(page: Page, album: Album) -> None:
    open_form(page, "catch_up-dev")
    type_as_json(page, "status", '"sold"')
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("'sold' is not one of").first).to_be_visible()
    album.keep("catch-up-refused")
    assert prefect.runs_of("catch_up-dev") == []


def test_a_catch_up_is_started_by_its_form(page: Page, album: Album, shop: Shop) -> None:
    shop.put_sales("store-01/a.csv", SALE, SALE)
    shop.put_sales("store-02/b.csv", SALE)
    open_form(page, "catch_up-dev")
    page.get_by_label("key_pattern").fill("store-01/*")
    album.keep("catch-up-form")
    page.get_by_role("button", name="Submit").click()
    view_run(page)
    assert len(prefect.runs_of("catch_up-dev")) == 1


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


def test_its_summary_tells_what_the_database_knows(page: Page, album: Album, shop: Shop) -> None:
    page.get_by_role("tab", name="Artifacts").click()
    album.keep("artifacts")
    open_artifact(page, "summary-dev")
    (sold,) = shop.sql("SELECT SUM(total_purchases) AS amount, SUM(purchases) AS sales FROM customer_mart")
    expect(page.get_by_text(f"{sold['sales']} sales for {sold['amount']} are loaded").first).to_be_visible()
    picture = page.get_by_role("img", name="Sales by month and store").first
    expect(picture).to_be_visible()
    assert int(str(picture.evaluate("image => image.naturalWidth"))) > 100
    album.keep("summary")


def test_its_table_of_verdicts_tells_what_the_database_knows(page: Page, album: Album, shop: Shop) -> None:
    page.get_by_role("link", name="dev-store-01/* · 1 processed").click()
    open_artifact(page, "verdicts-dev")
    known = shop.sql(
        "SELECT status, COUNT(*) AS deliveries, SUM(COALESCE(rows_loaded, 0)) AS loaded,"
        " SUM(COALESCE(rows_rejected, 0)) AS rejected, SUM(COALESCE(amount_loaded, 0)) AS amount"
        " FROM deliveries GROUP BY status"
    )
    assert len(known) == 2
    for line in known:
        row = page.get_by_role("row").filter(has_text=str(line["status"]))
        figures = (line["deliveries"], line["loaded"], line["rejected"], line["amount"])
        expect(row.get_by_role("cell")).to_have_text([str(line["status"]), "", *map(str, figures)])
    album.keep("verdicts")


def test_a_stream_is_started_watched_and_cancelled(page: Page, album: Album, shop: Shop, home: Path) -> None:
    open_deployment(page, "ingest-dev")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Quick run").click()
    view_run(page)
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


def test_the_report_opens_and_shows_what_was_sold(page: Page, album: Album, shop: Shop, home: Path) -> None:
    done = run_module("flows.report", "--environment", "dev")
    assert done.returncode == 0, done.stderr
    (sold,) = shop.sql("SELECT SUM(total_sales) AS amount FROM sales_team_mart")
    page.goto((home / "reports" / "dev.html").as_uri())
    expect(page.get_by_role("heading", name="Sales of dev")).to_be_visible()
    expect(page.get_by_text(f"{sold['amount']:,}").first).to_be_visible()
    album.keep("report")
