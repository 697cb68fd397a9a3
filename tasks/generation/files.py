"""Every file of a plan: the tills' sales with their dirt, the files nobody can read, and what arrives later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice

import numpy as np

from tasks.generation.dialects import Dialect, as_records, dialect_of, extra_values
from tasks.generation.faults import Fault, all_faults
from tasks.generation.plan import SalesPlan, Split, TillSpan
from tasks.generation.refused import refused_files
from tasks.generation.sales import Ints, Market, Sales

FAULTY_SHARE = 0.007
FIXED_SHARE = 0.01
"""Sales whose quantity a corrected file corrects."""
LATE_SHARE = ADDED_SHARE = 0.002
"""Rows of the late file, and of the day that a corrected file adds, as shares of all rows."""
ROWS_PER_REFUSED_FILE = 50
CORRECTED, RESENT = 0, 1
"""Numbers of the till files that are sent again, corrected or as they were."""
EXTRAS_STREAM, FAULTS_STREAM, DIALECT_STREAM = 1, 2, 3
SALES, HEADER_ONLY, CORRECTION, DUPLICATE, LATE = "sales", "header_only", "correction", "duplicate", "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedFile:
    """One file that a store sends: its key below landing, the records it holds if it can be read, and its bytes.

    `kind` is sales, header_only, correction, duplicate, late, or the verdict that the file earns. Wave 1 arrives
    first; wave 2 corrects, repeats and completes it.
    """

    wave: int
    key: str
    kind: str
    rows: int
    body: bytes


def files_of(plan: SalesPlan) -> Iterator[GeneratedFile]:
    """Every file of the plan, wave by wave, each when it is made; sales files of wave 1 hold the plan's rows."""
    maker = _Maker(plan)
    resent: GeneratedFile | None = None
    for number, span in enumerate(maker.spans):
        file = maker.till_file(number, span)
        yield file
        resent = file if number == RESENT else resent
    yield maker.header_only()
    yield from maker.refused()
    yield maker.correction()
    if resent is not None:
        yield replace(resent, wave=2, kind=DUPLICATE, key=resent.key.replace("/", "/resent/", 1))
    yield maker.late()


