"""The lake, read with another engine than the one that writes it: no JVM, few columns, bounded memory."""

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Self

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake.exceptions import DeltaError, TableNotFoundError

from streaming.contract.chores import LAKE_WRITER, LakeFile, TableName, place_of
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.contract.sections import Storage
from streaming.tls import told_to_rust
from tasks.reconcile.marts import MonthOfFacts
from tasks.reconcile.sums import LinesSeen, Sums

log = logging.getLogger(__name__)

MONTH = "partition.sales_month"
STORE = "partition.store_id"
NEWEST = "max.delivery_id"
COLUMNS = ("delivery_id", "line_number", "store_id", "sales_person_id", "customer_id", "total_cost")
LINE = ("delivery_id", "line_number")
ROWS_AT_ONCE = 128 * 1024
LONGEST_STORY = 500
DENIED_BY_S3 = re.compile(r"AccessDenied|Forbidden|InvalidAccessKey|SignatureDoesNotMatch|Unauthorized")


class Table:
    """One table of the lake as it stands at one version; without a version it does not exist yet, and holds nothing.

    Raises, from every method:
        ServiceAwayError: S3 fails.
        ConfigurationError: S3 refuses the credentials.
    """

    def __init__(self, storage: Storage, prefix: str, version: int | None = None) -> None:
        self._storage, self._prefix = storage, prefix
        self._uri = f"s3://{storage.bucket}/{prefix.rstrip('/')}"
        self._delta = self._opened(version)
        self.version: int | None = None if self._delta is None else self._delta.version()

    def as_of(self, version: int) -> Self:
        """The same table at a version."""
        return self if version == self.version else type(self)(self._storage, self._prefix, version)

    def has_moved(self) -> bool:
        """True when the table has a newer version by now; it is of no use any more then."""
        with explained(self._uri):
            if self._delta is None:
                return self._opened(None) is not None
            self._delta.update_incremental()
            return bool(self._delta.version() != self.version)

    def months(self) -> set[str]:
        """The months that have a file."""
        return set(self._files(self._delta).values())

    def files(self, table: TableName) -> list[LakeFile]:
        """Every file with its partition and its size, without a look into any."""
        if self._delta is None:
            return []
        with explained(self._uri):
            files = pa.table(self._delta.get_add_actions(flatten=True))
        nothing = [None] * len(files)
        months, stores = (
            files.column(name).to_pylist() if name in files.column_names else nothing for name in (MONTH, STORE)
        )
        sizes = files.column("size_bytes").to_pylist()
        return [LakeFile(place_of(table, *of), size) for *of, size in zip(months, stores, sizes, strict=True)]

    def months_since(self, version: int | None) -> set[str]:
        """The months in which files came or went since a version; all of them if that version is forgotten."""
        before, now = self._files(self._at(version)), self._files(self._delta)
        return {month for path, month in (before | now).items() if (path in before) != (path in now)}

    def deliveries_since(self, version: int | None) -> set[int]:
        """The deliveries with a row in a file that came since a version."""
        rows: pads.Dataset | None = self._rows
        if rows is None:
            return set()
        new = self._files(self._delta).keys() - self._files(self._at(version)).keys()
        fragments = [fragment for fragment in rows.get_fragments() if fragment.path in new]
        files = pads.FileSystemDataset(fragments, rows.schema, rows.format, rows.filesystem)
        return {
            delivery_id
            for chunk in self._chunks(files, ("delivery_id",), None)
            for delivery_id in pc.unique(chunk.column("delivery_id")).to_pylist()
        }

    def newest_batch(self) -> int:
        """The highest batch that ever wrote to it, as far as Delta remembers: it takes no older one any more."""
        with explained(self._uri):
            return 0 if self._delta is None else self._delta.transaction_version(LAKE_WRITER) or 0

    def newest_delivery(self) -> int:
        """The highest delivery that has a row in it, by what Delta notes of each file."""
        if self._delta is None:
            return 0
        with explained(self._uri):
            files = pa.table(self._delta.get_add_actions(flatten=True))
        noted = files.column(NEWEST).to_pylist() if NEWEST in files.column_names else []
        return max((newest for newest in noted if newest is not None), default=0)

    def facts_of(self, month: str, lines: LinesSeen) -> MonthOfFacts:
        """The facts of one month, summed; their lines are ticked off."""
        customers, team, deliveries = Sums("customer_id"), Sums("store_id", "sales_person_id"), Sums("delivery_id")
        for chunk in self._chunks(self._rows, COLUMNS, pc.field("sales_month") == month):
            lines.add(chunk)
            for sums in (customers, team, deliveries):
                sums.add(chunk)
        return MonthOfFacts(
            customers={who: sold for (who,), sold in customers.sold().items()},
            team={(store, person): sold for (store, person), sold in team.sold().items()},
            deliveries={delivery_id: sold for (delivery_id,), sold in deliveries.sold().items()},
        )

    def rejects_of(self, deliveries: Collection[int] | None, lines: LinesSeen) -> dict[int, int]:
        """How many rejects each delivery has; their lines are ticked off. None stands for all deliveries."""
        mine = None if deliveries is None else pc.field("delivery_id").isin(sorted(deliveries))
        counts: dict[int, int] = {}
        for chunk in self._chunks(self._rows, LINE, mine):
            lines.add(chunk)
            for counted in pc.value_counts(chunk.column("delivery_id")).to_pylist():
                counts[counted["values"]] = counts.get(counted["values"], 0) + counted["counts"]
        return counts

    def _chunks(
        self, rows: pads.Dataset | None, columns: Sequence[str], where: pc.Expression | None
    ) -> Iterator[pa.Table]:
        """Some columns in tables of about the same size, however small the files are."""
        if rows is None:
            return
        with explained(self._uri):
            scanner = rows.scanner(columns=list(columns), filter=where, batch_size=ROWS_AT_ONCE, fragment_readahead=4)
            held: list[pa.RecordBatch] = []
            for batch in scanner.to_batches():
                held.append(batch)
                if sum(map(len, held)) >= ROWS_AT_ONCE:
                    yield pa.Table.from_batches(held)
                    held = []
            if sum(map(len, held)):
                yield pa.Table.from_batches(held)

    @cached_property
    def _rows(self) -> pads.Dataset | None:
        with explained(self._uri), told_to_rust(self._storage.tls_ca):
            return None if self._delta is None else self._delta.to_pyarrow_dataset()

    def _opened(self, version: int | None) -> deltalake.DeltaTable | None:
        with explained(self._uri), told_to_rust(self._storage.tls_ca):
            try:
                return deltalake.DeltaTable(self._uri, version, _options(self._storage))
            except TableNotFoundError:
                return None

    def _at(self, version: int | None) -> deltalake.DeltaTable | None:
        """The table as it stood; nothing if it was not there, or its log goes back no longer so far."""
        try:
            return None if version is None else self._opened(version)
        except ServiceAwayError as error:
            log.info("%s has forgotten version %d, so that all of it counts as new: %s", self._uri, version, error)
            return None

    def _files(self, table: deltalake.DeltaTable | None) -> dict[str, str]:
        """Every file, and its month where the table has months."""
        if table is None:
            return {}
        with explained(self._uri):
            files = pa.table(table.get_add_actions(flatten=True))
        months = files.column(MONTH).to_pylist() if MONTH in files.column_names else [""] * len(files)
        return dict(zip(files.column("path").to_pylist(), months, strict=True))


@contextmanager
def explained(uri: str) -> Iterator[None]:
    """Turn what the engine throws into the project's errors, named by what should happen next."""
    try:
        yield
    except (DeltaError, OSError) as error:
        told = " ".join(str(error).split())[:LONGEST_STORY]
        if DENIED_BY_S3.search(str(error)):
            raise ConfigurationError(f"lake {uri}: S3 refused: {told}") from error
        raise ServiceAwayError(f"lake {uri}: {told}") from error


def _options(storage: Storage) -> dict[str, str]:
    """How to reach the bucket; without keys it is the machine's role that opens it."""
    options = {"aws_region": storage.region}
    if storage.endpoint:
        options |= {"aws_endpoint_url": storage.endpoint}
        options |= {"aws_allow_http": str(storage.endpoint.startswith("http://")).lower()}
    if storage.access_key and storage.secret_key:
        options |= {"aws_access_key_id": storage.access_key.get_secret_value()}
        options |= {"aws_secret_access_key": storage.secret_key.get_secret_value()}
    return options
