"""Numbers, spans and texts from outside, as people read them."""

from decimal import Decimal

UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
LAYOUT = "\n\t"
LONGEST_SAMPLE = 240
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
NOTHING_TO_SHOW = "\N{EN DASH}"
FORMULA_SIGNS = (
    "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
TEXT_SIGN = "'"


def whole(number: int) -> str:
    """A whole number as people write it."""
    return f"{number:,}"


def money(amount: Decimal | None) -> str:
    """Money to the cent; a dash where there was none."""
    return f"{amount:,.2f}" if amount else NOTHING_TO_SHOW


def span(seconds: Decimal | None) -> str:
    """A span of time in its two largest units at most."""
    if seconds is None:
        return NOTHING_TO_SHOW
    if seconds < UNITS[-1][1]:
        return f"{max(seconds, Decimal(0)):.1f} s"
    (name, size), *smaller = [(name, size) for name, size in (*UNITS, ("s", 1)) if seconds >= size]
    count, rest = divmod(int(seconds), size)
    return f"{count} {name}" + (f" {rest // smaller[0][1]} {smaller[0][0]}" if smaller else "")


def harmless(text: str) -> str:
    """A cell that no spreadsheet reckons: before what begins like a formula stands an apostrophe."""
    begins = text.lstrip()[:1]
    return f"{TEXT_SIGN}{text}" if begins and begins in FORMULA_SIGNS else text


def readable(text: str | None) -> str:
    """A cell as the store wrote it, harmless and not too long; what cannot be printed, or turns a line, is marked."""
    whole_text = (text or "").replace("\r\n", "\n")
    shown = "".join(c if c.isprintable() or c in LAYOUT else UNPRINTABLE for c in whole_text[:LONGEST_SAMPLE])
    return harmless(shown if len(shown) == len(whole_text) else f"{shown}\N{HORIZONTAL ELLIPSIS}")
