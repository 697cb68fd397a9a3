"""What the gate holds before the ledger, remembered across restarts and aged by the database's clock alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from streaming.contract.deliveries import Status
from streaming.contract.gate import Passage, Version, version_of
from streaming.warehouse.connection import Database, Row, execute, execute_many, fetch
from streaming.warehouse.ledger import PAGE, arrival_row

LONGEST_REASON = 64

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One version of an object that the gate has seen and not let pass yet."""

    hold_id: int
    version: Version
    reason: str
    age_seconds: float


def holds(database: Database) -> list[Hold]:
    """Everything that is held."""
    return [_hold(row) for row in fetch(database, "held_arrivals/all")]


def enter_passed(database: Database, passages: Sequence[Passage]) -> None:
    """Enter what passed into the ledger: to wait for the stream, or with the verdict that it has already."""
    waiting = [passage.arrival for passage in passages if passage.status is Status.WAITING]
    settled = [passage for passage in passages if passage.status not in {Status.WAITING, None}]
    execute_many(database, "deliveries/insert", map(arrival_row, waiting))
    for page in _pages(settled):
        rows = json.dumps([_settled_row(passage) for passage in page], default=str)
        execute(database, "deliveries/insert_settled", arrivals=rows)


def remember_held(database: Database, passages: Sequence[Passage], before: Sequence[Hold]) -> list[Passage]:
    """Remember what is held from now on and nothing else; returns what is new to it or held for another reason."""
    held = {version_of(passage.arrival): passage for passage in passages if passage.is_held}
    old = {each.version: each for each in before}
    for page in _pages([each.hold_id for each in before if each.version not in held]):
        execute(database, "held_arrivals/let_go", hold_ids=tuple(page))
    new = [passage for version, passage in held.items() if version not in old]
    changed = {v: passage for v, passage in held.items() if v in old and old[v].reason != _reason(passage)}
    execute_many(database, "held_arrivals/insert", [arrival_row(p.arrival) | {"reason": _reason(p)} for p in new])
    reasons = [{"hold_id": old[v].hold_id, "reason": _reason(passage)} for v, passage in changed.items()]
    execute_many(database, "held_arrivals/note_reason", reasons)
    return [*new, *changed.values()]


def _pages(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), PAGE):
        yield items[start : start + PAGE]


def _hold(row: Row) -> Hold:
    return Hold(
        hold_id=int(str(row["hold_id"])),
        version=(str(row["object_key"]), str(row["etag"]), int(str(row["size_bytes"]))),
        reason=str(row["reason"]),
        age_seconds=int(str(row["age_microseconds"])) / 1_000_000,
    )


def _reason(passage: Passage) -> str:
    return (passage.reason or "")[:LONGEST_REASON]


def _settled_row(passage: Passage) -> Row:
    return arrival_row(passage.arrival) | {"status": passage.status, "reason": passage.reason}
