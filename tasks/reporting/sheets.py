"""The report's sheets: CSV for whoever pays people, and for whoever tells stores what was refused."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse import figures as ask
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import newest_id
from tasks.reporting.gathering import DELIVERIES_LOOKED_AT
from tasks.reporting.months import first_month
from tasks.reporting.words import harmless

INCENTIVES = ("sales_month", "store_id", "sales_person_id", "full_name", "sales", "total_sales", "incentive")
REJECTS = ("object_key", "delivery_id", "arrived_at", "reason", "rows", "sample")


class Sheet(NamedTuple):
    """One file, by the end of its name."""

    name: str
    text: str


@task(name="write the sheets", task_run_name="sheets-{environment}", cache_policy=NO_CACHE)
def write_sheets(environment: EnvironmentName, months: int) -> list[Sheet]:
    """Who earned which incentive in so many months, and what was refused of which file."""
    return sheets_of(read_settings(environment), months=months)


def sheets_of(settings: Settings, *, months: int) -> list[Sheet]:
    """The sheets of one moment."""
    with connected(settings.warehouse) as database, ask.one_moment(database):
        newest = ask.newest_month(database)
        since = first_month(newest, months) if newest else ""
        winners = ask.winners_since(database, first_month=since)
        rejects = ask.rejects_by_delivery(database, after=max(0, newest_id(database) - DELIVERIES_LOOKED_AT))
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
