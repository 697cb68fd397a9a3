"""The state after a run, where the run is watched. A Prefect server that is away never fails the run."""

from prefect import task
from prefect.artifacts import create_image_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from streaming.contract.settings import EnvironmentName, read_settings
from tasks.progress import publish_table, unless_away
from tasks.reporting.figures import Sales
from tasks.reporting.gathering import sales_lately
from tasks.reporting.state import Report, as_cells, what_happened
from tasks.reporting.summary import data_uri, summary_of

MONTHS_DRAWN = 12


@task(name="show the state", task_run_name="state-{environment}", cache_policy=NO_CACHE)
def show_state(environment: EnvironmentName) -> None:
    """The environment's state as artifacts: a summary, a plot of its sales, and tables."""
    settings = read_settings(environment)
    with unless_away():
        report = what_happened(settings)
        image = _drawn(sales_lately(settings, months=MONTHS_DRAWN))
        _show_tables(report)
        create_markdown_artifact(
            summary_of(report, settings.storage, image=image),
            key=f"summary-{environment}",
            description=f"State of {environment}",
        )
        if image:
            create_image_artifact(image, key=f"sales-{environment}", description="Sales by month and store")


def _show_tables(report: Report) -> None:
    tables = {
        "verdicts": ("Deliveries by verdict", as_cells(report.verdicts)),
        "rejects": ("Refused rows by reason", as_cells(report.rejects)),
        "top-customers": ("Top customers", as_cells(report.top_customers)),
        "winners": ("Each store's winner of the last month", as_cells(report.winners)),
    }
    for name, (title, cells) in tables.items():
        publish_table(cells, key=f"{name}-{report.environment}", description=title)


def _drawn(sales: Sales) -> str | None:
    """The plot as a data URI; None when there is nothing to draw."""
    if not sales.lines:
        return None
    from tasks.reporting.plots import sales_png  # noqa: PLC0415  half a second that only runs which draw pay for

    return data_uri(sales_png(sales))
