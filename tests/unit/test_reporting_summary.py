"""The summary in Prefect's UI, and the addresses in it."""

import re
from decimal import Decimal

import pytest

from streaming.contract.sections import Storage
from tasks.reporting.addresses import object_page
from tasks.reporting.state import RejectLine, Report, VerdictLine, WinnerLine
from tasks.reporting.summary import data_uri, plain, summary_of
from tests.unit.reporting import HOSTILE

AWS = Storage(bucket="sales", region="eu-west-1")
LOCAL = Storage(bucket="sales", endpoint="http://127.0.0.1:9000/")


def report(name: str = "Ann", verdicts: int = 1) -> Report:
    return Report(
        environment="dev",
        verdicts=[VerdictLine("processed", "", 2, 1_000, 5, Decimal("10.30"))] * verdicts,
        rejects=[RejectLine(f"reason {number}", 20 - number, None) for number in range(14)],
        top_customers=[],
        winners=[WinnerLine(1, "2026-02", 7, name, 3, Decimal("1234.50"), Decimal("12.35"))],
        newest_batches=[],
        facts_uri="s3://sales/processed/sales/",
    )


def test_a_summary_says_what_is_there_and_where() -> None:
    told = summary_of(report(), LOCAL, image="data:image/png;base64,AA==")
    assert "1,000 sales for 10.30 are loaded, 5 rows were refused, 0 deliveries wait." in told
    assert "\n## Winners of 2026-02\n\n| store | name | money | incentive |\n| --- | --- | --- | --- |\n" in told
    assert "\n| 1 | Ann | 1,234.50 | 12.35 |\n" in told
    assert "![Sales by month and store](data:image/png;base64,AA==)" in told
    assert "- quarantine: `s3://sales/quarantine/`" in told
    assert "\n2 more lines are in the tables beside this.\n" in told


def test_only_aws_has_a_console() -> None:
    page = "https://eu-west-1.console.aws.amazon.com/s3/buckets/sales?region=eu-west-1&prefix=archive/"
    assert f"- archive: `s3://sales/archive/` ([console]({page}))" in summary_of(report(), AWS, image=None)
    assert "console" not in summary_of(report(), LOCAL, image=None)


@pytest.mark.parametrize(
    ("storage", "page"),
    [
        (AWS, "https://eu-west-1.console.aws.amazon.com/s3/object/sales?region=eu-west-1&prefix=reports/a%20b.html"),
        (LOCAL, "http://127.0.0.1:9000/sales/reports/a%20b.html"),
    ],
)
def test_a_report_has_an_address_that_a_browser_knows(storage: Storage, page: str) -> None:
    assert object_page(storage, "reports/a b.html") == page


@pytest.mark.parametrize("text", [HOSTILE, "a | b", "[x](http://y)", "`x`", "*x*", "a\n\n# b", "![x](data:y)", "\\|"])
def test_a_cell_of_a_summary_is_never_markup(text: str) -> None:
    cell = plain(text)
    assert re.fullmatch(r"(?:\\[!-/:-@\[-`{-~]|[^<>|\[\]()`*_!\\#&./@=\n])*", cell)
    assert cell in summary_of(report(text), LOCAL, image=None)


def test_an_environment_without_anything_says_so() -> None:
    nothing = Report(
        environment="dev", verdicts=[], rejects=[], top_customers=[], winners=[], newest_batches=[], facts_uri=""
    )
    told = summary_of(nothing, LOCAL, image=None)
    assert "There is nothing yet" in told
    assert "|" not in told


def test_an_image_is_its_own_address() -> None:
    assert data_uri(b"\x89PNG") == "data:image/png;base64,iVBORw=="
