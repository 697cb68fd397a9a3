"""The report's sheets: CSV for whoever pays people, and for whoever tells stores what was refused."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.settings import Settings, read_settings
from streaming.warehouse import figures as ask
from streaming.warehouse.connection import connected
from tasks.reporting.figures import Figures
from tasks.reporting.words import harmless

INCENTIVES = ("sales_month", "store_id", "sales_person_id", "full_name", "sales", "total_sales", "incentive")
REJECTS = ("object_key", "delivery_id", "arrived_at", "reason", "rows", "sample")


class Sheet(NamedTuple):
    """One file, by the end of its name."""

    name: str
    text: str


@task(name="write the sheets", task_run_name="sheets-{figures.environment}", cache_policy=NO_CACHE)
def write_sheets(figures: Figures) -> list[Sheet]:
    """Who earned which incentive in the months of the figures, and what was refused of which file."""
    return sheets_of(figures, read_settings(figures.environment))


def sheets_of(figures: Figures, settings: Settings) -> list[Sheet]:
    """The sheets; refusals are too many to be figures of the page, and so are asked for here."""
    with connected(settings.warehouse) as database:
        rejects = ask.rejects_by_delivery(database, after=figures.after)
    winners = [asdict(winner) for winner in figures.winners]
    return [Sheet("incentives", as_csv(INCENTIVES, winners)), Sheet("rejects", as_csv(REJECTS, rejects))]


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV (RFC 4180) under a header; texts from outside become harmless, numbers stay as they are."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
