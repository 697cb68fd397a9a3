"""What the names of objects at rest tell a ledger that has forgotten them."""

import pytest

from streaming.contract.deliveries import Delivery, Status
from streaming.contract.sections import Prefixes
from tasks.reconcile.objects import Objects
from tasks.reconcile.recollecting import memory_of
from tasks.resting import landing_key, reason_key, resting_key
from tests.unit.test_reconcile import OTHER_ETAG, entry, seen

PREFIXES = Prefixes()
LONG = f"{'x' * 300}.csv"


def at_rest(number: int, name: str, *, status: Status = Status.PROCESSED) -> str:
    delivery = Delivery(delivery_id=number, object_key=f"landing/{name}", etag="", size_bytes=0, status=status)
    return resting_key(delivery, PREFIXES)


def objects(*resting: str, landing: tuple[str, ...] = ()) -> Objects:
    return Objects(landing={key: seen(key) for key in landing}, resting={key: seen(key) for key in resting})


@pytest.mark.parametrize("name", ["a.csv", "store-3/a b.csv", "100%.csv", "%2F/../é\n.csv", "x//", "a.csv.reason.json"])
@pytest.mark.parametrize("status", [Status.PROCESSED, Status.QUARANTINED])
def test_the_key_in_landing_is_had_from_the_place_of_rest(name: str, status: Status) -> None:
    assert landing_key(at_rest(7, name, status=status), 7, PREFIXES) == f"landing/{name}"


def test_a_name_that_was_given_up_is_not_guessed() -> None:
    assert landing_key(at_rest(7, LONG), 7, PREFIXES) is None


def test_an_object_of_no_delivery_becomes_one_under_its_old_number_and_its_reason_does_not() -> None:
    refused = at_rest(8, "b.csv", status=Status.QUARANTINED)
    memory = memory_of(objects(at_rest(7, "a.csv"), refused, reason_key(refused, 8, PREFIXES)), {}, PREFIXES)
    assert [(each.delivery_id, each.object_key) for each in memory.forgotten] == [
        (7, "landing/a.csv"),
        (8, "landing/b.csv"),
    ]
    assert [each.rests_as.object_key for each in memory.forgotten] == [at_rest(7, "a.csv"), refused]
    assert not memory.unclear


@pytest.mark.parametrize("status", [Status.WAITING, Status.PROCESSED])
def test_an_object_that_the_ledger_looks_for_in_landing_has_moved(status: Status) -> None:
    key, known = at_rest(7, "a.csv"), {7: entry(7, status=status)}
    assert memory_of(objects(key), known, PREFIXES).moved == {7: key}
    assert not memory_of(objects(key, landing=("landing/a.csv",)), known, PREFIXES).moved, "a clean-up is to go on"
    assert not memory_of(objects(key), {7: entry(7, status=status, etag=OTHER_ETAG)}, PREFIXES).moved


def test_what_the_ledger_knows_is_left_as_it_is() -> None:
    key, reason = at_rest(7, "a.csv"), reason_key(at_rest(7, "a.csv"), 7, PREFIXES)
    memory = memory_of(objects(key, reason), {7: entry(7, rests_at=key)}, PREFIXES)
    assert not memory.forgotten
    assert not memory.moved
    assert not memory.unclear


def test_an_object_whose_number_another_delivery_has_is_named_and_so_is_one_without_a_name() -> None:
    taken, nameless = at_rest(7, "b.csv"), at_rest(8, LONG)
    memory = memory_of(objects(taken, nameless, "archive/notes.txt"), {7: entry(7)}, PREFIXES)
    assert memory.unclear == (taken, nameless)
    assert not memory.forgotten
