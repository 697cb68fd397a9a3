"""What goes wrong with single rows on their way out of a till: one fault for every reason code, and mixtures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from streaming.contract.columns import (
    CUSTOMER_ID,
    MANDATORY,
    PRICE,
    QUANTITY,
    SALES_DATE,
    SALES_PERSON_ID,
    STORE_ID,
    TOTAL_COST,
)
from streaming.contract.reasons import RowReason
from tasks.generation.dialects import quoted

Values = dict[str, str]
BAD_TYPES = (
    (CUSTOMER_ID, ("C-1023", "1234567890123456789")),
    (STORE_ID, ("Berlin", "3.0")),
    (SALES_DATE, ("31/01/2026", "2026-02-31", "yesterday")),
    (SALES_PERSON_ID, ("n/a", "#REF!")),
    (PRICE, ("12,50", "£3.20", "1.999", "NaN")),
    (QUANTITY, ("two", "1.5", "1e3")),
    (TOTAL_COST, ("1,234.50", "1e5", "Infinity")),
)
UNKNOWN_ID = "900000017"
UNKNOWN_PRODUCT = "Discontinued gadget, blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way for a row to go wrong, and the reason codes it earns; none where the row still counts.

    `spoil` changes values before they are quoted, `mangle` the quoted fields.
    """

    reasons: tuple[str, ...]
    spoil: Callable[[Values], Values] = dict
    mangle: Callable[[list[str]], list[str]] = list

    def record(self, values: Values, columns: Sequence[str]) -> str:
        """The spoiled row as it stands in a file with these columns."""
        spoiled = self.spoil(values)
        return ",".join(self.mangle([quoted(spoiled[column]) for column in columns]))


def all_faults() -> tuple[Fault, ...]:
    """Every fault a data set has, each reason code among them."""
    return (*_missing(), *_bad_types(), *_out_of_range(), *_malformed(), *_unknown(), *_mixtures(), *_harmless())


def _setting(**texts: str) -> Callable[[Values], Values]:
    return lambda values: values | texts


def _missing() -> list[Fault]:
    return [
        Fault(reasons=(RowReason.MISSING.about(column),), spoil=_setting(**{column: "  " * (number % 2)}))
        for number, column in enumerate(MANDATORY)
    ]


def _bad_types() -> list[Fault]:
    return [
        Fault(reasons=(RowReason.BAD_TYPE.about(column),), spoil=_setting(**{column: text}))
        for column, texts in BAD_TYPES
        for text in texts
    ]


def _out_of_range() -> list[Fault]:
    quantity, price, day = map(RowReason.OUT_OF_RANGE.about, (QUANTITY, PRICE, SALES_DATE))
    return [
        Fault(reasons=(quantity,), spoil=_returned),
        Fault(reasons=(quantity,), spoil=_setting(quantity="0", total_cost="0.00")),
        Fault(reasons=(price,), spoil=_refunded),
        Fault(reasons=(day,), spoil=_setting(sales_date="1999-12-31")),
        Fault(reasons=(day,), spoil=_setting(sales_date="2206-01-02")),
        Fault(reasons=(RowReason.TOTAL_MISMATCH,), spoil=_mistotalled),
    ]


def _malformed() -> list[Fault]:
    reasons = (RowReason.MALFORMED_ROW,)
    return [
        Fault(reasons=reasons, mangle=lambda fields: fields[:-1]),
        Fault(reasons=reasons, mangle=lambda fields: [*fields, "oops"]),
        Fault(reasons=reasons, mangle=lambda fields: [f'"{fields[0].strip(chr(34))}"x', *fields[1:]]),
    ]


def _unknown() -> list[Fault]:
    return [
        Fault(reasons=(RowReason.UNKNOWN_CUSTOMER,), spoil=_setting(customer_id=UNKNOWN_ID)),
        Fault(reasons=(RowReason.UNKNOWN_STORE,), spoil=_setting(store_id=UNKNOWN_ID)),
        Fault(reasons=(RowReason.UNKNOWN_PRODUCT,), spoil=_setting(product_name=UNKNOWN_PRODUCT)),
        Fault(reasons=(RowReason.UNKNOWN_SALES_PERSON,), spoil=_setting(sales_person_id=UNKNOWN_ID)),
    ]


def _mixtures() -> list[Fault]:
    """Rows with several reasons; unknown keys are told only of rows that are sound otherwise."""
    return [
        Fault(
            reasons=(RowReason.UNKNOWN_CUSTOMER, RowReason.UNKNOWN_PRODUCT),
            spoil=_setting(customer_id=UNKNOWN_ID, product_name=UNKNOWN_PRODUCT),
        ),
        Fault(
            reasons=(RowReason.MISSING.about(CUSTOMER_ID), RowReason.BAD_TYPE.about(QUANTITY)),
            spoil=_setting(customer_id="", quantity="a few", sales_person_id=UNKNOWN_ID),
        ),
        Fault(
            reasons=(RowReason.OUT_OF_RANGE.about(SALES_DATE), RowReason.TOTAL_MISMATCH),
            spoil=lambda values: _mistotalled(values) | {SALES_DATE: "1900-01-01"},
        ),
    ]


def _harmless() -> list[Fault]:
    """Odd rows that still count."""
    return [
        Fault(reasons=(), spoil=lambda values: values | {CUSTOMER_ID: values[CUSTOMER_ID].zfill(9)}),
        Fault(reasons=(), spoil=lambda values: values | {column: f" {values[column]}\t" for column in MANDATORY}),
        Fault(reasons=(), mangle=lambda fields: [f if f.startswith('"') else f'"{f}"' for f in fields]),
    ]


def _returned(values: Values) -> Values:
    return values | {QUANTITY: f"-{values[QUANTITY]}", TOTAL_COST: f"-{values[TOTAL_COST]}"}


def _refunded(values: Values) -> Values:
    return values | {PRICE: f"-{values[PRICE]}", TOTAL_COST: f"-{values[TOTAL_COST]}"}


def _mistotalled(values: Values) -> Values:
    return values | {TOTAL_COST: str(Decimal(values[TOTAL_COST]) + 10)}
