"""What tills send: the sales of one store on one day as a CSV file."""

import csv
import io
import random
from collections.abc import Iterator

from streaming.contract.columns import MANDATORY
from tasks.generation.dimensions import DimensionRows

ROWS_PER_FILE = 1_000
ROWS_PER_DAY = 600
MONTHS = ("2026-01", "2026-02", "2026-03")
LAST_DAY = 28


def till_files(dimensions: DimensionRows, many: int) -> Iterator[bytes]:
    """So many files, each of a store and day drawn at random."""
    draw = random.Random(1)  # noqa: S311  sales, not secrets
    for _ in range(many):
        store_id = draw.choice(dimensions.sales_team).store_id
        day = f"2026-{draw.randint(1, 10):02}-{draw.randint(1, LAST_DAY):02}"
        yield _sales(draw, dimensions, store_id=store_id, day=day, rows=ROWS_PER_FILE)


def days_of_tills(dimensions: DimensionRows) -> dict[str, dict[str, bytes]]:
    """The files of all stores for each day of three months, by day and name."""
    draw = random.Random(2)  # noqa: S311  the same
    return {
        day: {
            f"{day}/store-{store.store_id}.csv": _sales(
                draw, dimensions, store_id=store.store_id, day=day, rows=ROWS_PER_DAY
            )
            for store in dimensions.stores
        }
        for month in MONTHS
        for day in (f"{month}-{number:02}" for number in range(1, LAST_DAY + 1))
    }


def _sales(draw: random.Random, dimensions: DimensionRows, *, store_id: int, day: str, rows: int) -> bytes:
    team = [person.sales_person_id for person in dimensions.sales_team if person.store_id == store_id]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(MANDATORY)
    for _ in range(rows):
        product, quantity = draw.choice(dimensions.products), draw.randint(1, 5)
        customer, person = draw.choice(dimensions.customers).customer_id, draw.choice(team)
        sold = (product.product_name, day, person, product.price, quantity, product.price * quantity)
        writer.writerow((customer, store_id, *sold))
    return text.getvalue().encode()
