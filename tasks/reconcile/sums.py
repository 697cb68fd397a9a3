"""Rows of the lake boiled down as they come: sums by any key, and lines ticked off."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.reconcile.differences import Sold

PAGE_BITS = 16
"""Lines of a delivery are ticked off in pages of 65,536."""
SUMS = [("total_cost", "sum"), ([], "count_all")]
MORE_SUMS = [("amount", "sum"), ("rows", "sum")]


class Sums:
    """Rows and money by key; memory follows the number of keys."""

    def __init__(self, *keys: str) -> None:
        self._keys = list(keys)
        self._sums: pa.Table | None = None

    def add(self, rows: pa.Table) -> None:
        """More facts."""
        more = rows.group_by(self._keys).aggregate(SUMS)
        more = self._named(more, "total_cost_sum", "count_all")
        if self._sums is None:
            self._sums = more
        else:
            both = pa.concat_tables([self._sums, more]).group_by(self._keys).aggregate(MORE_SUMS)
            self._sums = self._named(both, "amount_sum", "rows_sum")

    def sold(self) -> dict[tuple[int, ...], Sold]:
        """The sums by key."""
        if self._sums is None:
            return {}
        *keys, amounts, rows = (column.to_pylist() for column in self._sums.columns)
        sold = map(Sold, rows, amounts)
        return dict(zip(zip(*keys, strict=True), sold, strict=True))

    def _named(self, sums: pa.Table, amount: str, rows: str) -> pa.Table:
        return sums.select([*self._keys, amount, rows]).rename_columns([*self._keys, "amount", "rows"])


class LinesSeen:
    """Ticks off each line of each delivery, at a byte a line; tells which had been ticked off before."""

    def __init__(self) -> None:
        self._pages: dict[tuple[int, int], npt.NDArray[np.bool_]] = {}
        self.repeated: dict[int, int] = {}

    def add(self, rows: pa.Table) -> None:
        """More rows with their delivery and line."""
        deliveries, lines = (rows.column(name).to_numpy() for name in ("delivery_id", "line_number"))
        order = np.lexsort((lines, deliveries))
        deliveries, lines = deliveries[order], lines[order]
        pages = lines >> PAGE_BITS
        borders = np.flatnonzero((np.diff(deliveries) != 0) | (np.diff(pages) != 0)) + 1
        for of_page in np.split(np.arange(len(lines)), borders):
            if len(of_page):
                self._tick_off(int(deliveries[of_page[0]]), int(pages[of_page[0]]), lines[of_page])

    def _tick_off(self, delivery_id: int, page: int, lines: npt.NDArray[np.int64]) -> None:
        seen = self._pages.setdefault((delivery_id, page), np.zeros(1 << PAGE_BITS, dtype=bool))
        at = lines & ((1 << PAGE_BITS) - 1)
        repeated = len(at) - int(np.count_nonzero(~seen[np.unique(at)]))
        seen[at] = True
        if repeated:
            self.repeated[delivery_id] = self.repeated.get(delivery_id, 0) + repeated
