"""S3 that stutters, as Python sees it: listings are whole or fail, files rest in one place, no byte is a wrong one."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from streaming import asking_again, s3_client
from streaming.contract.deliveries import Delivery, Selection, Status
from streaming.contract.errors import ServiceAwayError
from streaming.contract.reasons import AbsenceReason
from streaming.landing.reader import LandingReader
from streaming.source.body import ResumedBody
from streaming.source.reading import read_delivery
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import deliveries_of, record_arrivals
from tasks.archive import archive
from tasks.landing import record_landing
from tests.faults.s3_faults import Fault, Kind, Request, Where
from tests.faults.worlds import S3World
from tests.shop import HEADER, Shop

pytestmark = pytest.mark.servers

MORE_THAN_A_PAGE = 1_005
SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"


def is_copy(request: Request) -> bool:
    return request.is_copy


def is_delete(request: Request) -> bool:
    return request.method == "DELETE"


def is_read(request: Request) -> bool:
    return request.method == "GET"


def settle(shop: Shop, *names: str) -> list[Delivery]:
    """Files that arrived and were loaded, as the ledger knows them."""
    for name in names:
        shop.put(name, name)
    with connected(shop.settings.warehouse) as database:
        record_arrivals(database, list(shop.bucket.listing(shop.settings.storage.prefixes.landing)))
        shop.do(f"UPDATE deliveries SET status = '{Status.PROCESSED}'")  # noqa: S608  our own word
        return deliveries_of(database, range(1, len(names) + 1))


def resting(shop: Shop) -> dict[str, list[str]]:
    """What lies where, without the ids."""
    prefixes = shop.settings.storage.prefixes
    folders = {"landing": prefixes.landing, "archive": prefixes.archive}
    return {name: [a.object_key.rpartition("/")[2] for a in shop.bucket.listing(at)] for name, at in folders.items()}


def ledger(shop: Shop) -> list[object]:
    return [str(row["archived_key"]).rpartition("/")[2] for row in shop.deliveries()]


@pytest.mark.usefixtures("impatient")
def test_a_listing_that_breaks_on_its_second_page_is_never_taken_for_the_whole(s3: S3World, shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: shop.put(f"{number}.csv", b"x"), range(MORE_THAN_A_PAGE)))
    reader = LandingReader(settings=s3.shop.settings, selection=Selection(), tasks=1)
    s3.faults.begin(Fault(kinds=[Kind.SLOW_DOWN], where=lambda request: request.is_later_page))
    with pytest.raises(ServiceAwayError, match="SlowDown"):
        reader.prepareForTriggerAvailableNow()
    with pytest.raises(ServiceAwayError, match="SlowDown"):
        record_landing.fn("dev")
    assert s3.faults.injected == {Kind.SLOW_DOWN: 6}
    assert shop.deliveries() == []
    s3.faults.end()
    s3.faults.begin(Fault(kinds=[Kind.SHORT_READ], where=lambda request: request.is_later_page, times=1))
    assert record_landing.fn("dev") == MORE_THAN_A_PAGE
    assert s3.faults.injected[Kind.SHORT_READ] == 1


@pytest.mark.parametrize(
    ("where", "kind"),
    [(is_copy, Kind.LOST_REPLY), (is_copy, Kind.LATE_ERROR), (is_delete, Kind.LOST_REPLY)],
    ids=["copy", "late error of a copy", "delete"],
)
def test_a_move_of_which_a_reply_was_lost_is_done_once(s3: S3World, shop: Shop, where: Where, kind: Kind) -> None:
    names = ["a.csv", "b.csv", "c.csv"]
    settle(shop, *names)
    s3.faults.begin(Fault(kinds=[kind], where=where, times=2))
    assert archive(s3.shop.settings).moved == 3
    assert s3.faults.injected == {kind: 2}
    assert resting(shop) == {"landing": [], "archive": names}
    assert ledger(shop) == names
    assert archive(s3.shop.settings).moved == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("where", [is_copy, is_delete], ids=["copy", "delete"])
def test_a_move_of_which_every_reply_is_lost_is_completed_by_the_next_run(
    s3: S3World, shop: Shop, where: Where
) -> None:
    settle(shop, "a.csv")
    s3.faults.begin(Fault(kinds=[Kind.LOST_REPLY], where=where))
    done = archive(s3.shop.settings)
    s3.faults.end()
    assert s3.faults.injected[Kind.LOST_REPLY] >= 1
    assert done.moved == 1 or len(done.failures) == 1
    assert done.moved + archive(s3.shop.settings).moved == 1
    assert resting(shop) == {"landing": [], "archive": ["a.csv"]}
    assert ledger(shop) == ["a.csv"]


def test_a_file_overwritten_just_before_it_is_copied_is_not_taken_for_the_one_before(s3: S3World, shop: Shop) -> None:
    settle(shop, "a.csv")
    s3.faults.before(is_copy, lambda: shop.put("a.csv", "other"))  # as many bytes: the size tells nothing
    done = archive(s3.shop.settings)
    assert (done.moved, done.gone, done.failures) == (0, 1, ())
    assert resting(shop) == {"landing": ["a.csv"], "archive": []}
    assert record_landing.fn("dev") == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", [Kind.DENIED, Kind.INTERNAL_ERROR, Kind.RESET])
def test_what_the_archive_refuses_stays_and_is_told_and_the_others_go_on(s3: S3World, shop: Shop, kind: Kind) -> None:
    settle(shop, "a.csv", "b.csv", "c.csv")
    prefixes = shop.settings.storage.prefixes
    s3.faults.begin(Fault(kinds=[kind], where=lambda r: r.key.startswith(prefixes.archive) and "b.csv" in r.key))
    for moved in (2, 0):
        done = archive(s3.shop.settings)
        assert (done.moved, [text.partition(":")[0] for text in done.failures]) == (moved, [f"{prefixes.landing}b.csv"])
    assert resting(shop) == {"landing": ["b.csv"], "archive": ["a.csv", "c.csv"]}
    with connected(shop.settings.warehouse) as database:
        assert record_arrivals(database, list(shop.bucket.listing(prefixes.landing))) == 0, "it is no new arrival"
    s3.faults.end()
    assert archive(s3.shop.settings).moved == 1
    assert resting(shop) == {"landing": [], "archive": ["a.csv", "b.csv", "c.csv"]}


def big(shop: Shop) -> tuple[Delivery, bytes]:
    """A file of some MB that arrived."""
    body = b"\n".join([HEADER.encode(), *([SALE.encode()] * 60_000)])
    shop.put("big.csv", body)
    with connected(shop.settings.warehouse) as database:
        record_arrivals(database, list(shop.bucket.listing(shop.settings.storage.prefixes.landing)))
        return deliveries_of(database, [1])[0], body


def test_a_body_that_breaks_off_is_read_on_from_there(s3: S3World, shop: Shop) -> None:
    delivery, body = big(shop)
    s3.faults.begin(Fault(kinds=[Kind.SHORT_READ, Kind.RESET, Kind.SLOW_DOWN], where=is_read, times=6))
    with ResumedBody(s3.shop.bucket, delivery) as resumed:
        assert resumed.readall() == body
    assert sum(s3.faults.injected.values()) == 6


@pytest.mark.parametrize("reason", [AbsenceReason.CHANGED_BEFORE_READ, AbsenceReason.DELETED_BEFORE_READ])
def test_a_body_that_is_another_one_when_it_breaks_off_is_not_read_on(
    s3: S3World, shop: Shop, reason: AbsenceReason
) -> None:
    delivery, _ = big(shop)
    happens = {
        AbsenceReason.CHANGED_BEFORE_READ: lambda: shop.put("big.csv", b"another"),
        AbsenceReason.DELETED_BEFORE_READ: lambda: shop.bucket.delete(delivery.object_key, etag=delivery.etag),
    }
    s3.faults.begin(Fault(kinds=[Kind.SHORT_READ], where=is_read, times=1))
    s3.faults.before(lambda _request: s3.faults.injected.total() == 1, happens[reason])
    batches = list(read_delivery(s3.shop.bucket, delivery, limits=shop.settings.limits))
    assert len(batches) > 1, "rows came before it broke off"
    assert batches[-1].to_pylist()[0]["file_reason"] == reason


def test_silence_ends_within_two_minutes(s3: S3World, monkeypatch: pytest.MonkeyPatch) -> None:
    one_attempt = s3_client.CONNECT_TIMEOUT_SECONDS + s3_client.READ_TIMEOUT_SECONDS
    assert one_attempt + asking_again.PATIENCE_SECONDS + asking_again.LONGEST_WAIT_SECONDS + one_attempt < 120
    monkeypatch.setattr(s3_client, "READ_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(asking_again, "PATIENCE_SECONDS", 1.0)
    s3.faults.begin(Fault(kinds=[Kind.SILENCE]))
    started = time.monotonic()
    with pytest.raises(ServiceAwayError, match="Read timeout on endpoint URL"):
        s3.shop.bucket.must_exist()
    assert time.monotonic() - started < 4
    assert 2 <= s3.faults.requests < asking_again.ATTEMPTS, "patience was over before the attempts were"
