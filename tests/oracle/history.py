"""A ledger over time, in plain Python: arrivals, corrections, re-drives and withdrawals under dimensions that grow.

Written from docs/data-contract.md with the standard library; it shares no code with the project.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tests.oracle.model import Delivery, Fact, Limits, Outcome, Shop, World
from tests.oracle.reading import Quarantined, read_table
from tests.oracle.rules import judge

HOLDING = ("processed", "duplicate")
NO_BYTES = ("overwritten_before_read", "changed_before_read", "deleted_before_read")


def replay(batches: Iterable[Sequence[Delivery]], shop: Shop, *, today: date, limits: Limits | None = None) -> World:
    """The world after these batches, each an ordered list of deliveries."""
    history = History(today, limits or Limits())
    for batch in batches:
        history.settle(batch, shop)
    return history.world


@dataclass
class History:
    """Every delivery so far, by id."""

    today: date
    limits: Limits = field(default_factory=Limits)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The ledger, and the facts and rejects that count."""
        return World(self.outcomes)

    def counting(self) -> list[Outcome]:
        """What counts, by id."""
        return [o for _, o in sorted(self.outcomes.items()) if o.status == "processed"]

    def settle(self, batch: Sequence[Delivery], shop: Shop) -> None:
        """Let a batch, ordered by id, be settled as a whole."""
        new = {delivery.delivery_id: self._first_look(delivery, batch, shop) for delivery in batch}
        withdrawals = {o.delivery.withdraws: o for o in new.values() if o.delivery.withdraws is not None}
        winners: dict[str, Outcome] = {}
        for outcome in sorted((o for o in new.values() if o.status == "processed"), key=lambda o: o.delivery.version):
            newer = [h for h in self._left(outcome, withdrawals) if _is_older(outcome, h)]
            if newer:
                outcome.superseded_by = max(newer, key=lambda h: h.delivery.version).delivery.delivery_id
            else:
                winners[outcome.delivery.key] = outcome
        gone = [(h, w) for w in winners.values() for h in self._left(w, withdrawals) if _gives_way(h, w)]
        counted = [h for h, _ in gone if h.status == "processed"]
        for holder, winner in gone:
            holder.status, holder.superseded_by = "superseded", winner.delivery.delivery_id
        counted += self._take_out(withdrawals)
        bodies = {o.delivery.body: o for o in self.counting()}
        for outcome in new.values():
            if outcome.status == "processed":
                _accept(outcome, winners.get(outcome.delivery.key), bodies)
        self._inherit(counted, bodies)
        self.outcomes |= new

    def _first_look(self, delivery: Delivery, batch: Sequence[Delivery], shop: Shop) -> Outcome:
        newest = max((d.delivery_id for d in batch if d.is_fresh and d.key == delivery.key), default=0)
        if delivery.withdraws is not None:
            return Outcome(delivery, "withdrawn", reason="nothing_to_withdraw")
        if delivery.is_fresh and delivery.delivery_id != newest:
            return Outcome(delivery, "superseded", reason=NO_BYTES[0], superseded_by=newest)
        if delivery.missing:
            status = "withdrawn" if delivery.missing == NO_BYTES[2] else "superseded"
            return Outcome(delivery, status, reason=delivery.missing)
        return _read(delivery, shop, self.today, self.limits)

    def _left(self, newcomer: Outcome, withdrawals: Mapping[int, Outcome]) -> list[Outcome]:
        """What holds the newcomer's key when its turn comes: withdrawals before it have been carried out."""
        turn = newcomer.delivery.delivery_id
        return [
            outcome
            for delivery_id, outcome in self.outcomes.items()
            if outcome.delivery.key == newcomer.delivery.key
            and outcome.status in HOLDING
            and not (delivery_id in withdrawals and withdrawals[delivery_id].delivery.delivery_id < turn)
        ]

    def _take_out(self, withdrawals: Mapping[int, Outcome]) -> list[Outcome]:
        """Carry out withdrawals; those whose target has gone already find nothing. Returns what counted."""
        counted = []
        for target, withdrawal in withdrawals.items():
            outcome = self.outcomes[target]
            if outcome.status in HOLDING:
                counted += [outcome] if outcome.status == "processed" else []
                outcome.status, withdrawal.reason = "withdrawn", "withdrawal"
        return counted

    def _inherit(self, gone: Iterable[Outcome], bodies: dict[bytes, Outcome]) -> None:
        """Bytes that count no more, though another key still has them, count on as what that key brought."""
        for earlier in sorted(gone, key=lambda o: o.delivery.delivery_id):
            body, earlier_id = earlier.delivery.body, earlier.delivery.delivery_id
            copies = [o for _, o in sorted(self.outcomes.items()) if o.status == "duplicate"]
            copies = [o for o in copies if o.duplicate_of == earlier_id]
            if copies and body not in bodies:
                _hand_down(earlier, copies[0])
                bodies[body] = copies.pop(0)
            for copy in copies:
                copy.duplicate_of = bodies[body].delivery.delivery_id


def _read(delivery: Delivery, shop: Shop, today: date, limits: Limits) -> Outcome:
    try:
        table = read_table(delivery.key, delivery.body, limits)
    except Quarantined as verdict:
        return Outcome(delivery, "quarantined", reason=str(verdict))
    outcome = Outcome(delivery, "processed")
    for record in table.records:
        judged = judge(record, table.header, shop, delivery_id=delivery.delivery_id, today=today)
        if isinstance(judged, Fact):
            outcome.facts.append(judged)
        else:
            outcome.rejects.append(judged)
    return outcome


def _accept(outcome: Outcome, winner: Outcome | None, bodies: dict[bytes, Outcome]) -> None:
    """Outdated where other bytes won, a duplicate where the bytes count already."""
    if outcome is not winner:
        _lose_rows(outcome, "superseded")
        outcome.reason = "outdated"
        if winner and not outcome.superseded_by:
            outcome.superseded_by = winner.delivery.delivery_id
        return
    first = bodies.setdefault(outcome.delivery.body, outcome)
    if first is not outcome:
        _lose_rows(outcome, "duplicate")
        outcome.duplicate_of = first.delivery.delivery_id


def _lose_rows(outcome: Outcome, status: str) -> None:
    outcome.status, outcome.facts, outcome.rejects = status, [], []


def _hand_down(earlier: Outcome, heir: Outcome) -> None:
    heir_id = heir.delivery.delivery_id
    heir.status, heir.duplicate_of = "processed", None
    heir.facts = [replace(fact, delivery_id=heir_id) for fact in earlier.facts]
    heir.rejects = [replace(reject, delivery_id=heir_id) for reject in earlier.rejects]


def _is_older(newcomer: Outcome, holder: Outcome) -> bool:
    """True where the newcomer's bytes are an older version of the key, of no use beside what the holder is."""
    is_copy = holder.status == "duplicate" and holder.delivery.body == newcomer.delivery.body
    return holder.delivery.version > newcomer.delivery.version and not is_copy


def _gives_way(holder: Outcome, winner: Outcome) -> bool:
    """To other bytes; to the same ones where they are loaded again."""
    if holder.delivery.body != winner.delivery.body:
        return True
    return holder.status == "processed" and not winner.delivery.is_fresh
