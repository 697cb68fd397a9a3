"""What happened, as tables in the terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.reporting.state import Report

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

WIDEST_SAMPLE = 60
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def show(report: Report, console: Console) -> None:
    """All of a report's tables, and where the facts are."""
    for title, lines in (
        ("Deliveries by verdict", report.verdicts),
        ("Refused rows by reason", report.rejects),
        ("Top customers", report.top_customers),
        ("Each store's winner of the last month, with the 1 % incentive", report.winners),
    ):
        console.print(_table(title, lines))
    console.print(f"\nFacts (Delta table, partitioned by sales_month and store_id): {report.facts_uri}")


def _table(title: str, lines: Sequence["DataclassInstance"]) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False, title_style="bold")
    for name in asdict(lines[0]) if lines else ("nothing",):
        is_number = bool(lines) and isinstance(getattr(lines[0], name), int | Decimal)
        table.add_column(name.replace("_", " "), justify="right" if is_number else "left", no_wrap=True)
    for line in lines:
        table.add_row(*(Text(_text(value)) for value in asdict(line).values()))
    return table


def _text(value: object) -> str:
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    text = "" if value is None else " ".join(str(value).split())[:WIDEST_SAMPLE]
    return "".join(c if c.isprintable() else UNPRINTABLE for c in text)
