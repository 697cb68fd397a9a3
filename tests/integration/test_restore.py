"""The restore drill of docs/operators.md: yesterday's backup, what came since, a loss, and back to now.

Whatever is lost, in the end ledger, lake and marts are what the oracle makes of all files in the order in which the
stores sent them, and every file rests in one place.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession

from streaming.bucket import Bucket
from streaming.contract.places import CHECKOUT
from streaming.discovery import Discovery
from tasks.archive import archive
from tasks.reasons import tell_reasons
from tasks.reconcile import looking
from tasks.reconcile.differences import Kind
from tasks.reconcile.recollecting import recollect
from tasks.resting import REASON_ENDING
from tests.flows.conftest import run_module
from tests.integration.backups import Backup, backed_up, put_bucket_back, put_database_back
from tests.integration.spoiling import JULY, JUNE, MAY, NONSENSE
from tests.integration.test_attempts import BIG, STRANGER, A, B, C
from tests.integration.test_reconcile import found, mend, proven
from tests.oracle.history import History
from tests.oracle.model import Delivery
from tests.shop import Shop
from tests.stateful.files import body_of, known_shop
from tests.stateful.picture import Picture, expected, seen
from tests.stateful.reckoning import differences

Files = list[tuple[str, bytes]]

MORNING: Files = [
    ("one.csv", body_of(A, B)),
    ("two.csv", body_of(C)),
    ("store-3/may.csv", body_of(MAY, STRANGER)),
    ("bad.csv", NONSENSE.encode()),
]
EVENING: Files = [("one.csv", body_of(A, BIG)), ("two-again.csv", body_of(C))]
"""A correction, and a file that is sent twice: loaded, but not archived when the backup is taken."""
NIGHT: Files = [("late %.csv", body_of(JUNE, JUNE, STRANGER))]
"""Known to the ledger, and not loaded."""
NEXT_DAY: list[Files] = [
    [
        ("one.csv", body_of(B)),
        ("july.csv", body_of(JULY)),
        ("worse.csv", NONSENSE.upper().encode()),
        ("two.csv", body_of(C, MAY)),
    ],
    [
        ("two.csv", b"a later version that nobody can read\n"),
        ("two-again.csv", body_of(C, C)),
        ("july-again.csv", body_of(JULY)),
    ],
]
"""Corrections of files of the day before, one of them followed by a version that does not count."""
LAST: Files = [("august.csv", body_of("2,1,Rye flour,2026-08-02,1,2.50,1,2.50"))]
"""Loaded, and still in landing at the time of the loss."""
UNSEEN: Files = [("unseen.csv", body_of("1,1,Rye flour,2026-09-02,1,2.50,1,2.50"))]
"""Nobody has looked at landing since it came."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody moves files here: the second look need not wait."""
    monkeypatch.setattr(looking, "SECONDS_BETWEEN_LOOKS", 0.0)


@dataclass
class Drill:
    """A shop over two days, and what the stores have sent it, in order."""

    shop: Shop
    spark: SparkSession
    sent: Files = field(default_factory=list)
    backup: Backup = field(init=False)

    def __post_init__(self) -> None:
        for files in (MORNING, EVENING):
            self.arrive(files)
            self.shop.ingest(self.spark)
            if files is MORNING:
                self.clean_up()
        self.arrive(NIGHT)
        Discovery(Bucket(self.shop.settings.storage), self.shop.settings).look()
        self.backup = backed_up(self.shop)
        for files in NEXT_DAY:
            self.arrive(files)
            self.shop.ingest(self.spark)
            self.clean_up()
        self.arrive(LAST)
        self.shop.ingest(self.spark)
        self.arrive(UNSEEN)

    def arrive(self, files: Files) -> None:
        """Stores send files for the first time."""
        self.sent += files
        self.send(files)

    def send(self, files: Files) -> None:
        """Stores send files."""
        for name, body in files:
            self.shop.put(name, body)

    def send_the_day_again(self, files: Files) -> None:
        """What was sent since the backup, after these files; each version of a file rests before the next one comes."""
        for again in (files, *NEXT_DAY):
            self.send(again)
            self.catch_up()
            self.clean_up()
        self.send([*LAST, *UNSEEN])
        self.catch_up()

    def clean_up(self) -> None:
        """What is settled leaves landing."""
        archive(self.shop.settings)
        tell_reasons(self.shop.settings)

    def catch_up(self) -> None:
        """What waits is loaded."""
        self.shop.ingest(self.spark)

    def repair(self) -> set[Kind]:
        """What `reconcile --full --repair` leaves."""
        mend(self.shop, self.spark, proven(self.shop))
        return {kind for kind, _ in found(proven(self.shop))}

    def wrongs(self) -> list[str]:
        """What is not as if nothing had been lost; reasons beside refused files are not from the stores."""
        for arrival in self.shop.bucket.listing(self.shop.settings.storage.prefixes.quarantine):
            if arrival.object_key.endswith(REASON_ENDING):
                self.shop.bucket.delete(arrival.object_key, etag=arrival.etag)
        bodies = {hashlib.md5(body, usedforsecurity=False).hexdigest(): body for _, body in self.sent}
        history = History(datetime.now(UTC).date())
        for number, (name, body) in enumerate(self.sent, 1):
            history.settle([Delivery(number, name, body)], known_shop())
        here, there = (without_ids(each) for each in (seen(self.shop), expected(history.counting())))
        return [*differences(self.shop, bodies), *([f"{here}; should be {there}"] if here != there else [])]


