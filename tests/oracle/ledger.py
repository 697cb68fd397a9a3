"""Corrections, duplicates and overwritten files: what becomes of deliveries as one batch follows another."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tests.oracle.model import Delivery, Fact, Limits, Outcome, Shop, World
from tests.oracle.reading import Quarantined, read_table
from tests.oracle.rules import judge


def replay(batches: Iterable[Sequence[Delivery]], shop: Shop, *, today: date, limits: Limits | None = None) -> World:
    """The world after these batches, each an ordered list of deliveries."""
    outcomes: dict[int, Outcome] = {}
    for batch in batches:
        newest = {delivery.key: delivery.delivery_id for delivery in batch}
        for delivery in batch:
            outcome = _overwritten(delivery, newest[delivery.key])
            outcome = outcome or _duplicate(delivery, outcomes) or _read(delivery, shop, today, limits or Limits())
            _replace_earlier(outcome, outcomes)
            outcomes[delivery.delivery_id] = outcome
        _let_duplicates_inherit(outcomes, shop, today, limits or Limits())
    return World(outcomes)


def _overwritten(delivery: Delivery, newest: int) -> Outcome | None:
    if delivery.delivery_id == newest:
        return None
    return Outcome(delivery, "superseded", reason="overwritten_before_read", superseded_by=newest)


def _duplicate(delivery: Delivery, outcomes: dict[int, Outcome]) -> Outcome | None:
    """Bytes that count already, under any key; a key of an unsupported kind is told as that instead."""
    if not delivery.key.lower().endswith((".csv", ".csv.gz")):
        return None
    same = [earlier for earlier in _counting(outcomes) if earlier.delivery.body == delivery.body]
    return Outcome(delivery, "duplicate", duplicate_of=same[0].delivery.delivery_id) if same else None


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


def _replace_earlier(outcome: Outcome, outcomes: dict[int, Outcome]) -> None:
    """Other bytes under the same key stop counting, when the new ones count or are known to count elsewhere."""
    if outcome.status not in {"processed", "duplicate"}:
        return
    for earlier in _counting(outcomes):
        if earlier.delivery.key == outcome.delivery.key and earlier.delivery.body != outcome.delivery.body:
            earlier.status = "superseded"
            earlier.superseded_by = outcome.delivery.delivery_id


def _let_duplicates_inherit(outcomes: dict[int, Outcome], shop: Shop, today: date, limits: Limits) -> None:
    """Bytes that nobody counts any more, though a key still holds them, count as what that key brought."""
    newest = {o.delivery.key: o for o in outcomes.values() if o.status in {"processed", "duplicate"}}
    counted = {outcome.delivery.body: outcome for outcome in _counting(outcomes)}
    for outcome in [o for o in newest.values() if o.status == "duplicate"]:
        if outcome.delivery.body not in counted:
            read = _read(outcome.delivery, shop, today, limits)
            outcome.status, outcome.facts, outcome.rejects = "processed", read.facts, read.rejects
            outcome.duplicate_of = None
            counted[outcome.delivery.body] = outcome
    for outcome in outcomes.values():
        if outcome.status == "duplicate" and outcome.delivery.body in counted:
            outcome.duplicate_of = counted[outcome.delivery.body].delivery.delivery_id


def _counting(outcomes: dict[int, Outcome]) -> Iterator[Outcome]:
    return (outcome for outcome in outcomes.values() if outcome.status == "processed")
