"""The oracle on corrections, duplicates and marts, each told as a short story."""

from datetime import date, timedelta
from decimal import Decimal

from tests.oracle import Delivery, Outcome, Shop, World, replay
from tests.oracle.marts import CustomerMonth, SalesPersonMonth, customer_mart, sales_team_mart

TODAY = date(2026, 11, 24)
HEADER = "customer_id,store_id,product_name,sales_date,sales_person_id,price,quantity,total_cost"
SHOP = Shop.of(
    customers=[{"customer_id": 1, "first_name": "Ada", "last_name": "Byron"}],
    stores=[{"store_id": 1}],
    products=[{"product_name": "Tea", "product_id": 1, "price": "1.00"}],
    sales_team=[
        {"sales_person_id": number, "first_name": name, "last_name": "Hall", "store_id": 1}
        for number, name in enumerate(("Grace", "Tom", "Iris"), 1)
    ],
)


def sale(price: str, *, person: int = 1, day: str = "2026-01-15") -> str:
    return f"1,1,Tea,{day},{person},{price},1,{price}"


def csv(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows, "")).encode()


A, B, BROKEN = csv(sale("1.00")), csv(sale("2.00"), sale("2.00")), b"nothing of use"


def after(*batches: list[tuple[str, bytes]]) -> World:
    """The world after batches of (key, bytes), delivery ids counted from 1."""
    arrivals = [(number, *arrival) for number, batch in enumerate(batches) for arrival in batch]
    deliveries = [(batch, Delivery(i, key, body)) for i, (batch, key, body) in enumerate(arrivals, 1)]
    grouped = [[d for batch, d in deliveries if batch == number] for number in range(len(batches))]
    return replay(grouped, SHOP, today=TODAY)


def told(world: World) -> list[tuple[str, int | None]]:
    """Each delivery's status, and the delivery it is a duplicate of or superseded by."""
    return [(o.status, o.duplicate_of or o.superseded_by) for o in world.outcomes.values()]


def test_a_correction_supersedes_what_its_key_brought_before() -> None:
    world = after([("a.csv", A)], [("a.csv", B)])
    assert told(world) == [("superseded", 2), ("processed", None)]
    assert [fact.price for fact in world.facts] == [Decimal("2.00"), Decimal("2.00")]


def test_an_old_version_that_comes_back_counts_again() -> None:
    world = after([("a.csv", A)], [("a.csv", B)], [("a.csv", A)])
    assert told(world) == [("superseded", 2), ("superseded", 3), ("processed", None)]


def test_an_unreadable_correction_leaves_the_old_version_counting() -> None:
    world = after([("a.csv", A)], [("a.csv", BROKEN)])
    assert [outcome.status for outcome in world.outcomes.values()] == ["processed", "quarantined"]
    assert len(world.facts) == 1


def test_the_same_bytes_are_a_duplicate_under_any_key() -> None:
    world = after([("a.csv", A)], [("b.csv", A), ("a.csv", A)])
    assert told(world) == [("processed", None), ("duplicate", 1), ("duplicate", 1)]


def test_a_duplicate_supersedes_other_bytes_of_its_own_key() -> None:
    world = after([("a.csv", A), ("b.csv", B)], [("b.csv", A)])
    assert told(world) == [("processed", None), ("superseded", 3), ("duplicate", 1)]
    assert [fact.delivery_id for fact in world.facts] == [1]


def test_bytes_that_count_no_more_are_no_duplicate() -> None:
    world = after([("a.csv", A)], [("a.csv", B)], [("c.csv", A)])
    assert told(world) == [("superseded", 2), ("processed", None), ("processed", None)]


def test_a_duplicate_inherits_when_the_first_key_gets_other_bytes() -> None:
    world = after([("wrong.csv", A)], [("right.csv", A)], [("wrong.csv", B)])
    assert told(world) == [("superseded", 3), ("processed", None), ("processed", None)]
    assert [fact.delivery_id for fact in world.facts] == [2, 3, 3]


def test_a_duplicate_whose_key_changes_as_well_inherits_nothing() -> None:
    world = after([("wrong.csv", A)], [("right.csv", A)], [("wrong.csv", B), ("right.csv", csv(sale("3.00")))])
    assert told(world) == [("superseded", 3), ("superseded", 1), ("processed", None), ("processed", None)]
    assert (world.outcomes[2].duplicate_of, world.outcomes[2].superseded_by) == (1, 4)


def test_quarantined_bytes_are_quarantined_again() -> None:
    world = after([("a.csv", BROKEN)], [("b.csv", BROKEN)])
    assert [outcome.status for outcome in world.outcomes.values()] == ["quarantined", "quarantined"]


def test_of_two_versions_in_one_batch_only_the_newest_is_read() -> None:
    world = after([("a.csv", A), ("a.csv", B)])
    assert told(world) == [("superseded", 2), ("processed", None)]
    assert world.outcomes[1].reason == "overwritten_before_read"
    assert world.outcomes[1].rows_read == 0


def test_deliveries_in_one_batch_end_where_several_batches_would() -> None:
    arrivals = [("a.csv", A), ("b.csv", B), ("c.csv", A), ("d.txt", A), ("e.csv", BROKEN)]
    assert told(after(arrivals)) == told(after(*([arrival] for arrival in arrivals)))


def test_tomorrow_is_in_range_and_the_day_after_is_not() -> None:
    days = [(TODAY + timedelta(days=ahead)).isoformat() for ahead in (0, 1, 2)]
    outcome = _only(after([("a.csv", csv(*(sale("1.00", day=day) for day in days)))]))
    assert [fact.sales_date.isoformat() for fact in outcome.facts] == days[:2]
    assert [(r.line_number, r.reasons) for r in outcome.rejects] == [(4, ("out_of_range:sales_date",))]


def test_customers_are_counted_by_month() -> None:
    world = after([("a.csv", csv(sale("1.10"), sale("2.20"), sale("5.00", day="2026-02-01")))])
    assert customer_mart(world.facts) == [
        CustomerMonth(1, "2026-01", "Ada Byron", 2, Decimal("3.30")),
        CustomerMonth(1, "2026-02", "Ada Byron", 1, Decimal("5.00")),
    ]


def test_equal_totals_share_the_rank_and_the_next_one_is_skipped() -> None:
    world = after([("a.csv", csv(sale("50.50"), sale("50.50", person=2), sale("49.00", person=3)))])
    assert sales_team_mart(world.facts) == [
        SalesPersonMonth(1, "2026-01", 1, "Grace Hall", 1, Decimal("50.50"), 1, Decimal("0.51")),
        SalesPersonMonth(1, "2026-01", 2, "Tom Hall", 1, Decimal("50.50"), 1, Decimal("0.51")),
        SalesPersonMonth(1, "2026-01", 3, "Iris Hall", 1, Decimal("49.00"), 3, Decimal("0.00")),
    ]


def _only(world: World) -> Outcome:
    (outcome,) = world.outcomes.values()
    return outcome
