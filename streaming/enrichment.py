"""What the dimensions know about a sale, and which sales speak of someone or something they do not know."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract.arrow import AS_CHECKED
from streaming.contract.codes import NO_TEXT, codes_of
from streaming.contract.reasons import RowReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """One snapshot of the four dimension tables, as `contract.columns.DIMENSION_COLUMNS`.

    Whole, or those rows whose keys a batch names.
    """

    customers: pa.RecordBatch
    stores: pa.RecordBatch
    products: pa.RecordBatch
    sales_team: pa.RecordBatch

    def by_reason(self) -> tuple[tuple[RowReason, pa.RecordBatch], ...]:
        """Each with the reason of a sale whose key it does not know."""
        return (
            (RowReason.UNKNOWN_CUSTOMER, self.customers),
            (RowReason.UNKNOWN_STORE, self.stores),
            (RowReason.UNKNOWN_PRODUCT, self.products),
            (RowReason.UNKNOWN_SALES_PERSON, self.sales_team),
        )


def join_dimensions(typed: pa.RecordBatch, dimensions: Dimensions) -> pa.RecordBatch:
    """Add what the dimensions know, as `contract.columns.CHECKED`.

    Every row stays; one that is sound by itself (`contract.columns.TYPED`) gets a reason code for each unknown key.
    """
    told = {name: typed.column(name) for name in typed.schema.names}
    unknown = []
    for reason, dimension in dimensions.by_reason():
        key, *further = dimension.schema.names
        row = pc.index_in(told[key], value_set=dimension.column(key))
        told |= {name: dimension.column(name).take(row) for name in further}
        unknown.append((reason, row.is_null()))
    is_sound = pc.equal(told["reason_codes"], "").fill_null(False)  # noqa: FBT003  Arrow's own
    codes = pc.if_else(is_sound, codes_of(unknown), told["reason_codes"])
    is_fact = pc.equal(codes, "").fill_null(False)  # noqa: FBT003  Arrow's own
    told |= {
        "reason_codes": codes,
        "sales_month": pc.if_else(is_fact, told["sales_month"], NO_TEXT),
        "raw": pc.if_else(is_fact, NO_TEXT, told["raw"]),
    }
    return pa.RecordBatch.from_arrays([told[name] for name in AS_CHECKED.names], schema=AS_CHECKED)
