"""A made-up retailer at work: files made once, dimension rows filled in, files sent to landing."""

import logging
from datetime import UTC, datetime
from typing import Literal

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket
from streaming.contract.errors import UsageError
from streaming.contract.settings import EnvironmentName, read_settings
from streaming.warehouse.connection import connected
from tasks.generation.dataset import Dataset, generated
from tasks.generation.delivering import Delivered, Landing, deliver, fill_dimensions
from tasks.generation.plan import SalesPlan
from tasks.progress import ProgressBar

log = logging.getLogger(__name__)

Wave = Literal["all", "first", "second"]
WAVES: dict[Wave, tuple[int, ...]] = {"all": (1, 2), "first": (1,), "second": (2,)}


def sales_plan(environment: EnvironmentName, *, rows: int, files: int, seed: int) -> SalesPlan:
    """The year before today, for the environment's limits.

    Raises:
        UsageError: so few rows or files cannot hold the dirt that every data set has.
    """
    limits = read_settings(environment).limits
    today = datetime.now(UTC).date()
    try:
        return SalesPlan(today=today, seed=seed, rows=rows, files=files, bytes_per_file=limits.bytes_per_file)
    except ValueError as error:
        raise UsageError(str(error)) from None


@task(name="make files", task_run_name="files-{environment}", cache_policy=NO_CACHE)
def make_files(environment: EnvironmentName, plan: SalesPlan) -> Dataset:
    """The plan's files on disk, made now unless they are there already."""
    dataset = generated(plan, progress=ProgressBar(f"generated-{environment}", "rows").show)
    log.info("%d files are in %s", len(dataset.files), dataset.folder)
    return dataset


@task(name="fill dimensions", task_run_name="dimensions-{environment}", cache_policy=NO_CACHE)
def fill_tables(environment: EnvironmentName, plan: SalesPlan) -> dict[str, int]:
    """Insert or update the dimension rows that the plan's sales refer to; returns rows by table."""
    with connected(read_settings(environment).warehouse) as database:
        given = fill_dimensions(database, plan.dimensions())
    log.info("dimension rows: %s", ", ".join(f"{rows:,} {table}" for table, rows in given.items()))
    return given


@task(name="send files", task_run_name="send-{environment}-{wave}", cache_policy=NO_CACHE)
def send_files(environment: EnvironmentName, dataset: Dataset, wave: Wave) -> Delivered:
    """Put the files of a wave into landing; those whose bytes arrived before under their key are not sent again."""
    settings = read_settings(environment)
    bar = ProgressBar(f"sent-{environment}", "files")
    with connected(settings.warehouse) as database:
        landing = Landing(bucket=Bucket(settings.storage), database=database)
        done = [deliver(dataset, number, landing, progress=bar.show) for number in WAVES[wave]]
    total = Delivered(sent=sum(each.sent for each in done), known=sum(each.known for each in done))
    log.info("sent %d files to landing, %d had arrived before", total.sent, total.known)
    return total