def without_ids(picture: Picture) -> tuple[object, ...]:
    """All that does not depend on how often the stores had to send a file."""
    facts = sorted(cells[1:] for cells in picture.facts)
    return facts, sorted(cells[1:] for cells in picture.rejects), picture.customers, picture.team, picture.incentives


@pytest.fixture
def drill(shop: Shop, spark: SparkSession) -> Drill:
    """The moment before the loss."""
    return Drill(shop, spark)


@pytest.mark.soak
def test_a_database_of_yesterday_learns_of_today_from_the_bucket(drill: Drill) -> None:
    put_database_back(drill.shop, drill.backup)
    planned = run_module("deployments.recollect", "--environment", "dev", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "would be entered: 7 forgotten deliveries, 2 moved ones" in planned.stdout
    done = run_module("deployments.recollect", "--environment", "dev")
    assert done.stdout.removeprefix("entered: ") == planned.stdout.removeprefix("would be entered: ")
    drill.repair()
    drill.catch_up()
    drill.clean_up()
    assert drill.repair() == set()
    assert drill.wrongs() == []


@pytest.mark.soak
def test_a_database_of_yesterday_that_was_caught_up_too_early_is_mended_all_the_same(drill: Drill) -> None:
    put_database_back(drill.shop, drill.backup)
    recollect(drill.shop.settings, dry_run=False)
    drill.catch_up()
    drill.clean_up()
    assert drill.repair() == set()
    assert drill.wrongs() == []


@pytest.mark.soak
def test_a_bucket_of_yesterday_is_filled_from_what_the_stores_send_again(drill: Drill) -> None:
    put_bucket_back(drill.shop, drill.backup, drill.spark, with_landing=False)
    recollect(drill.shop.settings, dry_run=False)
    assert Kind.FACTS in drill.repair(), "of the files that are nowhere"
    drill.send_the_day_again(list(drill.backup.landing(drill.shop).items()))
    drill.repair()
    drill.clean_up()
    assert drill.repair() == set()
    assert drill.wrongs() == []


@pytest.mark.soak
def test_both_of_yesterday_load_what_the_stores_send_again_as_if_it_had_just_come(drill: Drill) -> None:
    put_database_back(drill.shop, drill.backup)
    put_bucket_back(drill.shop, drill.backup, drill.spark, with_landing=True)
    recollect(drill.shop.settings, dry_run=False)
    drill.repair()
    drill.send_the_day_again([])
    drill.clean_up()
    assert drill.repair() == set()
    assert drill.wrongs() == []


@pytest.mark.parametrize("page", ["operators.md", "runbook.md"])
def test_the_queries_of_the_pages_can_be_asked(page: str, shop: Shop) -> None:
    text = (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
    asked = [query for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) for query in block.split(";\n")]
    queries = [query for query in asked if query.startswith("SELECT")]
    assert len(queries) > 5
    for query in queries:
        shop.sql(query)
