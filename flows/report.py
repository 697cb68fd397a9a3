"""Report: what an environment holds, as a page for people."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin
from tasks.reporting.gathering import gather_figures
from tasks.reporting.page import write_page
from tasks.reporting.publishing import Published, publish_page
from tasks.reporting.sheets import write_sheets


@flow(name="report", flow_run_name="{environment}-report")
def report(environment: EnvironmentName = "dev", months: Annotated[int, Field(ge=1, le=36)] = 12) -> Published:
    """Write sales, rankings, incentives, quality, freshness and speed into one HTML file that needs nothing else.

    It is put into the bucket below `reports/`, once a day, and kept on this machine; the run links to it. Beside it
    lie two sheets as CSV: the incentives of those months, and what was refused of each file.

    Args:
        environment: Of which one.
        months: How many months to show, the newest with sales being the last.
    """
    begin(environment)
    figures = gather_figures(environment, months)
    return publish_page(figures, write_page(figures), write_sheets(figures))


if __name__ == "__main__":
    run_alone(report)
