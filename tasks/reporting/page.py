"""The report as one HTML file that needs nothing else: no network, no script, no font."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.reporting.figures import Figures, PersonLine, Sales
from tasks.reporting.state import WinnerLine
from tasks.reporting.words import money, readable, span, whole

DAYS_WORTH_A_PLOT = 2


class Table(NamedTuple):
    """Months, newest first; for each store the money of all of them, then that of each."""

    months: Sequence[str]
    stores: Sequence[tuple[int, Decimal, list[Decimal | None]]]


@task(name="write the page", task_run_name="page-{figures.environment}", cache_policy=NO_CACHE)
def write_page(figures: Figures) -> str:
    """The figures as a page."""
    return page_of(figures)


def page_of(figures: Figures) -> str:
    """The whole file; equal figures give equal bytes."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"whole": whole, "money": money, "span": span, "readable": readable}
    template = environment.get_template("page.html.j2")
    return template.render(
        figures=figures,
        plots=_plots(figures),
        table=_table(figures.sales),
        teams=_teams(figures.ranking),
        winners=_months(figures.winners),
    )


def _plots(figures: Figures) -> dict[str, Markup]:
    """Drawings by name, each where there is something to draw."""
    from tasks.reporting import plots  # noqa: PLC0415  half a second that only runs which draw pay for

    drawn: dict[str, str] = {}
    if figures.sales.lines:
        drawn["sales"] = plots.sales_svg(figures.sales)
    if len(figures.days) >= DAYS_WORTH_A_PLOT and figures.rejects:
        drawn["days"] = plots.days_svg(figures.days)
    if figures.batches:
        drawn["rows"] = plots.rows_svg(figures.batches)
        drawn["latency"] = plots.latency_svg(figures.batches)
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704  drawn by us; matplotlib escapes its texts


def _teams(ranking: Iterable[PersonLine]) -> list[tuple[int, list[PersonLine]]]:
    """People by store."""
    return [(store, list(people)) for store, people in groupby(ranking, key=lambda person: person.store_id)]


def _months(winners: Iterable[WinnerLine]) -> list[tuple[str, list[WinnerLine]]]:
    """Winners by month."""
    return [(month, list(lines)) for month, lines in groupby(winners, key=lambda winner: winner.sales_month)]


def _table(sales: Sales) -> Table:
    amounts, months = sales.amounts, sales.months[::-1]
    lines = [
        (store, sales.of_store(store), [amounts.get((store, month)) for month in months]) for store in sales.stores
    ]
    return Table(months=months, stores=lines)
