"""The report's figures, asked of the database."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse import figures as ask
from streaming.warehouse.connection import Database, connected
from streaming.warehouse.ledger import newest_id, tally, tally_rejects
from tasks.reporting.figures import (
    ArrivalDay,
    BatchPace,
    Figures,
    Freshness,
    PersonLine,
    Sales,
    days_of,
    paces_of,
    sales_of,
)
from tasks.reporting.months import first_month
from tasks.reporting.state import RejectLine, VerdictLine, WinnerLine, as_lines, top_customers

DELIVERIES_LOOKED_AT = 100_000
BATCHES_SHOWN = 30
CUSTOMERS_SHOWN = 20


@task(name="gather figures", task_run_name="figures-{environment}", cache_policy=NO_CACHE)
def gather_figures(environment: EnvironmentName, months: int) -> Figures:
    """What the report of so many months shows."""
    return figures_of(read_settings(environment), months=months)


def figures_of(settings: Settings, *, months: int) -> Figures:
    """The figures of one moment."""
    with connected(settings.warehouse) as database, ask.one_moment(database):
        after = max(0, newest_id(database) - DELIVERIES_LOOKED_AT)
        newest = ask.newest_month(database)
        since = first_month(newest, months) if newest else ""
        batches = _paces(database)
        return Figures(
            environment=settings.environment,
            sales=sales_of(ask.sales_by_store(database, first_month=since)),
            ranking=as_lines(PersonLine, ask.ranking_of(database, newest or "")),
            winners=as_lines(WinnerLine, ask.winners_since(database, first_month=since)),
            top_customers=top_customers(database, CUSTOMERS_SHOWN),
            verdicts=as_lines(VerdictLine, tally(database, after=after)),
            rejects=as_lines(RejectLine, tally_rejects(database, after=after)),
            days=_days(database, after=after),
            freshness=_freshness(database, batches),
            batches=batches,
            after=after,
        )


def sales_lately(settings: Settings, *, months: int) -> Sales:
    """Sales by store of so many months, the newest with sales being the last."""
    with connected(settings.warehouse) as database:
        newest = ask.newest_month(database)
        return sales_of(ask.sales_by_store(database, first_month=first_month(newest, months)) if newest else [])


def _days(database: Database, *, after: int) -> list[ArrivalDay]:
    days = ask.arrival_days(database, after=after)
    if not days:
        return []
    return days_of(days, ask.rejects_by_arrival_day(database, after=after, first_day=days[-1]["arrived_on"]))


def _paces(database: Database) -> list[BatchPace]:
    batches = ask.newest_batches(database, most=BATCHES_SHOWN)
    if not batches:
        return []
    return paces_of(batches, ask.latencies_since(database, first_batch=int(str(batches[-1]["batch_id"]))))


def _freshness(database: Database, batches: list[BatchPace]) -> Freshness:
    waiting = ask.oldest_waiting(database)
    (freshness,) = as_lines(
        Freshness,
        [
            {
                "asked_at": waiting["asked_at"],
                "waiting": waiting["deliveries"],
                "waiting_since": waiting["discovered_at"],
                "committed_at": batches[0].committed_at if batches else None,
            }
        ],
    )
    return freshness
