"""The few keys and contents that the proof plays with: good rows, strangers, bad rows, unreadable files."""

from collections.abc import Mapping, Sequence

from streaming.warehouse.dimensions import DimensionName
from tests.known import DAY, KNOWN, SqlRow
from tests.oracle.model import Shop as KnownShop
from tests.shop import HEADER

KEYS = ("a.csv", "b.csv", "c/c.csv")
SALES = (
    "1,1,Rye flour,2026-03-14,1,2.50,4,10.00",
    "2,1,Rye flour,2026-03-15,2,2.50,4,10.00",
    "1,2,Green tea,2026-04-01,3,3.00,1,3.00",
    "2,1,Green tea,2026-05-01,1,3.00,7,21.00",
    "77,1,Rye flour,2026-03-14,2,2.50,20,50.00",
    "1,2,Oat milk,2026-04-30,3,1.10,3,3.30",
    "1,1,Rye flour,2026-03-14,1,2.50,4,99.00",
)
"""In turn: plain sales of three months, an unknown customer, an unknown product, a wrong total."""
UNREADABLE = (b"nothing of use\n", b"", HEADER.encode().replace(b"price", b"prize"))


def body_of(*sales: str) -> bytes:
    """A file with the usual header and these lines."""
    return "\n".join((HEADER, *sales, "")).encode()


CONTENTS: tuple[bytes, ...] = (
    body_of(SALES[0], SALES[1]),
    body_of(SALES[2], SALES[3], SALES[4]),
    body_of(SALES[1], SALES[5], SALES[6]),
    body_of(SALES[4], SALES[5]),
    body_of(),
    *UNREADABLE[:2],
)
NEWCOMERS: Mapping[DimensionName, SqlRow] = {
    "customers": {**KNOWN["customers"][0], "customer_id": 77, "first_name": "New", "last_name": "Face"},
    "products": {
        "product_id": 3,
        "product_name": "Oat milk",
        "price": KNOWN["products"][0]["price"],
        "created_on": DAY,
    },
}
"""Dimension rows that appear later."""


def known_shop(newcomers: Sequence[DimensionName] = ()) -> KnownShop:
    """The dimensions as the model knows them, with those of the newcomers that have appeared."""
    rows = {name: [*KNOWN[name], *([NEWCOMERS[name]] if name in newcomers else [])] for name in KNOWN}
    return KnownShop.of(
        customers=rows["customers"], stores=rows["stores"], products=rows["products"], sales_team=rows["sales_team"]
    )
