"""Which of the checked rows become facts, which rejects, and how many of each a delivery brought."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract import columns as c
from streaming.contract.arrow import as_columns, summed
from streaming.contract.reasons import REASON_SEPARATOR
from streaming.contract.settlements import FileReport

Tally: TypeAlias = Mapping[str, Any]
"""A row of `contract.columns.TALLIES`."""

SELLERS = ("store_id", "sales_person_id", "sales_person_name")
FATE = ("delivery_id", "file_reason", "reason_codes", "sales_month", *SELLERS)


def only_facts(checked: pa.Table) -> pa.Table:
    """The accepted sales, as `contract.columns.FACTS`."""
    return as_columns(checked.filter(pc.equal(checked.column("reason_codes"), "")), c.FACTS)


def only_refused(checked: pa.Table) -> pa.Table:
    """The refused rows with all that was checked."""
    return checked.filter(pc.not_equal(checked.column("reason_codes"), ""))


def only_rejects(checked: pa.Table) -> pa.Table:
    """The refused rows, as `contract.columns.REJECTS`."""
    refused = only_refused(checked)
    reasons = pc.split_pattern(refused.column("reason_codes"), REASON_SEPARATOR)
    return as_columns(refused.append_column("reasons", reasons), c.REJECTS)


def per_fate(checked: pa.Table) -> pa.Table:
    """Rows and money per delivery, file reason and row reasons, of facts by whom sold, as `contract.columns.TALLIES`.

    Closing rows are a fate of their own: with the rows that the file had, and none here.
    """
    is_fact = pc.equal(checked.column("reason_codes"), "")
    for name in SELLERS:
        seller = checked.column(name)
        of_fact = pc.if_else(is_fact, seller, pa.scalar(None, seller.type))
        checked = checked.set_column(checked.schema.get_field_index(name), name, of_fact)
    fates = checked.group_by(list(FATE), use_threads=False).aggregate(
        [("line_number", "count"), (c.TOTAL_COST, "sum"), ("rows_in_file", "max")]
    )
    names = {"line_number_count": "rows", f"{c.TOTAL_COST}_sum": "amount", "rows_in_file_max": "rows_in_file"}
    return as_columns(fates.rename_columns(names), c.TALLIES)


def fates_summed(tallies: Iterable[pa.Table]) -> pa.Table:
    """Several of these as one."""
    return summed(tallies, c.TALLIES, by=FATE, greatest=("rows_in_file",))


def reports(tallies: Iterable[Tally]) -> dict[int, FileReport]:
    """What reading each delivery showed, by delivery id."""
    fates: dict[int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        fates[tally["delivery_id"]].append(tally)
    return {delivery_id: _report(delivery_id, told) for delivery_id, told in fates.items()}


def sold_of(tallies: Iterable[Tally], *, but_of: Collection[int]) -> list[dict[str, object]]:
    """The facts among tallies, but for those of some deliveries, as `contract.columns.TEAM_CHANGES`."""
    return [
        {
            "store_id": tally["store_id"],
            "sales_month": tally["sales_month"],
            "sales_person_id": tally["sales_person_id"],
            "full_name": tally["sales_person_name"],
            "sales": tally["rows"],
            "total_sales": tally["amount"],
            "deliveries": [tally["delivery_id"]],
        }
        for tally in tallies
        if tally["reason_codes"] == "" and tally["delivery_id"] not in but_of
    ]


def _report(delivery_id: int, fates: Sequence[Tally]) -> FileReport:
    (closing,) = (fate for fate in fates if fate["reason_codes"] is None)
    loaded = [fate for fate in fates if fate["reason_codes"] == ""]
    return FileReport(
        delivery_id=delivery_id,
        reason=closing["file_reason"],
        rows_in_file=closing["rows_in_file"],
        rows_loaded=sum(fate["rows"] for fate in loaded),
        rows_rejected=sum(fate["rows"] for fate in fates if fate["reason_codes"]),
        amount_loaded=sum((fate["amount"] for fate in loaded), Decimal("0.00")),
        sales_months=tuple(sorted({fate["sales_month"] for fate in loaded})),
    )
