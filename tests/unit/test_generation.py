"""Generated sales: the same for the same plan, realistic, and with every kind of dirt, as the oracle sees it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from streaming.contract.columns import MANDATORY
from streaming.contract.errors import UsageError
from streaming.contract.reasons import FileReason
from tasks.generation.dialects import Dialect, dialect_of, extra_values
from tasks.generation.faults import Fault, all_faults
from tasks.generation.files import GeneratedFile, files_of
from tasks.generation.plan import SalesPlan, Split
from tasks.generation.sales import CENTS
from tests.oracle import Delivery, Limits, Outcome, Shop, World, replay

LIMITS = Limits(bytes_per_file=4 * 1024**2)
SMALL = SalesPlan(
    today=date(2026, 11, 24),
    rows=20_000,
    files=12,
    customers=500,
    stores=4,
    people_per_store=4,
    bytes_per_file=LIMITS.bytes_per_file,
)
NOT_GENERATED = {FileReason.CRASHES_READER, FileReason.CONTROL_TOTAL_MISMATCH}
BAD_TYPES = [name for name in MANDATORY if name != "product_name"]
EVERY_REASON = {
    "malformed_row",
    *(f"missing:{name}" for name in MANDATORY),
    *(f"bad_type:{name}" for name in BAD_TYPES),
    *(f"out_of_range:{name}" for name in ("quantity", "price", "sales_date")),
    "total_mismatch",
    *(f"unknown_{name}" for name in ("customer", "store", "product", "sales_person")),
}


@dataclass(frozen=True)
class Story:
    """The small data set, and what the oracle makes of it."""

    files: list[GeneratedFile]
    world: World

    def told(self) -> Iterator[tuple[GeneratedFile, Outcome]]:
        """Each file beside what became of it."""
        return zip(self.files, self.world.outcomes.values(), strict=True)


@cache
def shop_of(plan: SalesPlan) -> Shop:
    rows = plan.dimensions()
    return Shop.of(
        customers=[row._asdict() for row in rows.customers],
        stores=[row._asdict() for row in rows.stores],
        products=[row._asdict() for row in rows.products],
        sales_team=[row._asdict() for row in rows.sales_team],
    )


@pytest.fixture(scope="module")
def story() -> Story:
    files = list(files_of(SMALL))
    deliveries = [(file.wave, Delivery(number, file.key, file.body)) for number, file in enumerate(files, 1)]
    batches = [[delivery for wave, delivery in deliveries if wave == number] for number in (1, 2)]
    return Story(files, replay(batches, shop_of(SMALL), today=SMALL.today, limits=LIMITS))


def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(story: Story) -> None:
    assert list(files_of(SMALL)) == story.files
    assert next(files_of(replace(SMALL, seed=2))).body != story.files[0].body


def test_the_first_wave_holds_the_planned_number_of_rows(story: Story) -> None:
    assert sum(file.rows for file in story.files if file.wave == 1) == SMALL.rows


def test_the_oracle_reads_as_many_rows_as_the_manifest_will_say(story: Story) -> None:
    for file, outcome in story.told():
        assert outcome.rows_read == (0 if outcome.status == "duplicate" else file.rows), file.key


def test_every_row_reason_is_among_the_small_data_set(story: Story) -> None:
    told = Counter(reason for _, outcome in story.told() for row in outcome.rejects for reason in row.reasons)
    assert set(told) == EVERY_REASON
    assert any(len(row.reasons) > 1 for row in story.world.rejects)


def test_half_a_per_cent_to_one_per_cent_of_rows_are_refused(story: Story) -> None:
    assert 0.005 < len(story.world.rejects) / SMALL.rows < 0.01


def test_every_file_is_judged_as_its_kind_says(story: Story) -> None:
    expected = dict.fromkeys(FileReason, "quarantined") | {"duplicate": "duplicate"}
    for file, outcome in story.told():
        corrected = file.key == story.files[0].key and file.wave == 1
        assert outcome.status == ("superseded" if corrected else expected.get(file.kind, "processed")), file.key
        if file.kind in set(FileReason):
            assert (outcome.reason or "").split(":")[0] == file.kind
    assert set(FileReason) - NOT_GENERATED < {file.kind for file in story.files}


def test_no_two_files_have_the_same_bytes_but_the_one_sent_twice(story: Story) -> None:
    copies = [file for file in story.files if file.kind == "duplicate"]
    assert len({file.body for file in story.files}) == len(story.files) - len(copies)
    assert len({(file.wave, file.key) for file in story.files}) == len(story.files)


def test_the_correction_adds_a_day_and_changes_quantities(story: Story) -> None:
    first = story.world.outcomes[1]
    (corrected,) = (outcome for file, outcome in story.told() if file.kind == "correction")
    before = {fact.line_number: fact for fact in first.facts}
    changed = [f for f in corrected.facts if f.line_number in before and f.quantity != before[f.line_number].quantity]
    assert corrected.delivery.key == first.delivery.key
    assert corrected.rows_read > first.rows_read
    assert 0 < corrected.rows_rejected < first.rows_rejected
    assert changed


def test_sales_lie_in_the_twelve_whole_months_before_today(story: Story) -> None:
    months = {fact.sales_month for fact in story.world.facts}
    assert months == {f"{month:%Y-%m}" for month in SMALL.months}
    assert (min(months), max(months)) == ("2025-11", "2026-10")


def test_a_sale_is_normally_made_at_home_for_the_list_price(story: Story) -> None:
    facts = story.world.facts
    at_home = sum(fact.store_id == fact.sales_person_store_id for fact in facts)
    at_list_price = sum(fact.price == fact.list_price for fact in facts)
    assert 0.95 < at_home / len(facts) < 1
    assert 0.8 < at_list_price / len(facts) < 0.95
    assert all(fact.total_cost == fact.price * fact.quantity for fact in facts)
    assert all(fact.price >= Decimal(1) / CENTS for fact in facts)


def test_some_customers_come_much_more_often_than_others(story: Story) -> None:
    visits = sorted(Counter(fact.customer_id for fact in story.world.facts).values())
    assert visits[-1] > 10 * visits[len(visits) // 2]


@pytest.mark.parametrize("fault", all_faults())
@pytest.mark.parametrize("columns", [MANDATORY, ("product_name", *MANDATORY[:2], *MANDATORY[3:])])
def test_a_fault_earns_the_reasons_it_says(fault: Fault, columns: tuple[str, ...]) -> None:
    shop = shop_of(SMALL)
    name = next(name for name in shop.products if '"' in name)
    texts = ("7", "1", name, "2026-01-15", "2", "4.50", "2", "9.00")
    record = fault.record(dict(zip(MANDATORY, texts, strict=True)), columns)
    body = Dialect(columns=columns, header=columns).encode([record])
    outcome = replay([[Delivery(1, "a.csv", body)]], shop, today=SMALL.today).outcomes[1]
    assert [reject.reasons for reject in outcome.rejects] == [fault.reasons] * bool(fault.reasons)
    assert outcome.rows_read == 1


def test_dialects_differ_in_every_trait() -> None:
    dialects = [dialect_of(number, rng=np.random.default_rng(number)) for number in range(12)]
    assert {dialect.line_end for dialect in dialects} == {"\n", "\r\n", "\r"}
    assert {dialect.ending for dialect in dialects} == {".csv", ".CSV", ".csv.gz"}
    assert {dialect.has_byte_order_mark for dialect in dialects} == {True, False}
    assert {dialect.has_last_line_end for dialect in dialects} == {True, False}
    assert {column for dialect in dialects for column in dialect.extras} == {"till_id", "coupon", "note"}
    assert len({dialect.columns for dialect in dialects}) > 6


def test_extra_values_are_long_enough_and_repeat_for_the_same_seed() -> None:
    drawn = [extra_values("note", 50, rng=np.random.default_rng(3)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert any("\n" in note for note in drawn[0])


def test_a_store_with_more_files_than_months_has_several_tills() -> None:
    plan = replace(SMALL, rows=50_000, files=96)
    spans = list(Split.of(plan).till_spans(plan))
    assert len(spans) == 96
    assert spans[0].key == "store-01/2025-11-till-1"
    assert {span.till for span in spans} == {1, 2}


@pytest.mark.parametrize(
    ("day", "first", "last"), [("2026-01-01", "2025-01", "2025-12"), ("2024-03-31", "2023-03", "2024-02")]
)
def test_the_year_ends_with_the_month_before_today(day: str, first: str, last: str) -> None:
    plan = replace(SMALL, today=date.fromisoformat(day))
    assert (f"{plan.months[0]:%Y-%m}", f"{plan.months[-1]:%Y-%m}") == (first, last)


def test_a_plan_is_called_the_same_all_month_and_otherwise_by_all_it_says() -> None:
    assert replace(SMALL, today=date(2026, 11, 1)).name == SMALL.name
    others = [replace(SMALL, **{name: getattr(SMALL, name) + 1}) for name in ("seed", "customers", "bytes_per_file")]
    assert len({SMALL.name, *(plan.name for plan in others)}) == 4


def test_a_plan_too_small_for_its_dirt_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 3 files with 100 rows each"):
        replace(SMALL, rows=900)


def test_a_file_needs_no_last_line_end() -> None:
    dialect = Dialect(columns=("a",), header=("a",), line_end="\r\n", has_last_line_end=False)
    assert dialect.encode(["1", "2"]) == b"a\r\n1\r\n2"
