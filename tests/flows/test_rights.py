"""The writer may change rows, and nothing else."""

import pytest

from streaming.contract.errors import ConfigurationError
from streaming.warehouse.connection import connected
from streaming.warehouse.grants import grant_to_writer
from tests.shop import Shop

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    "forbidden",
    [
        "DROP TABLE deliveries",
        "CREATE TABLE mine (n INT)",
        "ALTER TABLE stores ADD COLUMN n INT",
        "DELETE FROM customers",
        "DELETE FROM deliveries",
        "UPDATE schema_migrations SET version = 0",
        "SELECT * FROM stores INTO OUTFILE '/tmp/stores'",
        "SELECT * FROM mysql.user",
    ],
)
def test_the_writer_is_refused(shop: Shop, forbidden: str) -> None:
    with (
        pytest.raises(ConfigurationError, match="grants"),
        connected(shop.settings.warehouse) as database,
        database.cursor() as cursor,
    ):
        cursor.execute(forbidden)


def test_granting_again_finds_nothing_to_grant(shop: Shop) -> None:
    assert grant_to_writer(shop.settings) == []


def test_a_right_that_was_taken_away_is_given_back_and_named(shop: Shop) -> None:
    user = shop.settings.warehouse.user
    shop.do(f"REVOKE INSERT, UPDATE ON customers FROM '{user}'@'%'")
    assert grant_to_writer(shop.settings) == ["customers: INSERT, UPDATE"]
