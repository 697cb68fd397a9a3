"""Delivery ids as a person writes them: `7`, `3-5`, `3-5,7`."""

from collections.abc import Iterable

from streaming.contract.errors import UsageError

MOST = 1_000_000


def ids_of(text: str) -> tuple[int, ...]:
    """The ids that a text names, each once, in order; none for an empty text.

    Raises:
        UsageError: it is not a list of ids and ranges, or names more than a million.
    """
    ids: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()) or part.endswith("-"):
            raise UsageError(f"not delivery ids: {part!r} (such as 7 or 3-5,7)")
        span = range(int(first), int(last or first) + 1)
        if len(ids) + len(span) > MOST:
            raise UsageError(f"more than {MOST:,} deliveries are named by {part!r}")
        ids.update(span)
    return tuple(sorted(ids))


def ranges_of(ids: Iterable[int]) -> str:
    """The shortest such text for some ids."""
    runs: list[list[int]] = []
    for each in sorted(set(ids)):
        if runs and runs[-1][1] == each - 1:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
