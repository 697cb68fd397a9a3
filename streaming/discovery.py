"""Discovery: what lies in landing becomes known to the ledger, once it may pass the gate."""

from collections.abc import Mapping
from dataclasses import dataclass

from streaming.bucket import Bucket
from streaming.contract.deliveries import Arrival
from streaming.contract.faults import fault_point
from streaming.contract.settings import Settings
from streaming.gate import LandingGate
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import record_arrivals


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at landing showed: objects there, those new in the ledger, those held before it."""

    found: int
    entered: int = 0
    held: int = 0


class Discovery:
    """Looks at landing, again and again; while nothing is held, an unchanged listing costs no look at the database."""

    def __init__(self, bucket: Bucket, settings: Settings) -> None:
        self._bucket = bucket
        self._settings = settings
        self._gate = None if settings.gate.is_open else LandingGate(bucket, settings)
        self._seen: Mapping[str, Arrival] = {}
        # what was held before a restart may have left landing since: the first look tidies
        self._is_holding = self._gate is not None

    def look(self) -> Look:
        """Enter what is new under the landing prefix into the ledger, in the order it was put."""
        listing = {a.object_key: a for a in self._bucket.listing(self._settings.storage.prefixes.landing)}
        unseen = [arrival for key, arrival in listing.items() if self._seen.get(key) != arrival]
        entered, held = self._enter(unseen, listing) if unseen or self._is_holding else (0, set[str]())
        self._seen = {key: arrival for key, arrival in listing.items() if key not in held} if held else listing
        self._is_holding = bool(held)
        return Look(found=len(listing), entered=entered, held=len(held))

    def _enter(self, unseen: list[Arrival], listing: Mapping[str, Arrival]) -> tuple[int, set[str]]:
        """How many arrivals entered the ledger, and the keys of those that are held."""
        fault_point("arrivals.before")
        with connected(self._settings.warehouse) as database:
            if self._gate is None:
                entered, held = record_arrivals(database, unseen), set[str]()
            else:
                decided = self._gate.let_in(database, unseen, listing.values())
                held = {passage.arrival.object_key for passage in decided if passage.is_held}
                entered = len(decided) - len(held)
        fault_point("arrivals.recorded")
        return entered, held
