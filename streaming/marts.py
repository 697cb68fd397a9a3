"""From facts to what the two marts add up: what customers bought, what salespeople sold."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract import columns as c
from streaming.contract.arrow import as_columns, summed

TeamChange: TypeAlias = Mapping[str, Any]
"""A row of `contract.columns.TEAM_CHANGES`."""

PURCHASED = ("purchases", "total_purchases")
SOLD = ("sales", "total_sales")
SELLER = ("store_id", "sales_month", "sales_person_id", "full_name")


def per_customer_month(facts: pa.Table) -> pa.Table:
    """Purchases and money of facts per customer and month, as `contract.columns.CUSTOMER_CHANGES`.

    A customer whose name has changed since stands in two rows, one for each name.
    """
    sums = facts.group_by(["customer_id", "sales_month", "customer_name"], use_threads=False).aggregate(
        [([], "count_all"), (c.TOTAL_COST, "sum")]
    )
    return as_columns(
        sums.rename_columns(
            {"customer_name": "full_name", "count_all": PURCHASED[0], f"{c.TOTAL_COST}_sum": PURCHASED[1]}
        ),
        c.CUSTOMER_CHANGES,
    )


def customers_summed(changes: Iterable[pa.Table]) -> pa.Table:
    """Several of these as one."""
    return summed(changes, c.CUSTOMER_CHANGES, by=("customer_id", "sales_month", "full_name"))


def per_sales_person_month(facts: pa.Table) -> pa.Table:
    """Sales and money of facts per store, month and salesperson, as `contract.columns.TEAM_CHANGES`."""
    named = facts.rename_columns({"sales_person_name": "full_name"})
    sums = named.group_by(list(SELLER), use_threads=False).aggregate(
        [([], "count_all"), (c.TOTAL_COST, "sum"), ("delivery_id", "distinct")]
    )
    return as_columns(
        sums.rename_columns(
            {"count_all": SOLD[0], f"{c.TOTAL_COST}_sum": SOLD[1], "delivery_id_distinct": "deliveries"}
        ),
        c.TEAM_CHANGES,
    )


def team_summed(changes: Iterable[TeamChange]) -> list[TeamChange]:
    """Several of these as one: a row for each store, month, salesperson and name."""
    sums: dict[Sequence[object], dict[str, Any]] = {}
    for row in changes:
        seller = tuple(row[name] for name in SELLER)
        sold = sums.setdefault(seller, {**row, "sales": 0, "total_sales": Decimal("0.00"), "deliveries": ()})
        sold["sales"] += row["sales"]
        sold["total_sales"] += row["total_sales"]
        sold["deliveries"] = sorted({*sold["deliveries"], *row["deliveries"]})
    return list(sums.values())


def taken_away(changes: pa.Table) -> pa.Table:
    """The same changes to either mart, where a correction takes the sales away."""
    for name in set(changes.column_names).intersection((*PURCHASED, *SOLD)):
        at, kind = changes.schema.get_field_index(name), changes.schema.field(name).type
        changes = changes.set_column(at, name, pc.negate(changes.column(name)).cast(kind))
    return changes