class _Maker:
    """All of a plan's sales, drawn once, and how each part of them is written."""

    def __init__(self, plan: SalesPlan) -> None:
        self._plan = plan
        dimensions = plan.dimensions()
        self._names = {row.product_id: row.product_name for row in dimensions.products}
        self._market = Market(dimensions, seed=plan.seed)
        self._rng = np.random.default_rng(plan.seed)
        split = Split.of(plan)
        self.spans = list(split.till_spans(plan))
        self._sales = self._market.draw(plan.rows, first_day=plan.first_day, end=plan.end, rng=self._rng)
        self._rows = _rows_by_file(self._sales, plan=plan, split=split, rng=self._rng)
        self._faults = _faults_by_file([len(rows) for rows in self._rows], seed=plan.seed)

    def till_file(self, number: int, span: TillSpan) -> GeneratedFile:
        """Wave 1's file of that number."""
        sales = self._sales.take(self._rows[number])
        return self._written(number, sales, self._faults[number], key=span.key)

    def correction(self) -> GeneratedFile:
        """The corrected file again: quantities put right, every other fault mended, a forgotten day added."""
        span, faults = self.spans[CORRECTED], self._faults[CORRECTED]
        sales = self._sales.take(self._rows[CORRECTED])
        wrong = self._rng.choice(len(sales), max(1, round(len(sales) * FIXED_SHARE)), replace=False)
        quantity = sales.quantity.copy()
        quantity[wrong] += 1
        added = self._drawn(ADDED_SHARE, store_id=span.store_id, first_day=_last_day(span), days=1)
        corrected = replace(sales, quantity=quantity).followed_by(added)
        remaining = dict(islice(faults.items(), 0, None, 2))
        return replace(self._written(CORRECTED, corrected, remaining, key=span.key), wave=2, kind=CORRECTION)

    def late(self) -> GeneratedFile:
        """The last week of a till that was offline, sent when all others had reported."""
        span = self.spans[-1]
        start = _last_day(span) - timedelta(days=6)
        sales = self._drawn(LATE_SHARE, store_id=span.store_id, first_day=start, days=7)
        key = f"store-{span.store_id:02}/{start}-till-9"
        return replace(self._written(len(self.spans), sales, {}, key=key), wave=2, kind=LATE)

    def header_only(self) -> GeneratedFile:
        """A closed store's file."""
        span = self.spans[-1]
        file = self._written(0, self._sales.take(np.array([], dtype=np.int64)), {}, key=f"{span.key}-closed")
        return replace(file, kind=HEADER_ONLY)

    def refused(self) -> Iterator[GeneratedFile]:
        """One file for each verdict of quarantine."""
        sales = self._drawn(ROWS_PER_REFUSED_FILE / self._plan.rows, store_id=None)
        texts = sales.as_texts(self._names)
        for number, file in enumerate(refused_files(texts, bytes_per_file=self._plan.bytes_per_file)):
            span = self.spans[number * len(self.spans) // len(type(file.verdict))]
            key = f"{span.key}-export-{number + 1}{file.ending}"
            yield GeneratedFile(wave=1, key=key, kind=str(file.verdict), rows=0, body=file.body)

    def _drawn(
        self, share: float, *, store_id: int | None, first_day: date | None = None, days: int | None = None
    ) -> Sales:
        start = first_day or self._plan.first_day
        end = start + timedelta(days=days) if days else self._plan.end
        rows = max(1, round(self._plan.rows * share))
        return self._market.draw(rows, first_day=start, end=end, rng=self._rng, store_id=store_id)

    def _written(self, number: int, sales: Sales, faults: Mapping[int, Fault], *, key: str) -> GeneratedFile:
        dialect = dialect_of(number, rng=self._stream(DIALECT_STREAM, number))
        texts = sales.as_texts(self._names)
        for column in dialect.extras:
            texts[column] = extra_values(column, len(sales), rng=self._stream(EXTRAS_STREAM, number))
        body = dialect.encode(_records(texts, dialect, faults))
        return GeneratedFile(wave=1, key=key + dialect.ending, kind=SALES, rows=len(sales), body=body)

    def _stream(self, purpose: int, number: int) -> np.random.Generator:
        """Random numbers that one file has for itself, so that a corrected file repeats what was right."""
        return np.random.default_rng([self._plan.seed, purpose, number])


def _records(texts: Mapping[str, list[str]], dialect: Dialect, faults: Mapping[int, Fault]) -> list[str]:
    records = as_records([texts[column] for column in dialect.columns])
    for position, fault in faults.items():
        values = {column: texts[column][position] for column in dialect.columns}
        records[position] = fault.record(values, dialect.columns)
    return records


def _rows_by_file(sales: Sales, *, plan: SalesPlan, split: Split, rng: np.random.Generator) -> list[Ints]:
    """Positions of each file's sales, by day; the files stand in the order of Split.till_spans."""
    ends = np.array([month.toordinal() for month in plan.months[1:]])
    span = np.searchsorted(ends, sales.day, side="right") * split.spans // len(plan.months)
    till = rng.integers(0, split.tills, len(sales))
    file = ((sales.store_id - 1) * split.spans + span) * split.tills + till
    order = np.lexsort((sales.day, file))
    starts = np.searchsorted(file[order], np.arange(1, plan.stores * split.spans * split.tills))
    return np.split(order, starts)


def _faults_by_file(rows_per_file: list[int], *, seed: int) -> list[dict[int, Fault]]:
    """Which rows of each file go wrong and how; the faults take turns, so that every one occurs."""
    faults = all_faults()
    turns = cycle(faults)
    fewest = -(-len(faults) // len(rows_per_file))
    chosen = []
    for number, rows in enumerate(rows_per_file):
        rng = np.random.default_rng([seed, FAULTS_STREAM, number])
        amount = min(rows, max(fewest, round(rows * FAULTY_SHARE)))
        positions = sorted(rng.choice(rows, amount, replace=False).tolist())
        chosen.append(dict(zip(positions, turns, strict=False)))
    return chosen


def _last_day(span: TillSpan) -> date:
    return (span.months[-1] + timedelta(days=31)).replace(day=1) - timedelta(days=1)
