"""Rows of some deliveries taken out of a file on the real S3 server: what is left, what goes on, what is gone."""

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streaming.contract import columns as c
from streaming.contract.errors import ContractError
from streaming.contract.readings import LaidFile, StandingFile
from streaming.facts import only_facts, only_rejects
from streaming.lake_actions import as_standing
from streaming.laying import Depot, Laying
from streaming.rewriting import Rewriting, Rewritten, rewrite
from tests.checked import checked, refused, values_of
from tests.shop import Shop

pytestmark = pytest.mark.servers

SALES = ({"delivery_id": 1}, {"delivery_id": 2, "customer_id": 8}, {"delivery_id": 1, "line_number": 3})
REFUSED = (refused(1, 4, "missing:price"), refused(2, 3, "missing:price"))


def laid(shop: Shop, table: pa.Table, *, of_facts: bool) -> Rewriting:
    """These rows as a file of the lake."""
    depot, prefixes = Depot.of(shop.settings), shop.settings.storage.prefixes
    partitions, ranged = (c.FACTS_PARTITIONS, c.FACTS_RANGED) if of_facts else ((), c.REJECTS_RANGED)
    with depot.workbench() as folder:
        laying = Laying(folder, partitions=partitions, ranged=ranged)
        laying.add(table)
        (file,) = laying.lay(shop.bucket.put_file, prefixes.facts if of_facts else prefixes.rejects)
    return Rewriting(file=as_standing(file), of_facts=of_facts)


def without_the_first(shop: Shop, this: Rewriting, heirs: Mapping[int, int], *, lay: bool = True) -> Rewritten | None:
    return rewrite(this, without={1}, heirs=heirs, depot=Depot.of(shop.settings), lay=lay)


def held(shop: Shop, files: list[LaidFile], prefix: str) -> pa.Table:
    """The rows of files that were laid."""
    bodies = (
        shop.bucket.open(f"{prefix}{file.path}", etag=shop.bucket.seen(f"{prefix}{file.path}").etag) for file in files
    )
    return pa.concat_tables([pq.ParquetFile(pa.BufferReader(body.read())).read() for body in bodies])


def test_what_is_left_of_a_file_is_laid_in_its_partition_and_what_is_gone_summed_up(shop: Shop) -> None:
    found = without_the_first(shop, laid(shop, only_facts(checked(*SALES)), of_facts=True), {})
    assert found is not None
    assert [(file.rows, file.partition) for file in found.laid] == [(1, {"sales_month": "2026-03", "store_id": "1"})]
    rows = held(shop, list(found.laid), shop.settings.storage.prefixes.facts)
    assert values_of(rows, "delivery_id", "customer_id", "total_cost") == [(2, 8, Decimal("10.00"))]
    assert values_of(found.gone.customers, "customer_id", "purchases", "total_purchases") == [
        (7, -2, Decimal("-20.00"))
    ]
    assert [(row["sales"], row["total_sales"], row["deliveries"]) for row in found.gone.team] == [
        (-2, Decimal("-20.00"), [1])
    ]


def test_rows_that_are_inherited_go_on_and_change_no_sum(shop: Shop) -> None:
    found = without_the_first(shop, laid(shop, only_facts(checked(*SALES)), of_facts=True), {1: 9})
    assert found is not None
    rows = held(shop, list(found.laid), shop.settings.storage.prefixes.facts)
    assert values_of(rows, "delivery_id", "line_number") == [(2, 2), (9, 2), (9, 3)]
    assert values_of(found.gone.customers, "purchases", "total_purchases") == [(0, Decimal("0.00"))]
    assert [(row["sales"], row["deliveries"]) for row in found.gone.team] == [(0, [1, 9])]


def test_rejects_are_taken_out_alike_and_change_no_mart(shop: Shop) -> None:
    found = without_the_first(shop, laid(shop, only_rejects(checked(*REFUSED)), of_facts=False), {1: 9})
    assert found is not None
    rows = held(shop, list(found.laid), shop.settings.storage.prefixes.rejects)
    assert values_of(rows, "delivery_id", "reasons") == [(2, ["missing:price"]), (9, ["missing:price"])]
    assert (found.gone.customers.num_rows, list(found.gone.team)) == (0, [])


def test_a_file_without_such_rows_is_left_alone(shop: Shop) -> None:
    assert without_the_first(shop, laid(shop, only_facts(checked(SALES[1])), of_facts=True), {}) is None


def test_one_that_only_wants_to_know_lays_nothing(shop: Shop) -> None:
    this = laid(shop, only_facts(checked(*SALES)), of_facts=True)
    before = len(list(shop.bucket.listing(shop.settings.storage.prefixes.facts)))
    found = without_the_first(shop, this, {}, lay=False)
    assert found is not None
    assert not found.laid
    assert found.gone.customers.num_rows == 1
    assert len(list(shop.bucket.listing(shop.settings.storage.prefixes.facts))) == before


def test_a_file_from_before_the_table_had_a_column_has_null_there(shop: Shop) -> None:
    facts = only_facts(checked(*SALES)).drop_columns(["additional_columns"])
    found = without_the_first(shop, laid(shop, facts, of_facts=True), {})
    assert found is not None
    rows = held(shop, list(found.laid), shop.settings.storage.prefixes.facts)
    assert rows.column("additional_columns").to_pylist() == [None]


def test_a_file_that_the_log_names_and_that_is_not_there_is_told(shop: Shop) -> None:
    lost = StandingFile(
        log_path="sales_month=2026-03/store_id=1/x.parquet", partition={}, size_bytes=1, deliveries=None
    )
    with pytest.raises(ContractError, match="is not there"):
        without_the_first(shop, Rewriting(file=lost, of_facts=True), {})
