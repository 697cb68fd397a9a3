"""What a clean-up does beside archiving: reasons beside quarantined files, retention, arrivals held for nothing."""

import json

import pytest

from streaming.contract.deliveries import Delivery, Selection, Status
from streaming.contract.reasons import FileReason
from streaming.contract.sections import Gate, Retention
from streaming.contract.settings import Settings
from streaming.warehouse.attempts import enter_redrives
from streaming.warehouse.connection import connected
from streaming.warehouse.staging import expire
from tasks.archive import archive
from tasks.attempts import choose_redrives
from tasks.reasons import SENTENCES, UNTOLD, explanation_of, tell_reasons
from tasks.reconcile.differences import Kind
from tasks.reconcile.proving import prove
from tasks.resting import resting_key
from tasks.retention import Expiry, apply_retention
from tasks.staging import forget_holds
from tests.flows.test_archive import archived_keys, arrive, objects
from tests.shop import Shop

pytestmark = pytest.mark.servers


def settled(shop: Shop, name: str, status: Status, *, days_ago: int = 0, reason: str | None = None) -> Delivery:
    """A delivery with a verdict of some days ago, whose file rests."""
    delivery = arrive(shop, name, name.encode(), status)
    told = f"'{reason}'" if reason else "NULL"
    shop.do(
        f"UPDATE deliveries SET finished_at = UTC_TIMESTAMP(6) - INTERVAL {days_ago} DAY, reason = {told}, "  # noqa: S608  our own words
        "rows_read = 0, rows_loaded = 0, rows_rejected = 0, amount_loaded = 0, sales_months = '[]' "
        f"WHERE delivery_id = {delivery.delivery_id}"
    )
    archive(shop.settings)
    return delivery


def keeping(shop: Shop, **days: int) -> Settings:
    return shop.settings.model_copy(update={"retention": Retention(**days)})


def object_differences(shop: Shop) -> list[tuple[Kind, str]]:
    return [(each.kind, each.key) for each in prove(shop.settings, full=True).differences if each.kind.is_about_objects]


def test_a_quarantined_file_has_its_reason_beside_it_whenever_it_came(shop: Shop) -> None:
    prefixes = shop.settings.storage.prefixes
    first = settled(shop, "é.csv", Status.QUARANTINED, reason="missing_columns:price,quantity")
    settled(shop, "fine.csv", Status.PROCESSED)
    key = f"{resting_key(first, prefixes)}.reason.json"
    assert tell_reasons(shop.settings) == 1
    written = objects(shop, prefixes.quarantine)[key]
    told = json.loads(written)
    assert (told["delivery_id"], told["object_key"], told["etag"]) == (1, first.object_key, first.etag)
    assert told["explanation"].startswith("The header lacks columns that every file must have: price, quantity. Send")
    assert "\n  " in written.decode()
    assert (tell_reasons(shop.settings), objects(shop, prefixes.quarantine)[key]) == (0, written)
    second = settled(shop, "b.csv", Status.QUARANTINED, reason="not_utf8")
    assert tell_reasons(shop.settings) == 1
    assert object_differences(shop) == []
    orphan = f"{prefixes.quarantine}99/a.csv.reason.json"
    shop.bucket.put(orphan, b"{}")
    beside_fine = f"{prefixes.quarantine}2/fine.csv.reason.json"
    shop.bucket.put(beside_fine, b"{}")
    assert object_differences(shop) == [(Kind.FOREIGN_OBJECT, beside_fine), (Kind.FOREIGN_OBJECT, orphan)]
    with connected(shop.settings.warehouse) as database:
        assert len(enter_redrives(database, [first.delivery_id, second.delivery_id])) == 2


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(FileReason)
    assert (
        explanation_of("control_total_mismatch:rows 1 of 2, amount 1.00 of 2.00").count("rows 1 of 2, amount 1.00") == 1
    )
    assert explanation_of("") == UNTOLD


