"""Many things a few at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def chunks_of(items: Iterable[Item], most: int) -> Iterator[tuple[Item, ...]]:
    """The items in order, at most so many at once; what `itertools.batched` does from Python 3.12 on."""
    more = iter(items)
    while chunk := tuple(islice(more, most)):
        yield chunk
