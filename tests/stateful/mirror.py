"""What the model knows of one shop: the ledger's history, what waits, and where every object lies."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from streaming.warehouse.dimensions import DimensionName
from tests.oracle.history import History
from tests.oracle.model import Delivery, Outcome
from tests.stateful.files import known_shop
from tests.stateful.picture import Cells

Stamp = tuple[str, datetime]
"""The ETag and the moment that S3 shows for an object."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One object in landing, as S3 lists it."""

    key: str
    stamp: Stamp


@dataclass(slots=True)
class Mirror:
    """Plain dictionaries beside the real thing.

    copies: deliveries with a copy at their place of rest. noted: those whose place is noted, None where bytes are gone.
    """

    history: History = field(default_factory=lambda: History(datetime.now(UTC).date()))
    waiting: list[Delivery] = field(default_factory=list)
    landing: dict[str, bytes] = field(default_factory=dict)
    stamps: dict[int, Stamp] = field(default_factory=dict)
    copies: set[int] = field(default_factory=set)
    noted: dict[int, str | None] = field(default_factory=dict)
    newcomers: list[DimensionName] = field(default_factory=list)

    def rows(self) -> list[Delivery]:
        """Every row of the ledger, by id."""
        settled = [outcome.delivery for outcome in self.history.outcomes.values()]
        return sorted([*settled, *self.waiting], key=lambda delivery: delivery.delivery_id)

    def undiscovered(self, listing: Iterable[Listed]) -> list[Delivery]:
        """What a look at landing enters, in the order it was put."""
        newest = {d.key: d.delivery_id for d in self.rows() if d.is_fresh}
        new = [each for each in listing if not self._is_known(each, newest.get(each.key))]
        ordered = sorted(new, key=lambda each: (each.stamp[1], each.key))
        first = 1 + max((d.delivery_id for d in self.rows()), default=0)
        return [Delivery(first + place, each.key, self.landing[each.key]) for place, each in enumerate(ordered)]

    def enter(self, new: Iterable[Delivery], listing: Iterable[Listed]) -> None:
        """These wait from now on."""
        stamps = {each.key: each.stamp for each in listing}
        for delivery in new:
            self.waiting.append(delivery)
            self.stamps[delivery.delivery_id] = stamps[delivery.key]

    def settle(self) -> None:
        """All that waits is one batch."""
        if self.waiting:
            self.history.settle(sorted(self.waiting, key=lambda d: d.delivery_id), known_shop(self.newcomers))
        self.waiting = []

    def entered(self, delivery_id: int, *, withdraw: bool) -> list[Delivery]:
        """What asking for a withdrawal or another try enters: one row, or nothing."""
        outcome = self.history.outcomes[delivery_id]
        origin = outcome.delivery
        arrival = origin.version[0]
        if not self._may(outcome, withdraw=withdraw) or arrival in {d.version[0] for d in self.waiting}:
            return []
        rows = self.rows()
        return [
            Delivery(
                delivery_id=rows[-1].delivery_id + 1,
                key=origin.key,
                body=origin.body,
                attempt=1 + max(d.attempt for d in rows if d.version[0] == arrival),
                arrival_id=arrival,
                withdraws=delivery_id if withdraw else None,
            )
        ]

    def with_known_keys(self) -> list[int]:
        """What counts and has rows refused for somebody or something that is known by now."""
        known = {"unknown_customer": "customers", "unknown_product": "products"}
        return [
            outcome.delivery.delivery_id
            for outcome in self.history.counting()
            if any(known[reason] in self.newcomers for r in outcome.rejects for reason in r.reasons if reason in known)
        ]

    def to_rest(self) -> list[Outcome]:
        """Settled arrivals whose place is not noted yet."""
        settled = self.history.outcomes.values()
        return [o for o in settled if o.delivery.is_fresh and o.delivery.delivery_id not in self.noted]

    def archive(self) -> None:
        """A whole clean-up."""
        newest = {d.key: d.delivery_id for d in self.rows() if d.is_fresh}
        for outcome in self.to_rest():
            delivery = outcome.delivery
            if newest[delivery.key] == delivery.delivery_id and self.landing.get(delivery.key) == delivery.body:
                del self.landing[delivery.key]
                self.copies.add(delivery.delivery_id)
            is_here = delivery.delivery_id in self.copies
            self.noted[delivery.delivery_id] = place_of(outcome) if is_here else None

    def waiting_cells(self) -> list[Cells]:
        """What still waits, as the ledger shows it."""
        return [
            (d.delivery_id, d.key, d.attempt, "waiting", None, None, None, None)
            for d in sorted(self.waiting, key=lambda d: d.delivery_id)
        ]

    def at_rest(self) -> dict[str, bytes]:
        """The objects in archive and quarantine, by key below the shop's own prefix."""
        outcomes = self.history.outcomes
        return {self.noted.get(i) or place_of(outcomes[i]): outcomes[i].delivery.body for i in self.copies}

    def _is_known(self, listed: Listed, newest: int | None) -> bool:
        return newest is not None and newest not in self.noted and self.stamps[newest] == listed.stamp

    def _may(self, outcome: Outcome, *, withdraw: bool) -> bool:
        if outcome.delivery.withdraws is not None:
            return False
        if withdraw:
            return outcome.status in {"processed", "duplicate"}
        return outcome.status != "duplicate" and self.noted.get(outcome.delivery.version[0]) is not None


def place_of(outcome: Outcome) -> str:
    """Where a delivery's object rests, below the shop's own prefix."""
    folder = "quarantine" if outcome.status == "quarantined" else "archive"
    return f"{folder}/{outcome.delivery.delivery_id}/{outcome.delivery.key}"


def etag_of(body: bytes) -> str:
    """What S3 calls these bytes."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
