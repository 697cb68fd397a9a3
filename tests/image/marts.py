"""`python -m tests.image.marts GENERATED`: what the image loaded, held against the oracle on the same files."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from streaming.bucket import Bucket
from streaming.contract.settings import read_settings
from tests import oracle
from tests.generated import by_etag, world_of
from tests.oracle.marts import customer_mart, sales_team_mart
from tests.shop import Shop

CUSTOMER = ("customer_id", "sales_month", "full_name", "purchases", "total_purchases")
SALESPERSON = (
    "store_id", "sales_month", "sales_person_id", "full_name", "sales", "total_sales", "sales_rank", "incentive",
)  # fmt: skip


def main() -> int:
    """Compare verdicts and both marts; 1 and the first difference where there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.image.marts", description=__doc__)
    parser.add_argument("generated", type=Path, help="where the generator left its files")
    settings = read_settings("dev")
    shop = Shop(settings=settings, bucket=Bucket(settings.storage), overlay=Path("unused"))
    compared = _compared(shop, _world(shop, parser.parse_args().generated))
    for what, (found, expected) in compared.items():
        if found != expected or not found:
            odd = next((pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]), "in length only")
            sys.stdout.write(f"{what}: {len(found)} rows found, {len(expected)} expected; they differ: {odd}\n")
            return 1
        sys.stdout.write(f"{what}: {len(found)} rows, all as the oracle says\n")
    return 0


def _compared(shop: Shop, world: oracle.World) -> Mapping[str, tuple[Sequence[object], Sequence[object]]]:
    """What is found, and what is expected."""
    return {
        "deliveries": (
            [(row["delivery_id"], row["status"]) for row in shop.deliveries()],
            [(number, outcome.status) for number, outcome in sorted(world.outcomes.items())],
        ),
        "customer_mart": (
            [tuple(row[name] for name in CUSTOMER) for row in shop.customer_mart()],
            sorted(tuple(row) for row in customer_mart(world.facts)),
        ),
        "sales_team_mart": (
            [tuple(row[name] for name in SALESPERSON) for row in shop.team_mart()],
            sorted(tuple(row) for row in sales_team_mart(world.facts)),
        ),
    }


def _world(shop: Shop, generated: Path) -> oracle.World:
    """What the oracle says of the bytes as they were generated."""
    made = by_etag(generated)
    return world_of(shop, {int(str(row["delivery_id"])): made[str(row["etag"])] for row in shop.deliveries()})


if __name__ == "__main__":
    sys.exit(main())
