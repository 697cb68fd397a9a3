"""What is wrong with a row, in the contract's words."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.model import Fact, Reject, Shop
from tests.oracle.reading import MANDATORY, WHITE_SPACE, Record

ID = re.compile(r"-?[0-9]{1,18}")
SHAPES: Mapping[str, re.Pattern[str]] = {
    "customer_id": ID,
    "store_id": ID,
    "product_name": re.compile(r".*", re.DOTALL),
    "sales_date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "sales_person_id": ID,
    "price": re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?"),
    "quantity": re.compile(r"-?[0-9]{1,9}"),
    "total_cost": re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,2})?"),
}
FIRST_DAY = date(2000, 1, 1)
CENT = Decimal("0.01")


def judge(record: Record, header: list[str], shop: Shop, *, delivery_id: int, today: date) -> Fact | Reject:
    """The sale that the record tells of, or why it is refused."""
    if record.fields is None or len(record.fields) != len(header):
        return Reject(delivery_id, record.line_number, ("malformed_row",), record.raw)
    row = dict(zip(header, record.fields, strict=True))
    values = {name: row[name].strip(WHITE_SPACE) for name in MANDATORY}
    reasons = faults(values, today) or _unknowns(values, shop)
    if reasons:
        return Reject(delivery_id, record.line_number, tuple(reasons), record.raw)
    extras = {name: text for name, text in row.items() if name not in MANDATORY}
    return _fact(values, extras or None, shop, place=(delivery_id, record.line_number))


def faults(values: Mapping[str, str], today: date) -> list[str]:
    """What is wrong with the values by themselves, without white space round them."""
    reasons = []
    for name in MANDATORY:
        if not values[name]:
            reasons.append(f"missing:{name}")
        elif not _has_type(name, values[name]):
            reasons.append(f"bad_type:{name}")
        elif not _is_in_range(name, values[name], today):
            reasons.append(f"out_of_range:{name}")
    return reasons + ["total_mismatch"] * _is_mistotalled(values)


def _has_type(name: str, text: str) -> bool:
    if not SHAPES[name].fullmatch(text):
        return False
    return name != "sales_date" or _is_day(text)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_in_range(name: str, text: str, today: date) -> bool:
    if name == "quantity":
        return int(text) > 0
    if name == "price":
        return Decimal(text) >= 0
    if name == "sales_date":
        return FIRST_DAY <= date.fromisoformat(text) <= today + timedelta(days=1)
    return True


def _is_mistotalled(values: Mapping[str, str]) -> bool:
    if not all(_has_type(name, values[name]) for name in ("price", "quantity", "total_cost")):
        return False
    expected = Decimal(values["price"]) * int(values["quantity"])
    return abs(Decimal(values["total_cost"]) - expected) > CENT


def _unknowns(values: Mapping[str, str], shop: Shop) -> list[str]:
    known = {
        "unknown_customer": int(values["customer_id"]) in shop.customers,
        "unknown_store": int(values["store_id"]) in shop.stores,
        "unknown_product": values["product_name"] in shop.products,
        "unknown_sales_person": int(values["sales_person_id"]) in shop.sales_team,
    }
    return [reason for reason, is_known in known.items() if not is_known]


def _fact(values: Mapping[str, str], extras: dict[str, str] | None, shop: Shop, *, place: tuple[int, int]) -> Fact:
    product = shop.products[values["product_name"]]
    person = shop.sales_team[int(values["sales_person_id"])]
    return Fact(
        delivery_id=place[0],
        line_number=place[1],
        customer_id=int(values["customer_id"]),
        store_id=int(values["store_id"]),
        product_name=values["product_name"],
        sales_date=date.fromisoformat(values["sales_date"]),
        sales_person_id=int(values["sales_person_id"]),
        price=Decimal(values["price"]),
        quantity=int(values["quantity"]),
        total_cost=Decimal(values["total_cost"]),
        additional_columns=extras,
        customer_name=shop.customers[int(values["customer_id"])],
        product_id=product.product_id,
        list_price=product.list_price,
        sales_person_name=person.name,
        sales_person_store_id=person.store_id,
    )
