"""What stores write into names and cells, where people read it: in the log and in the demo's tables."""

import logging
from decimal import Decimal

import pytest
from rich.console import Console

from deployments.demo.tables import show
from streaming.contract.logs import OneLineFormatter
from tasks.reporting.state import CustomerLine, RejectLine, Report


def logged(message: str, *values: object) -> str:
    record = logging.makeLogRecord({"msg": message, "args": values, "levelname": "INFO"})
    return OneLineFormatter("%(levelname)s %(message)s").format(record)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("été 緑茶 😀.csv", "été 緑茶 😀.csv"),
        ("x\nerror: the disk is full", "x\\nerror: the disk is full"),
        ("x\r\x1b[2J\x07", "x\\r\\x1b[2J\\x07"),
        ("x\u2028\u202egnp.csv", "x\\u2028\\u202egnp.csv"),
    ],
)
def test_a_name_stays_on_the_line_that_tells_of_it(name: str, shown: str) -> None:
    assert logged("%s stays", name) == f"INFO {shown} stays"


def test_the_lines_of_a_traceback_stay_lines() -> None:
    error = ValueError("why")
    record = logging.makeLogRecord({"msg": "it failed", "exc_info": (ValueError, error, error.__traceback__)})
    assert OneLineFormatter("%(message)s").format(record).splitlines() == ["it failed", "ValueError: why"]


@pytest.mark.parametrize(
    ("text", "shown"), [("[red]x[/red]", "[red]x[/red]"), ("[/x] [", "[/x] ["), ("a\x1b[2J\nb", "a\ufffd[2J b")]
)
def test_a_table_shows_a_cell_as_it_is_and_obeys_none(text: str, shown: str) -> None:
    report = Report(
        environment="dev",
        verdicts=[],
        rejects=[RejectLine("malformed_row", 1, text)],
        top_customers=[CustomerLine(1, text, 1, Decimal("1.00"))],
        winners=[],
        newest_batches=[],
        facts_uri="s3://bucket/facts",
    )
    console = Console(width=200)
    with console.capture() as captured:
        show(report, console)
    assert captured.get().count(shown) == 2
