"""One look for every plot: quiet axes, a small palette, and no trace of when or where it was drawn."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image

PALETTE = (
    "#33608c", "#e0953b", "#5b9a8b", "#b5626b", "#8c7bb0",
    "#c9b458", "#6fa8c7", "#8a6a55", "#d79bb2", "#a3a9b0",
)  # fmt: skip
"""Told apart by people who see red and green alike."""
LOOK = Path(__file__).with_name("look.mplstyle")
DOTS_PER_INCH = 100
COLOURS_OF_PNG = 64
PLACES_NAMED = 12
FEWEST_PLACES = 4
NAMELESS = re.compile(r' id="[A-Za-z0-9.]+_\d+"')
UNDATED = {"Date": None, "Creator": None, "Format": None, "Type": None}


class Canvas:
    """An empty drawing with one pair of axes."""

    def __init__(self, name: str, *, width: float, height: float) -> None:
        self._name = name
        with self.look():
            self._figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
            self.axes = self._figure.add_subplot()

    @contextmanager
    def look(self) -> Iterator[None]:
        """Whatever is drawn within looks like all the others; its ids depend on the drawing's name alone."""
        with mpl.rc_context({"svg.hashsalt": self._name}, fname=LOOK):
            yield

    def stack(self, places: Sequence[str], layers: Mapping[str, Sequence[float]], *, title: str) -> None:
        """Bars with one layer on top of the other; the first layer lies lowest."""
        below = [0.0] * len(places)
        with self.look():
            for colour, (name, heights) in zip(PALETTE, layers.items(), strict=False):
                self.axes.bar(range(len(places)), heights, bottom=below, label=name, color=colour, width=0.72)
                below = [low + height for low, height in zip(below, heights, strict=True)]
            self.name_places(places, title=title)
            self.axes.set_xlim(-0.6, max(len(places), FEWEST_PLACES) - 0.4)
            self._figure.legend(loc="outside right upper", reverse=True)

    def name_places(self, places: Sequence[str], *, title: str) -> None:
        """Names along the axis, as many as can be read, and the unit above."""
        step = -(-len(places) // PLACES_NAMED)
        self.axes.set_xticks(range(0, len(places), step), places[::step])
        self.axes.set_title(title)
        self.axes.yaxis.set_major_formatter(_number)

    def as_svg(self) -> str:
        """For a page: without a prologue, namespaces that HTML knows, and names that two drawings would share."""
        written = io.StringIO()
        with self.look():
            self._figure.savefig(written, format="svg", metadata=UNDATED)
        svg = written.getvalue()
        svg = svg[svg.index("<svg") :].replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
        return NAMELESS.sub("", svg.replace("xlink:href", "href"))

    def as_png(self) -> bytes:
        """For where there is no SVG; small, as Prefect keeps it in its database."""
        drawn, written = io.BytesIO(), io.BytesIO()
        with self.look():
            self._figure.savefig(drawn, format="rgba")
        size = (round(self._figure.bbox.width), round(self._figure.bbox.height))
        image = Image.frombytes("RGBA", size, drawn.getvalue()).convert("RGB").quantize(COLOURS_OF_PNG)
        image.save(written, format="png", optimize=True)
        return written.getvalue()


def _number(value: float, _place: float) -> str:
    """A number of an axis as people write it."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
