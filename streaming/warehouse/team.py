"""The sales-team mart as it stands."""

from collections.abc import Collection

from streaming.warehouse.connection import Database, Row, fetch


def team_of_store_months(database: Database, store_months: Collection[tuple[int, str]]) -> list[Row]:
    """Totals of everyone who sold in these stores and months, as `contract.columns.TEAM_TOTALS`."""
    if not store_months:
        return []
    return fetch(database, "sales_team_mart/of_store_months", store_months=tuple(store_months))
