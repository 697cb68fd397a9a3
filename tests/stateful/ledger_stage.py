"""The same shop without Spark: landing, ledger and clean-up are the real ones, reading is the oracle's.

It shows thousands of lives in the time in which Spark shows ten, as far as the ledger goes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from streaming.contract.columns import NOT_READ
from streaming.contract.decisions import settle, to_read
from streaming.contract.deliveries import Delivery, Selection
from streaming.contract.settlements import FileReport
from streaming.warehouse.batches import MartChanges, commit_batch, forget_open_batches, open_batch
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DimensionName
from streaming.warehouse.ledger import counted_with_content, known_about, newest_id, record_arrivals, waiting
from streaming.warehouse.writer import Writer, only_writer
from tests.oracle.history import History
from tests.oracle.model import Delivery as Told
from tests.oracle.model import Outcome
from tests.stateful.files import CONTENTS, known_shop
from tests.stateful.mirror import etag_of
from tests.stateful.stage import Stage

BODIES = {etag_of(body): body for body in CONTENTS}
UNKNOWN_KEYS = {"unknown_customer": "77", "unknown_product": "Oat milk"}


class LedgerStage(Stage):
    """Batches go to the ledger alone."""

    newcomers: list[DimensionName]

    def empty(self) -> None:
        """Nobody new is known either."""
        super().empty()
        self.newcomers = []

    def meet(self, name: DimensionName) -> None:
        """A dimension row appears."""
        super().meet(name)
        self.newcomers.append(name)

    def ingest(self, *, killed_at: str | None = None) -> bool:
        """Enter what is new, settle what waits."""
        return self._dying(killed_at, self._load)

    def _load(self) -> None:
        settings = self.shop.settings
        with only_writer(settings) as writer:
            forget_open_batches(settings, writer)
            with connected(settings.warehouse) as database:
                record_arrivals(database, list(self.shop.bucket.listing(settings.storage.prefixes.landing)))
                until, prefix = newest_id(database), settings.storage.prefixes.landing
                batch = list(waiting(database, after=0, until=until, selection=Selection(), prefix=prefix))
            if batch:
                self._settle(batch, writer)

    def _settle(self, batch: Sequence[Delivery], writer: Writer) -> None:
        settings = self.shop.settings
        with connected(settings.warehouse) as database:
            reads = to_read(batch, counted_with_content(database, batch))
            ledger = known_about(database, batch)
        outcomes = {d.delivery_id: self._read(d) for d in batch if d.delivery_id in reads}
        settlement = settle(batch, ledger, {d.delivery_id: report_of(d, outcomes) for d in batch})
        batch_id = open_batch(settings, writer, settlement, versions=(0, 0))
        rejects = [row for i in settlement.loaded for row in tallies(outcomes[i])]
        changes = MartChanges(customers=(), store_months=(), team_before=(), team=(), incentives=(), rejects=rejects)
        commit_batch(settings, writer, batch_id, settlement, changes, stages={})

    def _read(self, delivery: Delivery) -> Outcome:
        alone = History(datetime.now(UTC).date())
        alone.settle(
            [Told(delivery.delivery_id, delivery.object_key, BODIES[delivery.etag])], known_shop(self.newcomers)
        )
        return alone.outcomes[delivery.delivery_id]


def report_of(delivery: Delivery, outcomes: Mapping[int, Outcome]) -> FileReport:
    """What reading showed."""
    outcome = outcomes.get(delivery.delivery_id)
    if outcome is None:
        return FileReport(delivery_id=delivery.delivery_id, reason=NOT_READ)
    return FileReport(
        delivery_id=delivery.delivery_id,
        reason=outcome.reason,
        rows_in_file=outcome.rows_read,
        rows_loaded=outcome.rows_loaded,
        rows_rejected=outcome.rows_rejected,
        amount_loaded=outcome.amount,
        sales_months=tuple(outcome.sales_months),
    )


def tallies(outcome: Outcome) -> list[dict[str, object]]:
    """Its refused rows by reason, as a batch notes them."""
    counts = Counter(reason for reject in outcome.rejects for reason in reject.reasons)
    return [
        {
            "delivery_id": outcome.delivery.delivery_id,
            "reason": reason,
            "rows": rows,
            "sample": "",
            "unknown_keys": [(UNKNOWN_KEYS[reason], rows)] if reason in UNKNOWN_KEYS else [],
        }
        for reason, rows in counts.items()
    ]
