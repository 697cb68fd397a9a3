"""Each file comes to rest in one place with its bytes, whatever happened before or in between."""

import pytest

from streaming.bucket import Bucket
from streaming.contract.deliveries import Arrival, Delivery, Status
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import record_arrivals, resting_in_landing
from tasks.archive import archive, carry_out
from tasks.resting import Move, resting_key
from tests.shop import Shop

pytestmark = pytest.mark.servers


def arrive(shop: Shop, name: str, body: bytes, status: Status) -> Delivery:
    """Put a file, have it recorded, and give it a verdict."""
    shop.put(name, body)
    landing = shop.settings.storage.prefixes.landing
    with connected(shop.settings.warehouse) as database:
        record_arrivals(database, list(shop.bucket.listing(landing)))
    shop.do(f"UPDATE deliveries SET status = '{status}' WHERE status = 'waiting'")  # noqa: S608  our own word
    newest = shop.sql("SELECT * FROM deliveries ORDER BY delivery_id DESC LIMIT 1")[0]
    return Delivery(
        delivery_id=int(str(newest["delivery_id"])),
        object_key=str(newest["object_key"]),
        etag=str(newest["etag"]),
        size_bytes=int(str(newest["size_bytes"])),
        status=status,
    )


def objects(shop: Shop, prefix: str) -> dict[str, bytes]:
    """Everything below a prefix; not every S3 server sends an empty body when asked for one."""
    return {a.object_key: content(shop, a) if a.size_bytes else b"" for a in shop.bucket.listing(prefix)}


def content(shop: Shop, arrival: Arrival) -> bytes:
    return shop.bucket.open(arrival.object_key, etag=arrival.etag).read()


def archived_keys(shop: Shop) -> list[object]:
    return [row["archived_key"] for row in shop.sql("SELECT archived_key FROM deliveries ORDER BY delivery_id")]


def unsettled(shop: Shop) -> int:
    with connected(shop.settings.warehouse) as database:
        return len(list(resting_in_landing(database)))


def test_verdicts_decide_where_files_rest_and_a_second_run_changes_nothing(shop: Shop) -> None:
    prefixes = shop.settings.storage.prefixes
    good = arrive(shop, "store-1/a.csv", b"good", Status.PROCESSED)
    bad = arrive(shop, "store-1/b.csv", b"", Status.QUARANTINED)
    shop.put("waiting.csv", b"waiting")
    done = archive(shop.settings)
    assert (done.moved, done.gone, done.failures) == (2, 0, ())
    assert objects(shop, prefixes.archive) == {resting_key(good, prefixes): b"good"}
    assert objects(shop, prefixes.quarantine) == {resting_key(bad, prefixes): b""}
    assert list(objects(shop, prefixes.landing)) == [f"{prefixes.landing}waiting.csv"]
    assert archived_keys(shop) == [resting_key(good, prefixes), resting_key(bad, prefixes)]
    assert archive(shop.settings).moved == 0


def test_a_corrected_file_stays_for_its_own_delivery(shop: Shop) -> None:
    arrive(shop, "a.csv", b"first", Status.PROCESSED)
    shop.put("a.csv", b"second, and not seen yet")
    done = archive(shop.settings)
    assert (done.moved, done.gone) == (0, 1)
    assert list(objects(shop, shop.settings.storage.prefixes.landing).values()) == [b"second, and not seen yet"]
    assert unsettled(shop) == 0


def test_the_same_bytes_sent_again_belong_to_the_newer_delivery(shop: Shop) -> None:
    first = arrive(shop, "a.csv", b"same", Status.PROCESSED)
    shop.do("UPDATE deliveries SET last_modified = '2020-01-01'")
    second = arrive(shop, "a.csv", b"same", Status.DUPLICATE)
    assert first.delivery_id < second.delivery_id
    archive(shop.settings)
    assert archived_keys(shop) == [None, resting_key(second, shop.settings.storage.prefixes)]


def test_a_file_that_is_gone_is_noted_and_not_looked_for_again(shop: Shop) -> None:
    gone = arrive(shop, "a.csv", b"x", Status.WITHDRAWN)
    shop.bucket.delete(gone.object_key, etag=gone.etag)
    assert archive(shop.settings).gone == 1
    assert unsettled(shop) == 0


@pytest.mark.parametrize("is_deleted", [False, True], ids=["after the copy", "after the delete"])
def test_a_run_that_died_half_way_is_completed(shop: Shop, *, is_deleted: bool) -> None:
    delivery = arrive(shop, "a.csv", b"x", Status.PROCESSED)
    key = resting_key(delivery, shop.settings.storage.prefixes)
    shop.bucket.copy(delivery.object_key, etag=delivery.etag, to=key)
    if is_deleted:
        shop.bucket.delete(delivery.object_key, etag=delivery.etag)
    assert archive(shop.settings).moved == 1
    assert archived_keys(shop) == [key]
    assert objects(shop, shop.settings.storage.prefixes.landing) == {}


class Overwritten(Bucket):
    """A bucket in which the store sends a new file just after the old one was copied."""

    def copy(self, key: str, *, etag: str, to: str) -> None:
        """Copy, then be too late."""
        super().copy(key, etag=etag, to=to)
        self.put(key, b"new")


def test_a_file_overwritten_between_copy_and_delete_stays(shop: Shop) -> None:
    delivery = arrive(shop, "a.csv", b"old", Status.PROCESSED)
    move = Move(delivery=delivery, to=resting_key(delivery, shop.settings.storage.prefixes), is_overwritten=False)
    assert carry_out(Overwritten(shop.settings.storage.for_archiver()), move) == move.to
    assert objects(shop, shop.settings.storage.prefixes.archive) == {move.to: b"old"}
    assert list(objects(shop, shop.settings.storage.prefixes.landing).values()) == [b"new"]


@pytest.mark.parametrize(
    "name", ["tab\there.csv", "100%.csv", "é ñ 緑茶.csv", "q?u&a=r+t.csv", r"back\slash.csv", "x" * 200]
)
def test_hostile_names_come_to_rest_too(shop: Shop, name: str) -> None:
    delivery = arrive(shop, name, b"x", Status.QUARANTINED)
    assert archive(shop.settings).moved == 1
    assert list(objects(shop, shop.settings.storage.prefixes.quarantine)) == [
        resting_key(delivery, shop.settings.storage.prefixes)
    ]


def test_one_that_cannot_be_moved_is_reported_and_the_others_go_on(shop: Shop) -> None:
    prefixes = shop.settings.storage.prefixes
    stuck = arrive(shop, "a.csv", b"stuck", Status.PROCESSED)
    arrive(shop, "b.csv", b"fine", Status.PROCESSED)
    obstacle = resting_key(stuck, prefixes).rpartition("/")[0]
    etag = shop.bucket.put(obstacle, b"a file where a folder should be")
    done = archive(shop.settings)
    assert done.moved == 1
    assert [failure.partition(":")[0] for failure in done.failures] == [stuck.object_key]
    shop.bucket.delete(obstacle, etag=etag)
    assert archive(shop.settings).moved == 1
    assert unsettled(shop) == 0
