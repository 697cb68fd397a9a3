"""What payroll is told: every incentive that is awarded or taken back, and the delivery that is the cause."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from streaming.ranking import NOTHING, SqlRow, StoreMonth, store_month_of

Person: TypeAlias = tuple[int, str, int]


def causes_of(changes: Iterable[SqlRow], successors: Mapping[int, int]) -> dict[StoreMonth, int]:
    """For each store and month that a batch touches, the newest of the deliveries that touch it.

    Args:
        changes: rows of `contract.columns.TEAM_CHANGES`.
        successors: deliveries that are taken away, to the correction or withdrawal that does it.
    """
    causes: dict[StoreMonth, int] = {}
    for row in changes:
        deliveries = row["deliveries"]
        if not isinstance(deliveries, Sequence):
            raise TypeError(f"not a list of deliveries: {deliveries!r}")
        newest = max(successors.get(delivery_id, delivery_id) for delivery_id in deliveries)
        store_month = store_month_of(row)
        causes[store_month] = max(newest, causes.get(store_month, 0))
    return causes


def incentive_entries(
    before: Iterable[SqlRow], after: Iterable[SqlRow], causes: Mapping[StoreMonth, int]
) -> list[dict[str, object]]:
    """The entries that turn one standing of the touched stores and months into the other, by person.

    Args:
        before: rows of the sales-team mart as they stood.
        after: rows as they stand from now on.
        causes: the delivery that changed each store and month.
    """
    old, new = _incentives(before), _incentives(after)
    differences = {who: new.get(who, NOTHING) - old.get(who, NOTHING) for who in sorted(old.keys() | new.keys())}
    return [_entry(who, amount, causes.get(who[:2])) for who, amount in differences.items() if amount]


def _incentives(team: Iterable[SqlRow]) -> dict[Person, Decimal]:
    return {_person(row): Decimal(str(row["incentive"])) for row in team}


def _person(row: SqlRow) -> Person:
    return *store_month_of(row), int(str(row["sales_person_id"]))


def _entry(who: Person, amount: Decimal, delivery_id: int | None) -> dict[str, object]:
    store_id, sales_month, sales_person_id = who
    return {
        "store_id": store_id,
        "sales_month": sales_month,
        "sales_person_id": sales_person_id,
        "kind": "award" if amount > 0 else "reversal",
        "amount": amount,
        "delivery_id": delivery_id,
    }
