"""What a report asks of marts and ledger. It only reads, and every question has a bound."""

from collections.abc import Iterator
from contextlib import contextmanager

from streaming.warehouse.connection import Database, Row, fetch, transaction

LAST_RANK = 10
MOST_PEOPLE = 2_000
MOST_WINNERS = 2_000
MOST_DAYS = 31
MOST_REJECTS = 100_000


@contextmanager
def one_moment(database: Database) -> Iterator[None]:
    """What is asked within is of one moment: marts and ledger change together, so they agree."""
    with database.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    with transaction(database):
        yield


def newest_month(database: Database) -> str | None:
    """The newest month with sales, as YYYY-MM; None when the marts are empty."""
    (row,) = fetch(database, "sales_team_mart/newest_month")
    return None if row["sales_month"] is None else str(row["sales_month"])


def sales_by_store(database: Database, *, first_month: str) -> list[Row]:
    """Sales, money and incentives of each store and month from that month on."""
    return fetch(database, "sales_team_mart/by_store", first_month=first_month)


def ranking_of(database: Database, sales_month: str) -> list[Row]:
    """The first ten ranks of each store in a month, by store and rank."""
    return fetch(database, "sales_team_mart/ranking", sales_month=sales_month, last_rank=LAST_RANK, page=MOST_PEOPLE)


def winners_since(database: Database, *, first_month: str) -> list[Row]:
    """Who sold most in each store and month from that month on, newest month first."""
    return fetch(database, "sales_team_mart/winners", first_month=first_month, page=MOST_WINNERS)


def arrival_days(database: Database, *, after: int) -> list[Row]:
    """Rows read and refused by the day a file was put, newest day first, of deliveries with a higher id."""
    return fetch(database, "deliveries/arrival_days", after=after, page=MOST_DAYS)


def rejects_by_arrival_day(database: Database, *, after: int, first_day: object) -> list[Row]:
    """Refused rows by day and reason from that day on, of deliveries with a higher id."""
    return fetch(database, "delivery_rejects/by_arrival_day", after=after, first_day=first_day)


def rejects_by_delivery(database: Database, *, after: int) -> list[Row]:
    """What was refused of each delivery that counts, newest first, of those with a higher id."""
    return fetch(database, "delivery_rejects/by_delivery", after=after, page=MOST_REJECTS)


def oldest_waiting(database: Database) -> Row:
    """How many deliveries wait, since when the oldest does, and the database's own clock."""
    (row,) = fetch(database, "deliveries/oldest_waiting")
    return row


def newest_batches(database: Database, *, most: int) -> list[Row]:
    """The newest committed batches, newest first."""
    return fetch(database, "batches/newest", page=most)


def latencies_since(database: Database, *, first_batch: int) -> list[Row]:
    """How long deliveries took from discovery to verdict, by batch from that one on."""
    return fetch(database, "deliveries/latencies", first_batch=first_batch)
