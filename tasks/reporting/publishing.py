"""The report where people find it: a file here, an object in the bucket, a link in Prefect's UI."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket
from streaming.contract.places import home
from streaming.contract.settings import Settings, read_settings
from tasks.progress import unless_away
from tasks.reporting.addresses import object_page, uri_of
from tasks.reporting.figures import Figures
from tasks.reporting.sheets import Sheet

log = logging.getLogger(__name__)

HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Where the report is: on this machine, in the bucket, and what a browser opens there."""

    file: str
    uri: str
    address: str


@task(name="publish the report", task_run_name="publish-{figures.environment}", cache_policy=NO_CACHE)
def publish_page(figures: Figures, page: str, sheets: Sequence[Sheet]) -> Published:
    """Keep page and sheets as this machine's newest and as the bucket's of the day; a later one replaces them."""
    settings, day = read_settings(figures.environment), figures.freshness.asked_at
    for sheet in sheets:
        keep(sheet.text, settings, day=day, name=f"-{sheet.name}.csv", kind=CSV)
    published = keep(page, settings, day=day)
    with unless_away():
        create_link_artifact(
            published.address,
            link_text=published.uri,
            key=f"report-{figures.environment}",
            description=f"The report; the machine that wrote it has it as {published.file}",
        )
    log.info("the report is %s, and %s", published.file, published.uri)
    return published


def keep(text: str, settings: Settings, *, day: date, name: str = ".html", kind: str = HTML) -> Published:
    """A file of the report in both places; its name goes behind the environment's here, behind the day there."""
    key = f"{settings.storage.prefixes.reports}{day:%Y-%m-%d}{name}"
    body = text.encode()
    file = _kept(body, home() / "reports" / f"{settings.environment}{name}")
    Bucket(settings.storage).put(key, body, content_type=kind)
    return Published(file=str(file), uri=uri_of(settings.storage, key), address=object_page(settings.storage, key))


def _kept(body: bytes, file: Path) -> Path:
    """Whoever has the old one open never sees half of the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_bytes(body)
    return new.replace(file)
