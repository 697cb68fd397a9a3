"""From landed rows to checked ones: typed, enriched, each with its fate, computed once for all later rooms."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from pyspark.sql import DataFrame

from streaming.contract.settings import Settings
from streaming.enrichment import as_checked, join_dimensions
from streaming.frames import Snapshots
from streaming.schema import persisted
from streaming.validation import with_checks
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DIMENSIONS, is_large


@contextmanager
def judged(landed: DataFrame, snapshots: Snapshots, settings: Settings) -> Iterator[DataFrame]:
    """Landed rows after all their checks, as `contract.columns.CHECKED`, kept as long as they are needed.

    Args:
        landed: rows and closing rows as `contract.columns.LANDED`.
        snapshots: what is known of the dimensions already.
        settings: where the dimensions are.
    """
    typed = landed.transform(with_checks, today=datetime.now(UTC).date())
    with ExitStack() as kept:
        with connected(settings.warehouse) as database:
            large = {name for name in DIMENSIONS if is_large(database, name)}
            if large:  # the rows are needed twice: for their keys, and to be joined
                kept.enter_context(persisted(typed))
            dimensions = snapshots.now(typed, database, large=large)
        checked = typed.transform(join_dimensions, dimensions).transform(as_checked)
        kept.enter_context(persisted(checked))
        yield checked
