"""From text to typed sales: every rule that a row can break by itself, with its reason code; many rows at once."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract import columns as c
from streaming.contract.arrow import AS_TYPED, arrow_type
from streaming.contract.codes import NO_TEXT, codes_of
from streaming.contract.reasons import RowReason

ID = r"^-?[0-9]{1,18}$"
COUNT = r"^-?[0-9]{1,9}$"
UNIT_MONEY = r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WRITTEN_AS = {
    c.CUSTOMER_ID: ID,
    c.STORE_ID: ID,
    c.SALES_DATE: DAY,
    c.SALES_PERSON_ID: ID,
    c.PRICE: UNIT_MONEY,
    c.QUANTITY: COUNT,
    c.TOTAL_COST: c.LINE_MONEY,
}
"""How each typed column must look; any text will do for the others."""

FIRST_DAY = date(2000, 1, 1)
CENT = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
WHOLE = pa.decimal128(10, 0)
"""Any quantity, to be multiplied by money without becoming a float."""

MONTH_CHARACTERS = len("2026-01")


def with_checks(landed: pa.RecordBatch, *, today: date) -> pa.RecordBatch:
    """Type the mandatory columns and say what is wrong with each row, as `contract.columns.TYPED`.

    Args:
        landed: rows or closing rows as `contract.columns.LANDED`.
        today: the day (UTC) against which a date counts as too far ahead.
    """
    texts = {name: landed.column(name) for name in c.MANDATORY}
    values = {name: typed(name, kind, texts[name]) for name, kind in c.SALE_TYPES}
    told = {
        **{name: landed.column(name) for name in landed.schema.names},
        **values,
        "sales_month": month_of(texts[c.SALES_DATE], values[c.SALES_DATE]),
        "reason_codes": reasons(landed, texts, values, today=today),
    }
    return pa.RecordBatch.from_arrays([told[name] for name in AS_TYPED.names], schema=AS_TYPED)


def typed(name: str, kind: str, text: pa.Array) -> pa.Array:
    """The values of texts that are written as the column's contract says, null for any other text."""
    pattern = WRITTEN_AS.get(name)
    if pattern is None:
        return text
    well_written = pc.if_else(pc.match_substring_regex(text, pattern), text, NO_TEXT)
    return days(well_written) if kind == "DATE" else well_written.cast(arrow_type(kind))


def days(texts: pa.Array) -> pa.Array:
    """The dates that texts like 2026-02-28 name, null where the calendar has no such day."""
    told = texts.dictionary_encode()
    return pa.array([_day(text) for text in told.dictionary.to_pylist()], pa.date32()).take(told.indices)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def month_of(text: pa.Array, day: pa.Array) -> pa.Array:
    """The month as text, null where there is no day."""
    return pc.if_else(pc.is_valid(day), pc.utf8_slice_codeunits(text, 0, MONTH_CHARACTERS), NO_TEXT)


def reasons(
    landed: pa.RecordBatch, texts: Mapping[str, pa.Array], values: Mapping[str, pa.Array], *, today: date
) -> pa.Array:
    """All reason codes of each row, by column in the contract's order, then the total; "" when there is none.

    A malformed row has that reason and no other, a closing row has null.
    """
    found = codes_of(list(faults(texts, values, today=today)))
    told = pc.if_else(landed.column("malformed"), RowReason.MALFORMED_ROW, found)
    return pc.if_else(pc.is_valid(landed.column("line_number")), told, NO_TEXT)


def faults(
    texts: Mapping[str, pa.Array], values: Mapping[str, pa.Array], *, today: date
) -> Iterator[tuple[str, pa.Array]]:
    """Each reason code with the rows that have it; null counts as not having it."""
    for name in c.MANDATORY:
        value = values[name]
        is_missing = pc.equal(texts[name], "").fill_null(False)  # noqa: FBT003  Arrow's own
        yield RowReason.MISSING.about(name), is_missing
        yield RowReason.BAD_TYPE.about(name), pc.and_not(value.is_null(), is_missing)
        in_range = is_in_range(name, value, today=today)
        if in_range is not None:
            yield RowReason.OUT_OF_RANGE.about(name), pc.invert(in_range)
    is_consistent = total_is_consistent(values[c.PRICE], values[c.QUANTITY], values[c.TOTAL_COST])
    yield RowReason.TOTAL_MISMATCH, pc.invert(is_consistent)


def is_in_range(name: str, value: pa.Array, *, today: date) -> pa.Array | None:
    """True where the value is one that a till can print, null without a value; None for columns where any value is."""
    if name == c.QUANTITY:
        return pc.greater(value, 0)
    if name == c.PRICE:
        return pc.greater_equal(value, 0)
    if name == c.SALES_DATE:
        last = today + timedelta(days=1)
        return pc.and_(pc.greater_equal(value, pa.scalar(FIRST_DAY)), pc.less_equal(value, pa.scalar(last)))
    return None


def total_is_consistent(price: pa.Array, quantity: pa.Array, total: pa.Array) -> pa.Array:
    """True where the line total agrees with price times quantity to the cent, null where a part is null."""
    exact = pc.multiply(price, quantity.cast(WHOLE))
    return pc.less_equal(pc.abs(pc.subtract(exact, total)), CENT)