def test_what_is_older_than_the_retention_is_deleted_and_missed_by_nobody(shop: Shop) -> None:
    prefixes = shop.settings.storage.prefixes
    settled(shop, "old.csv", Status.PROCESSED, days_ago=31)
    young = settled(shop, "young.csv", Status.PROCESSED, days_ago=29)
    settled(shop, "bad.csv", Status.QUARANTINED, days_ago=31, reason="empty_file")
    tell_reasons(shop.settings)
    assert apply_retention(shop.settings).expired == 0, "off by default"
    assert apply_retention(keeping(shop, archive_days=30)).deleted == 1
    assert list(objects(shop, prefixes.archive)) == [resting_key(young, prefixes)]
    assert len(objects(shop, prefixes.quarantine)) == 2
    assert apply_retention(keeping(shop, archive_days=30, quarantine_days=30)).deleted == 1
    assert objects(shop, prefixes.quarantine) == {}
    assert archived_keys(shop) == [None, resting_key(young, prefixes), None]
    assert (apply_retention(keeping(shop, archive_days=30)), tell_reasons(shop.settings)) == (Expiry(), 0)
    assert object_differences(shop) == []


@pytest.mark.parametrize("is_deleted", [False, True], ids=["before the delete", "after the delete"])
def test_a_retention_that_died_half_way_is_completed(shop: Shop, *, is_deleted: bool) -> None:
    prefixes = shop.settings.storage.prefixes
    old = settled(shop, "old.csv", Status.QUARANTINED, days_ago=31, reason="empty_file")
    tell_reasons(shop.settings)
    with connected(shop.settings.warehouse) as database:
        assert expire(database, prefixes.quarantine, days=30) == 1
    if is_deleted:
        shop.bucket.delete(resting_key(old, prefixes), etag=old.etag)
    assert object_differences(shop) == []
    assert apply_retention(shop.settings).deleted == 1
    assert objects(shop, prefixes.quarantine) == {}


def test_a_file_that_another_attempt_waits_for_is_kept_and_an_expired_one_is_not_loaded_again(shop: Shop) -> None:
    awaited = settled(shop, "awaited.csv", Status.QUARANTINED, days_ago=31, reason="empty_file")
    expired = settled(shop, "expired.csv", Status.QUARANTINED, days_ago=31, reason="empty_file")
    with connected(shop.settings.warehouse) as database:
        (attempt,) = enter_redrives(database, [awaited.delivery_id])
        assert expire(database, shop.settings.storage.prefixes.quarantine, days=30) == 1
        assert enter_redrives(database, [expired.delivery_id]) == []
    assert choose_redrives.fn("dev", Selection(), "quarantined") == [awaited.delivery_id]
    assert attempt == expired.delivery_id + 1
    shop.do("UPDATE deliveries SET status = 'quarantined', finished_at = UTC_TIMESTAMP(6) WHERE status = 'waiting'")
    assert apply_retention(keeping(shop, quarantine_days=30)).expired == 0, "it was needed since"
    shop.do("UPDATE deliveries SET finished_at = UTC_TIMESTAMP(6) - INTERVAL 31 DAY")
    assert apply_retention(keeping(shop, quarantine_days=30)).expired == 1
    assert archived_keys(shop) == [None, None, None]


def test_arrivals_that_are_held_for_nothing_are_let_go(shop: Shop) -> None:
    shop.put("held.csv", b"there")
    (there,) = shop.bucket.listing(shop.settings.storage.prefixes.landing)
    gone = there.object_key.replace("held", "gone")
    for key, etag in ((there.object_key, there.etag), (there.object_key, "other"), (gone, there.etag)):
        shop.do(
            "INSERT INTO held_arrivals (object_key, etag, size_bytes, reason) "  # noqa: S608  our own words
            f"VALUES ('{key}', '{etag}', {there.size_bytes}, 'settling')"
        )
    gated = shop.settings.model_copy(update={"gate": Gate(settle_seconds=60)})
    assert forget_holds(gated) == 2
    assert [row["etag"] for row in shop.sql("SELECT etag FROM held_arrivals")] == [there.etag]
    assert forget_holds(shop.settings) == 1
