"""Generate sales: a made-up year of a retailer, dirt and all."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin
from tasks.generation.delivering import Delivered
from tasks.sending import Wave, fill_tables, make_files, sales_plan, send_files

Rows = Annotated[int, Field(ge=1, le=100_000_000)]
Files = Annotated[int, Field(ge=1, le=100_000)]


@flow(name="generate_sales", flow_run_name="{environment}-{wave}")
def generate_sales(
    environment: EnvironmentName = "dev",
    rows: Rows = 500_000,
    files: Files = 50,
    seed: int = 1,
    wave: Wave = "all",
) -> Delivered:
    """Put made-up sales of twelve months into landing, and the dimension rows they refer to into the database.

    Bad rows of every reason and files of every verdict are among them. The same seed gives the same bytes, and
    what has arrived before is not sent again.

    Args:
        environment: Where to do it.
        rows: About how many sales.
        files: About how many files, beside those that are broken on purpose.
        seed: Which made-up year.
        wave: `first` leaves out what stores send later (corrections, re-sent and late files), `second` sends that.
    """
    begin(environment)
    plan = sales_plan(environment, rows=rows, files=files, seed=seed)
    dataset = make_files(environment, plan)
    fill_tables(environment, plan)
    return send_files(environment, dataset, wave)


if __name__ == "__main__":
    run_alone(generate_sales)
