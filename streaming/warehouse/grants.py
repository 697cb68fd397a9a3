"""What the writer may do: rows of our own tables, each as much as the stream needs, and nothing else."""

from collections.abc import Iterator

from streaming.contract.sections import Warehouse
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, connected, execute, fetch

GRANTED = (
    "schema_migrations",
    "customers",
    "stores",
    "products",
    "sales_team",
    "locks",
    "deliveries",
    "delivery_rejects",
    "batches",
    "customer_mart",
    "customer_totals",
    "sales_team_mart",
    "delivery_unknown_keys",
    "incentive_ledger",
    "incentive_totals",
    "held_arrivals",
    "proofs",
    "environment_stamp",
    "chores",
    "chore_pieces",
)
"""The tables and views whose `grant.sql` names the writer's rights."""

Right = tuple[str, str]


def grant_to_writer(settings: Settings) -> list[str]:
    """Give the writer its rights, by the migration user; returns those it lacked, as `table: rights`."""
    user, host, before = _writer_as_known(settings.warehouse)
    with connected(settings.warehouse, as_migrator=True) as database:
        for table in GRANTED:
            execute(database, f"{table}/grant", user=user, host=host)
    *_, after = _writer_as_known(settings.warehouse)
    return list(_by_table(after - before))


def _writer_as_known(warehouse: Warehouse) -> tuple[str, str, set[Right]]:
    """The account that the server takes the writer for, and its rights; needs none of them itself."""
    anywhere = warehouse.model_copy(update={"database": "information_schema"})
    with connected(anywhere) as database:
        (row,) = fetch(database, "schema_migrations/account")
        user, _, host = str(row["writer"]).rpartition("@")
        return user, host, _rights(database, warehouse.database)


def _rights(database: Database, schema: str) -> set[Right]:
    rows = fetch(database, "schema_migrations/rights", table_schema=schema)
    return {(str(row["granted_table"]), str(row["granted_right"])) for row in rows}


def _by_table(rights: set[Right]) -> Iterator[str]:
    for table in sorted({table for table, _ in rights}):
        yield f"{table}: {', '.join(sorted(right for each, right in rights if each == table))}"
