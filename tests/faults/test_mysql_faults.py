"""MySQL that goes away, waits or chooses a victim: nothing is lost, nothing counts twice, and it is told in words."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pymysql
import pytest

from streaming.contract.deliveries import Status
from streaming.contract.errors import BusyError, ServiceAwayError
from streaming.warehouse.attempts import enter_redrives
from streaming.warehouse.connection import Database, connected, explain, fetch
from streaming.warehouse.ledger import record_arrivals
from streaming.warehouse.writer import only_writer
from tasks.archive import archive
from tests.faults.mysql_proxy import Event, Moment, silent_server
from tests.faults.one_sale import COUNTED, NOT_COUNTED, OneSale, arrival
from tests.faults.worlds import MySqlWorld, seen_through
from tests.shop import Shop

pytestmark = pytest.mark.servers

CLOSED = b"UPDATE batches"
COMMIT = b"COMMIT"
TRANSACTION = (b"locks", b"deliveries", b"customer_mart", b"sales_team_mart", b"incentive_ledger", CLOSED, COMMIT)
SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"


@pytest.fixture
def sale(shop: Shop) -> OneSale:
    return OneSale.arrived(shop)


def killer(shop: Shop) -> Callable[[int], object]:
    """How a DBA ends a connection."""

    def kill(connection_id: int) -> None:
        with connected(shop.settings.warehouse) as database, database.cursor() as cursor:
            cursor.execute("KILL %s", (connection_id,))

    return kill


@contextmanager
def held(shop: Shop, *statements: str) -> Iterator[Database]:
    """A second user of the database in mid-transaction."""
    with connected(shop.settings.warehouse, as_migrator=True) as database, database.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield database


def test_a_commit_that_never_arrived_counts_nothing_and_can_be_done_again(mysql: MySqlWorld, sale: OneSale) -> None:
    mysql.happenings.expect(Event(after=CLOSED, at=COMMIT, breaks=Moment.BEFORE))
    with only_writer(sale.shop.settings) as writer:
        batch_id = sale.opened(writer)
        with pytest.raises(ServiceAwayError, match="Lost connection to MySQL server"):
            sale.commit(mysql.shop.settings, writer, batch_id)
        assert len(mysql.happenings.fired) == 1
        assert sale.counts() == NOT_COUNTED
        sale.commit(mysql.shop.settings, writer, batch_id)
    assert sale.counts() == COUNTED


@pytest.mark.parametrize("moment", [Moment.AFTER, Moment.HELD], ids=["cut", "held back"])
def test_after_a_commit_whose_reply_is_lost_the_ledger_is_asked(
    mysql: MySqlWorld, sale: OneSale, caplog: pytest.LogCaptureFixture, moment: Moment
) -> None:
    mysql.happenings.expect(Event(after=CLOSED, at=COMMIT, breaks=moment))
    with only_writer(sale.shop.settings) as writer:
        batch_id = sale.opened(writer)
        assert sale.commit(mysql.shop.settings, writer, batch_id).rows_loaded == 1
        assert len(mysql.happenings.fired) == 1
        assert "MySQL went away after it had committed" in caplog.text
        sale.commit(mysql.shop.settings, writer, batch_id)
    assert sale.counts() == COUNTED, "also when it is committed once more"


def test_a_connection_killed_at_any_statement_of_a_transaction_counts_nothing(mysql: MySqlWorld, sale: OneSale) -> None:
    with only_writer(sale.shop.settings) as writer:
        batch_id = sale.opened(writer)
        for number, statement in enumerate(TRANSACTION, start=1):
            mysql.happenings.expect(Event(at=statement, after=b"BEGIN", action=killer(sale.shop)))
            with pytest.raises(ServiceAwayError, match="is the server up"):
                sale.commit(mysql.shop.settings, writer, batch_id)
            assert len(mysql.happenings.fired) == number
            assert sale.counts() == NOT_COUNTED, statement
        sale.commit(mysql.shop.settings, writer, batch_id)
    assert sale.counts() == COUNTED


def test_a_wait_for_a_lock_that_ends_in_1205_is_done_again_as_a_whole(
    mysql: MySqlWorld, sale: OneSale, caplog: pytest.LogCaptureFixture
) -> None:
    row = "INSERT INTO customer_mart (customer_id, sales_month, full_name, purchases, total_purchases)"
    with (
        held(sale.shop, f"{row} VALUES (1, '2026-03', 'Somebody', 1, 1)") as other,
        only_writer(sale.shop.settings) as w,
    ):
        mysql.happenings.expect(Event(after=b"customer_mart", at=b"ROLLBACK", action=lambda _id: other.rollback()))
        sale.commit(mysql.shop.settings, w, sale.opened(w))
    assert [r.args for r in caplog.records if r.levelno == logging.WARNING and r.args] == [(1205, 1, 5)]
    assert sale.counts() == COUNTED


def test_the_victim_of_a_deadlock_begins_anew(
    mysql: MySqlWorld, sale: OneSale, caplog: pytest.LogCaptureFixture
) -> None:
    row = "INSERT INTO customer_mart (customer_id, sales_month, full_name, purchases, total_purchases)"
    many = ", ".join(  # InnoDB's victim is who has changed less
        f"({number}, '2026-03', 'Somebody', 1, 1)" for number in range(1, 300)
    )
    with held(sale.shop, f"{row} VALUES {many}") as other, only_writer(sale.shop.settings) as writer:
        batch_id = sale.opened(writer)

        def cross(_connection_id: int) -> None:
            """Want what the batch holds, while it is about to want what is held here; then let go of both."""
            threading.Thread(target=wanting, daemon=True).start()

        def wanting() -> None:
            fetch(other, "locks/lock_writer")
            other.rollback()

        mysql.happenings.expect(Event(at=b"INSERT INTO customer_mart", action=cross))
        sale.commit(mysql.shop.settings, writer, batch_id)
    assert [r.args for r in caplog.records if r.levelno == logging.WARNING and r.args] == [(1213, 1, 5)]
    assert sale.counts() == COUNTED


def test_a_reply_lost_behind_other_writes_is_found_out_by_doing_them_again(mysql: MySqlWorld) -> None:
    shop, landing = mysql.shop, mysql.shop.settings.storage.prefixes.landing
    found = [arrival(f"{landing}{number}.csv") for number in range(3)]
    mysql.happenings.expect(Event(after=b"INSERT INTO deliveries", at=COMMIT, breaks=Moment.AFTER))
    with pytest.raises(ServiceAwayError), connected(shop.settings.warehouse) as database:
        record_arrivals(database, found)
    with connected(shop.settings.warehouse) as database:
        assert record_arrivals(database, found) == 0
    shop.do(f"UPDATE deliveries SET status = '{Status.PROCESSED}', archived_key = 'archive/1', archived_at = NOW()")  # noqa: S608  our own word
    mysql.happenings.expect(Event(after=b"INSERT INTO deliveries", at=COMMIT, breaks=Moment.AFTER))
    with pytest.raises(ServiceAwayError), connected(shop.settings.warehouse) as database:
        enter_redrives(database, [1])
    with connected(shop.settings.warehouse) as database:
        assert enter_redrives(database, [1]) == [], "it waits already"
    assert len(mysql.happenings.fired) == 2
    assert [(row["delivery_id"], row["attempt"]) for row in shop.deliveries()] == [(1, 1), (2, 1), (3, 1), (4, 2)]


def test_a_reply_lost_while_files_are_archived_leaves_one_copy_of_each(mysql: MySqlWorld) -> None:
    shop = mysql.shop
    prefixes = shop.settings.storage.prefixes
    for name in ("a.csv", "b.csv", "c.csv"):
        shop.put(name, name)
    with connected(shop.settings.warehouse) as database:
        record_arrivals(database, list(shop.bucket.listing(prefixes.landing)))
    shop.do(f"UPDATE deliveries SET status = '{Status.PROCESSED}'")  # noqa: S608  our own word
    mysql.happenings.expect(Event(after=b"archived_key", at=COMMIT, breaks=Moment.AFTER))
    with pytest.raises(ServiceAwayError):
        archive(shop.settings)
    assert len(mysql.happenings.fired) == 1
    assert archive(shop.settings).failures == ()
    assert sorted(a.object_key for a in shop.bucket.listing(prefixes.archive)) == [
        row["archived_key"] for row in shop.deliveries()
    ]
    assert list(shop.bucket.listing(prefixes.landing)) == []


def test_a_server_that_never_answers_is_given_up_in_words(shop: Shop) -> None:
    assert shop.settings.storage.endpoint
    with silent_server() as port:
        silent = seen_through(shop, "[warehouse]", f"port = {port}", "read_timeout_seconds = 1")
        started = time.monotonic()
        told = pytest.raises(ServiceAwayError, match=f"MySQL at 127.0.0.1:{port}.* is the server up")
        with told, only_writer(silent.settings):
            pytest.fail("nobody gave us the lock")
        assert time.monotonic() - started < 5


def test_by_default_silence_ends_within_two_minutes(shop: Shop) -> None:
    seconds = shop.settings.warehouse
    a_new_connection = seconds.connect_timeout_seconds + seconds.read_timeout_seconds
    commit, ledger_asked, takeover_asked = seconds.read_timeout_seconds, a_new_connection, a_new_connection
    assert commit + ledger_asked + takeover_asked < 120


def test_a_connection_that_died_while_idle_is_told_in_words(mysql: MySqlWorld, shop: Shop) -> None:
    with connected(shop.settings.warehouse) as closed, connected(mysql.shop.settings.warehouse) as reset:
        (lost, told_of_lost), (gone, told_of_gone) = last_words(closed, shop), last_words(reset, shop)
    assert (lost, gone) == (2013, 2006)
    assert "Lost connection to MySQL server during query; is the server up?" in told_of_lost
    assert "MySQL server has gone away" in told_of_gone


def last_words(database: Database, shop: Shop) -> tuple[int, str]:
    """What is told when a killed connection is used; used once more, it tells no less."""
    killer(shop)(database.thread_id())  # type: ignore[no-untyped-call]  # the stubs leave it bare
    time.sleep(0.3)
    with pytest.raises(pymysql.err.OperationalError) as first:
        fetch(database, "deliveries/newest_id")
    with pytest.raises(pymysql.err.InterfaceError) as second:
        fetch(database, "deliveries/newest_id")
    assert "the connection is lost; is the server up?" in str(explain(second.value, shop.settings.warehouse))
    return first.value.args[0], str(explain(first.value, shop.settings.warehouse))


def test_a_writer_whose_lock_died_commits_nothing_once_another_took_it(mysql: MySqlWorld, sale: OneSale) -> None:
    with only_writer(mysql.shop.settings) as writer:
        (lock,) = sale.shop.sql("SELECT IS_USED_LOCK('tillstream.tillstream_dev') AS id")
        killer(sale.shop)(int(str(lock["id"])))
        batch_id = sale.opened(writer)
        with only_writer(sale.shop.settings), pytest.raises(BusyError, match="another writer took over"):
            sale.commit(sale.shop.settings, writer, batch_id)
        assert sale.counts() == NOT_COUNTED
