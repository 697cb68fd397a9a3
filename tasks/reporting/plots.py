"""The report's plots. Equal figures give equal bytes.

Matplotlib is slow to import, so only this module and `canvas` name it, and they are imported where something is drawn.
"""

from collections.abc import Sequence
from datetime import date

from tasks.reporting.canvas import FEWEST_PLACES, PALETTE, Canvas
from tasks.reporting.figures import ArrivalDay, BatchPace, Sales
from tasks.reporting.words import readable

MOST_COLOURS = len(PALETTE)
OTHERS = "others"


def sales_svg(sales: Sales) -> str:
    """Money by month, the stores on top of each other."""
    return _sales(sales, Canvas("sales", width=9.4, height=3.5)).as_svg()


def sales_png(sales: Sales) -> bytes:
    """The same as an image for Prefect's UI."""
    return _sales(sales, Canvas("sales", width=8.6, height=3.4)).as_png()


def days_svg(days: Sequence[ArrivalDay]) -> str:
    """Refused rows by day of arrival, the reasons on top of each other."""
    canvas = Canvas("days", width=9.4, height=3.0)
    oldest_first = days[::-1]
    shown = [f"{day.arrived_on:%d %b}" for day in oldest_first]
    sums: dict[str, int] = {}
    for day in days:
        for reason, rows in day.reasons.items():
            sums[reason] = sums.get(reason, 0) + rows
    first = sorted(sums, key=lambda reason: (-sums[reason], reason))
    layers = {readable(reason): [float(day.reasons.get(reason, 0)) for day in oldest_first] for reason in first}
    canvas.stack(shown, _most(layers), title="refused rows, once for each reason")
    return canvas.as_svg()


def rows_svg(batches: Sequence[BatchPace]) -> str:
    """Rows in a second, batch by batch, the oldest first."""
    canvas = Canvas("rows", width=4.6, height=2.3)
    oldest_first = batches[::-1]
    with canvas.look():
        heights = [batch.rows_a_second for batch in oldest_first]
        canvas.axes.bar(range(len(heights)), heights, color=PALETTE[0], width=0.72)
        _name_batches(canvas, oldest_first, title="rows a second")
    return canvas.as_svg()


def latency_svg(batches: Sequence[BatchPace]) -> str:
    """Seconds from discovery to verdict, batch by batch: the mean, and up to the longest."""
    canvas = Canvas("latency", width=4.6, height=2.3)
    known = [(batch, batch.latency) for batch in batches[::-1] if batch.latency]
    means = [float(latency.mean) for _, latency in known]
    longest = [float(latency.longest) for _, latency in known]
    with canvas.look():
        canvas.axes.vlines(range(len(means)), means, longest, color=PALETTE[-1], linewidth=2)
        canvas.axes.plot(range(len(means)), means, "o", color=PALETTE[1], markersize=5)
        canvas.axes.set_ylim(0, 1.1 * max(longest, default=1.0))
        _name_batches(canvas, [batch for batch, _ in known], title="seconds, mean and longest")
    return canvas.as_svg()


def _sales(sales: Sales, canvas: Canvas) -> Canvas:
    amounts = sales.amounts
    first = sorted(sales.stores, key=lambda store: (-sales.of_store(store), store))
    # a drawing has no cents: the only place where money becomes a float
    layers = {f"store {store}": [float(amounts.get((store, m), 0)) for m in sales.months] for store in first}
    canvas.stack(_names_of(sales.months), _most(layers), title="money")
    return canvas


def _names_of(months: Sequence[str]) -> list[str]:
    """Months in a few letters; the year below the first and below each January."""
    days = [date.fromisoformat(f"{month}-01") for month in months]
    return [f"{day:%b\n%Y}" if day.month == 1 or day is days[0] else f"{day:%b}" for day in days]


def _most(layers: dict[str, list[float]]) -> dict[str, list[float]]:
    """The first layers, as many as there are colours; what is left is one more, the sum."""
    if len(layers) <= MOST_COLOURS:
        return layers
    names = list(layers)
    kept = {name: layers[name] for name in names[: MOST_COLOURS - 1]}
    rest = [layers[name] for name in names[MOST_COLOURS - 1 :]]
    return kept | {f"{len(rest)} {OTHERS}": [sum(column) for column in zip(*rest, strict=True)]}


def _name_batches(canvas: Canvas, batches: Sequence[BatchPace], *, title: str) -> None:
    canvas.name_places([str(batch.batch_id) for batch in batches], title=title)
    canvas.axes.set_xlim(-0.6, max(len(batches), FEWEST_PLACES) - 0.4)
    canvas.axes.set_xlabel("batch")
