"""The ledger against itself and against the lake: the plan, with no look at either."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from streaming.contract.deliveries import Status
from streaming.contract.settlements import DuplicatePolicy
from streaming.warehouse.proofs import Entry
from tasks.reconcile.differences import NOTHING_SOLD, Difference, Kind, Sold


@dataclass(slots=True, kw_only=True)
class LakeBooks:
    """What the lake holds of each delivery: facts with their money and months, rejects, and lines told twice."""

    facts: dict[int, Sold] = field(default_factory=dict)
    months: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    rejects: dict[int, int] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)

    @property
    def deliveries(self) -> set[int]:
        """Everyone with a row in the lake."""
        return self.facts.keys() | self.rejects.keys()

    def add_facts(self, sold: Mapping[int, Sold], *, month: str) -> None:
        """Facts of one more month."""
        for delivery_id, more in sold.items():
            so_far = self.facts.get(delivery_id, NOTHING_SOLD)
            self.facts[delivery_id] = Sold(so_far.rows + more.rows, so_far.amount + more.amount)
            self.months[delivery_id].add(month)


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of the lake was read: these months of the facts, and the rejects of these deliveries; None is all."""

    months: frozenset[str] | None = None
    rejects_of: frozenset[int] | None = None

    def has_facts_of(self, entry: Entry) -> bool:
        """True when all the facts that the delivery should have were read."""
        return self.months is None or entry.sales_months <= self.months

    def has_rejects_of(self, entry: Entry) -> bool:
        """True when all the rejects that the delivery should have were read."""
        return self.rejects_of is None or entry.delivery.delivery_id in self.rejects_of


def unlike_lake(entries: Mapping[int, Entry], books: LakeBooks, extent: Extent) -> Iterator[Difference]:
    """Processed deliveries whose rows in the lake are not those of the ledger, and rows of any other delivery."""
    for entry in entries.values():
        if entry.is_processed:
            yield from _of_processed(entry, books, extent)
    for delivery_id in sorted(books.deliveries):
        entry_or_none = entries.get(delivery_id)
        if entry_or_none is None or not entry_or_none.is_processed:
            yield from _of_stranger(delivery_id, entry_or_none, books)
    for delivery_id, lines in sorted(books.repeated.items()):
        yield Difference(kind=Kind.REPEATED_LINES, delivery_id=delivery_id, expected="0", found=f"{lines:,}")


def counting_twice(entries: Iterable[Entry], policy: DuplicatePolicy) -> Iterator[Difference]:
    """Deliveries of sales that count although another one with their key, or their bytes, does too."""
    counting = sorted((e for e in entries if e.has_sales), key=lambda entry: entry.delivery.delivery_id)
    yield from _repeated(counting, Kind.KEY_COUNTS_TWICE, by=lambda entry: entry.delivery.object_key)
    if policy == "quarantine":
        yield from _repeated(counting, Kind.BYTES_COUNT_TWICE, by=lambda entry: entry.delivery.content)


def uncounted_duplicates(entries: Mapping[int, Entry]) -> Iterator[Difference]:
    """Duplicates of what does not count.

    Args:
        entries: the whole ledger.
    """
    for entry in entries.values():
        if entry.delivery.status is not Status.DUPLICATE:
            continue
        first = entries.get(entry.duplicate_of or 0)
        if first is None or not first.is_processed:
            yield Difference(
                kind=Kind.UNCOUNTED_DUPLICATE,
                delivery_id=entry.delivery.delivery_id,
                key=entry.delivery.object_key,
                expected=f"delivery {entry.duplicate_of} processed",
                found=first.delivery.status if first else "none",
            )


def without_batch(entries: Iterable[Entry]) -> Iterator[Difference]:
    """Deliveries that count by a batch of which the ledger knows nothing."""
    for entry in entries:
        if entry.has_sales and not entry.has_batch:
            yield Difference(kind=Kind.LOST_BATCH, delivery_id=entry.delivery.delivery_id)


def _of_processed(entry: Entry, books: LakeBooks, extent: Extent) -> Iterator[Difference]:
    delivery_id = entry.delivery.delivery_id
    if entry.rows_read != entry.rows_loaded + entry.rows_rejected:
        accounted = f"{entry.rows_loaded:,} and {entry.rows_rejected:,}"
        yield Difference(
            kind=Kind.UNBALANCED, delivery_id=delivery_id, expected=f"{entry.rows_read:,}", found=accounted
        )
    if extent.has_facts_of(entry):
        yield from _of_facts(entry, books)
    rejects = books.rejects.get(delivery_id, 0)
    if extent.has_rejects_of(entry) and rejects != entry.rows_rejected:
        yield Difference(
            kind=Kind.REJECTS, delivery_id=delivery_id, expected=f"{entry.rows_rejected:,}", found=f"{rejects:,}"
        )


def _of_facts(entry: Entry, books: LakeBooks) -> Iterator[Difference]:
    told = Sold(entry.rows_loaded, entry.amount_loaded)
    found = books.facts.get(entry.delivery.delivery_id, NOTHING_SOLD)
    months = books.months.get(entry.delivery.delivery_id, set())
    if told != found or months != entry.sales_months:
        yield Difference(
            kind=Kind.FACTS,
            delivery_id=entry.delivery.delivery_id,
            expected=f"{told} in {_listed(entry.sales_months)}",
            found=f"{found} in {_listed(months)}",
        )


def _of_stranger(delivery_id: int, entry: Entry | None, books: LakeBooks) -> Iterator[Difference]:
    """What does not count has no row in the lake."""
    status = str(entry.delivery.status) if entry else "not in the ledger"
    for kind, found in (
        (Kind.STRAY_FACTS, books.facts.get(delivery_id)),
        (Kind.STRAY_REJECTS, books.rejects.get(delivery_id)),
    ):
        if found:
            yield Difference(kind=kind, delivery_id=delivery_id, key=status, expected="none", found=str(found))


def _repeated(counting: Iterable[Entry], kind: Kind, *, by: Callable[[Entry], Hashable]) -> Iterator[Difference]:
    """Everyone in a group of more than one: who of them should count is not to be told from here."""
    groups: defaultdict[Hashable, list[Entry]] = defaultdict(list)
    for entry in counting:
        groups[by(entry)].append(entry)
    for group in groups.values():
        for entry in group if len(group) > 1 else ():
            others = [str(each.delivery.delivery_id) for each in group if each is not entry]
            yield Difference(
                kind=kind,
                delivery_id=entry.delivery.delivery_id,
                key=entry.delivery.object_key,
                expected="one delivery",
                found=f"delivery {', '.join(others)} too",
            )


def _listed(months: Collection[str]) -> str:
    return " ".join(sorted(months)) or "no month"
