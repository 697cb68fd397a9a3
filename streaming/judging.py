"""From typed rows to checked ones: enriched, each with its fate, computed once for all later rooms."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pyspark.sql import DataFrame

from streaming.contract.settings import Settings
from streaming.enrichment import as_checked, join_dimensions
from streaming.frames import Snapshots
from streaming.schema import persisted
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DIMENSIONS, is_large


@contextmanager
def judged(typed: DataFrame, snapshots: Snapshots, settings: Settings) -> Iterator[DataFrame]:
    """Typed rows after all their checks, as `contract.columns.CHECKED`, kept as long as they are needed.

    Args:
        typed: rows and closing rows as `contract.columns.TYPED`.
        snapshots: what is known of the dimensions already.
        settings: where the dimensions are.
    """
    with ExitStack() as kept:
        with connected(settings.warehouse) as database:
            large = {name for name in DIMENSIONS if is_large(database, name)}
            if large:  # the rows are needed twice: for their keys, and to be joined
                kept.enter_context(persisted(typed))
            dimensions = snapshots.now(typed, database, large=large)
        checked = typed.transform(join_dimensions, dimensions).transform(as_checked)
        kept.enter_context(persisted(checked))
        yield checked
