"""Facts and rejects as Parquet files: which rows lie in which, and what is told of them."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streaming import laying
from streaming.contract.columns import FACTS_PARTITIONS, FACTS_RANGED
from streaming.contract.readings import LaidFile
from streaming.facts import only_facts
from streaming.laying import Laying, by_partition
from tests.checked import checked
from tests.landed import Values


def facts(*rows: Values) -> pa.Table:
    return only_facts(checked(*rows))


def laid(folder: Path, *tables: pa.Table) -> tuple[list[LaidFile], dict[str, pa.Table]]:
    making, shelf = Laying(folder, partitions=FACTS_PARTITIONS, ranged=FACTS_RANGED), dict[str, pa.Table]()
    for table in tables:
        making.add(table)
    return making.lay(lambda key, file: shelf.update({key: pq.ParquetFile(file).read()}), "facts/"), shelf


SALES = (
    {"line_number": 2, "sales_month": "2026-03", "store_id": 2},
    {"line_number": 3, "sales_month": "2026-02", "store_id": 10, "sales_date": date(2026, 2, 1)},
    {"line_number": 4, "sales_month": "2026-03", "store_id": 2, "sales_date": date(2026, 3, 2)},
    {"line_number": 5, "sales_month": "2026-03", "store_id": 10, "delivery_id": 7},
)


def test_each_partition_has_its_rows_in_their_order_and_not_its_columns(tmp_path: Path) -> None:
    files, put = laid(tmp_path, facts(*SALES))
    lines = {key.rpartition("/")[0]: table.column("line_number").to_pylist() for key, table in put.items()}
    assert lines == {
        "facts/sales_month=2026-02/store_id=10": [3],
        "facts/sales_month=2026-03/store_id=10": [5],
        "facts/sales_month=2026-03/store_id=2": [2, 4],
    }
    assert {f"facts/{file.path}" for file in files} == set(put)
    assert not {"sales_month", "store_id"} & {name for table in put.values() for name in table.column_names}


def test_a_file_tells_its_partition_its_size_and_its_ranges(tmp_path: Path) -> None:
    files, _ = laid(tmp_path, facts(*SALES[:2]), facts(*SALES[2:]))
    (file,) = (file for file in files if file.partition == {"sales_month": "2026-03", "store_id": "2"})
    assert file.rows == 2
    assert file.size_bytes > 0
    assert file.ranges == {"delivery_id": (1, 1), "sales_date": (date(2026, 3, 2), date(2026, 3, 14))}


def test_a_file_that_has_grown_large_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laying, "LARGEST_FILE_BYTES", 0)
    files, put = laid(tmp_path, facts({}), facts({"line_number": 3}))
    assert [file.rows for file in files] == [1, 1]
    assert sorted(line for table in put.values() for line in table.column("line_number").to_pylist()) == [2, 3]


def test_no_more_files_are_open_at_once_than_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laying, "MOST_OPEN", 2)
    files, put = laid(tmp_path, facts(*SALES), facts(*SALES))
    assert sum(file.rows for file in files) == 2 * len(SALES)
    assert len({file.path.rpartition("/")[0] for file in files}) == 3
    assert sorted(line for table in put.values() for line in table.column("line_number").to_pylist()) == [
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
    ]


def test_without_rows_there_is_no_file(tmp_path: Path) -> None:
    assert laid(tmp_path, facts()) == ([], {})


def test_a_table_without_partitions_is_one(tmp_path: Path) -> None:
    rows = facts(*SALES)
    assert list(by_partition(rows, ())) == [({}, rows)]
    assert list(tmp_path.iterdir()) == []
