"""An environment's state in a few lines of Markdown, for Prefect's UI."""

import base64
import string
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from streaming.contract.deliveries import Status
from streaming.contract.sections import Storage
from tasks.reporting.addresses import prefix_page, uri_of
from tasks.reporting.state import Report
from tasks.reporting.words import readable

LINES_SHOWN = 12
SPECIAL = frozenset(string.punctuation) - frozenset(",:%+-")
"""What Markdown or HTML may take for more than it is; with a backslash before it they do not."""


def summary_of(report: Report, storage: Storage, *, image: str | None) -> str:
    """What the environment holds, what was refused, who won, and where the files are.

    Args:
        report: the state.
        storage: the bucket.
        image: the plot of its sales as a data URI, if there is something to draw.
    """
    return "\n".join(
        (
            f"# State of {report.environment}\n",
            f"{_in_words(report)}\n",
            *([f"![Sales by month and store]({image})\n"] if image else []),
            *_verdicts(report),
            *_rejects(report),
            *_winners(report),
            *_places(storage),
        )
    )


def data_uri(png: bytes) -> str:
    """An image that needs no server."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def plain(value: object) -> str:
    """A value as one cell of a table that shows it as it is, whatever is in it."""
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    shown = " ".join(readable(str(value)).split())
    return "".join(f"\\{c}" if c in SPECIAL else c for c in shown)


def _in_words(report: Report) -> str:
    if not report.verdicts:
        return "There is nothing yet: no delivery has come."
    counting = [line for line in report.verdicts if line.status == Status.PROCESSED]
    loaded = sum(line.rows_loaded for line in counting)
    amount = sum((line.amount_loaded for line in counting), Decimal(0))
    rejected = sum(line.rows_rejected for line in counting)
    waiting = sum(line.deliveries for line in report.verdicts if line.status == Status.WAITING)
    return f"{loaded:,} sales for {amount:,} are loaded, {rejected:,} rows were refused, {waiting:,} deliveries wait."


def _verdicts(report: Report) -> Iterator[str]:
    lines = [(v.status, v.reason, v.deliveries, v.rows_loaded, v.amount_loaded) for v in report.verdicts]
    yield from _table("Deliveries", ("verdict", "reason", "deliveries", "rows loaded", "money"), lines)


def _rejects(report: Report) -> Iterator[str]:
    lines = [(reject.reason, reject.rows) for reject in report.rejects]
    yield from _table("Refused rows", ("reason", "rows"), lines)


def _winners(report: Report) -> Iterator[str]:
    month = report.winners[0].sales_month if report.winners else ""
    lines = [(w.store_id, w.full_name, w.total_sales, w.incentive) for w in report.winners]
    yield from _table(f"Winners of {month}", ("store", "name", "money", "incentive"), lines)


def _table(title: str, names: Sequence[str], lines: Sequence[Iterable[object]]) -> Iterator[str]:
    if not lines:
        return
    yield f"## {title}\n"
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    yield from (f"| {' | '.join(map(plain, line))} |" for line in lines[:LINES_SHOWN])
    yield f"\n{len(lines) - LINES_SHOWN} more lines are in the tables beside this.\n" if lines[LINES_SHOWN:] else ""


def _places(storage: Storage) -> Iterator[str]:
    yield "## Where things are\n"
    prefixes = storage.prefixes
    for name, prefix in (
        ("facts", prefixes.facts),
        ("rejects", prefixes.rejects),
        ("archive", prefixes.archive),
        ("quarantine", prefixes.quarantine),
        ("reports", prefixes.reports),
    ):
        page = prefix_page(storage, prefix)
        yield f"- {name}: `{uri_of(storage, prefix)}`{f' ([console]({page}))' if page else ''}"
