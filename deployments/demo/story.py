"""What the demo does, step by step: provision, generate, ingest, correct, clean up, report."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from deployments.demo.runs import Steps, is_at_work, run_and_watch, steps
from deployments.deploy import deploy
from flows.provision import provision
from flows.report import report
from streaming.bucket import Bucket
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import newest_id
from tasks.generation.dataset import Dataset, generated
from tasks.generation.delivering import Delivered, Landing, deliver, fill_dimensions
from tasks.generation.plan import SalesPlan
from tasks.reporting.state import Report, what_happened

ENVIRONMENT: EnvironmentName = "dev"
FIRST, LATER = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the demo came to: the state of the environment, what this run changed in it, and the report's file."""

    report: Report
    outcome: str
    page: str


def tell_story(console: Console, *, rows: int, files: int) -> Told:
    """Run the main job on the embedded servers."""
    with steps(console) as shown:
        settings = _provisioned(shown)
        dataset = _dataset(shown, settings, rows=rows, files=files)
        before = _newest_delivery(settings)
        for wave, what in ((FIRST, "files of a year"), (LATER, "a correction, a re-sent and a late file")):
            sent = _send(shown, settings, dataset, wave=wave, what=what)
            if sent.sent or wave == FIRST:
                _ingest(shown, settings)
        with shown.step("archive what is settled") as step:
            run_and_watch(f"clean_up/clean_up-{ENVIRONMENT}", step, environment=ENVIRONMENT)
        with shown.step("write the report") as step:
            page = report(ENVIRONMENT).file
    new = _newest_delivery(settings) - before
    outcome = f"{new} new deliveries in this run." if new else "No new files since the last run: nothing changed."
    return Told(report=what_happened(settings), outcome=outcome, page=page)


def _provisioned(shown: Steps) -> Settings:
    with shown.step(f"provision {ENVIRONMENT}") as step:
        new = provision(ENVIRONMENT)
        step.show("deploying the flows")
        deploy(ENVIRONMENT)
        step.outcome = f"{len(new)} things new" if new else "nothing new"
    return read_settings(ENVIRONMENT)


def _dataset(shown: Steps, settings: Settings, *, rows: int, files: int) -> Dataset:
    plan = SalesPlan(
        today=datetime.now(UTC).date(), rows=rows, files=files, bytes_per_file=settings.limits.bytes_per_file
    )
    with shown.step(f"generate {rows:,} sales") as step:
        dataset = generated(plan, progress=step.count)
        with connected(settings.warehouse) as database:
            given = fill_dimensions(database, plan.dimensions())
        step.outcome = f"{len(dataset.files)} files, {sum(given.values()):,} dimension rows"
    return dataset


def _send(shown: Steps, settings: Settings, dataset: Dataset, *, wave: int, what: str) -> Delivered:
    with shown.step(f"drop {what} into landing") as step, connected(settings.warehouse) as database:
        landing = Landing(bucket=Bucket(settings.storage), database=database)
        sent = deliver(dataset, wave, landing, progress=step.count)
        step.outcome = f"{sent.sent} files" + (f", {sent.known} had arrived before" if sent.known else "")
    return sent


def _ingest(shown: Steps, settings: Settings) -> None:
    """By a run of our own; where one is at work already, that one takes the files and a catch-up waits for it."""
    before = _newest_batch(settings)
    ingest = f"ingest/ingest-{ENVIRONMENT}"
    if is_at_work(ingest):
        with shown.step("ingest, by the run that is at work already") as step:
            run_and_watch(f"catch_up/catch_up-{ENVIRONMENT}", step, environment=ENVIRONMENT)
            step.outcome = _loaded_since(settings, before)
    else:
        with shown.step("ingest, by the Prefect worker") as step:
            run_and_watch(ingest, step, environment=ENVIRONMENT, trigger="available_now")
            step.outcome = _loaded_since(settings, before)


def _newest_batch(settings: Settings) -> int:
    batches = what_happened(settings, batches=1).newest_batches
    return batches[0].batch_id if batches else 0


def _loaded_since(settings: Settings, batch_id: int) -> str:
    new = [batch for batch in what_happened(settings, batches=100).newest_batches if batch.batch_id > batch_id]
    if not new:
        return "nothing new in landing: nothing changed"
    rows = sum(batch.rows_loaded for batch in new)
    return f"{sum(batch.deliveries for batch in new)} deliveries, {rows:,} sales loaded"


def _newest_delivery(settings: Settings) -> int:
    with connected(settings.warehouse) as database:
        return newest_id(database)
