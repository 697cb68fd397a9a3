"""Whom and what a shop knows unless a test says otherwise."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from streaming.warehouse.dimensions import DimensionName

SqlRow = dict[str, object]
DAY = date(2020, 1, 1)

KNOWN: Mapping[DimensionName, Sequence[SqlRow]] = {
    "customers": [
        {
            "customer_id": number,
            "first_name": first,
            "last_name": last,
            "address": "Mill Lane 1",
            "pincode": "11111",
            "phone_number": "+4412345",
            "joining_date": DAY,
        }
        for number, first, last in ((1, "Ada", "Byron"), (2, "Émilie", "du Châtelet"))
    ],
    "stores": [
        {
            "store_id": number,
            "address": f"High Street {number}",
            "pincode": "22222",
            "manager_id": 1,
            "opening_date": DAY,
        }
        for number in (1, 2)
    ],
    "products": [
        {"product_id": number, "product_name": name, "price": price, "created_on": DAY}
        for number, name, price in ((1, "Rye flour", Decimal("2.50")), (2, "Green tea", Decimal("3.00")))
    ],
    "sales_team": [
        {
            "sales_person_id": number,
            "first_name": first,
            "last_name": last,
            "manager_id": 1,
            "is_manager": number == 1,
            "address": "Mill Lane 2",
            "pincode": "33333",
            "joining_date": DAY,
            "store_id": store_id,
        }
        for number, first, last, store_id in ((1, "Grace", "Hopper", 1), (2, "Mary", "Shelley", 1), (3, "Lise", "M", 2))
    ],
}
"""Dimension rows by table."""
