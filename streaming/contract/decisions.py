"""What becomes of each delivery of a batch: the same in the end, wherever the batches are cut."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from streaming.contract.columns import NOT_READ
from streaming.contract.deliveries import Counted, Delivery, Status, Verdict
from streaming.contract.errors import ServiceAwayError
from streaming.contract.reasons import AbsenceReason, FileReason

SUPPORTED_ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What reading one delivery showed: its rows and money, or the reason why it cannot count."""

    delivery_id: int
    reason: str | None = None
    rows_in_file: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    amount_loaded: Decimal = Decimal("0.00")
    sales_months: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The verdicts of a batch, and what its newcomers change among the deliveries that counted before.

    `superseded`: a delivery that counts no more, to the id of the one that replaced it under its key.
    `inherited`: a superseded delivery whose bytes still stand under another key, to the delivery that brought them
    there and was a duplicate so far: its rows count on, as rows of that one.
    `first_of`: a superseded delivery's id, to the id under which the same bytes count from now on.
    """

    verdicts: tuple[Verdict, ...]
    superseded: Mapping[Counted, int]
    inherited: Mapping[Counted, Delivery] = field(default_factory=dict)
    first_of: Mapping[int, int] = field(default_factory=dict)

    @property
    def loaded(self) -> tuple[int, ...]:
        """Ids of the deliveries whose rows were read and count from now on."""
        return tuple(v.delivery_id for v in self.verdicts if v.status is Status.PROCESSED)

    @property
    def heirs(self) -> dict[int, int]:
        """The inherited deliveries by id: old to new."""
        return {earlier.delivery.delivery_id: heir.delivery_id for earlier, heir in self.inherited.items()}

    @property
    def rows_loaded(self) -> int:
        """Facts that the batch adds."""
        return sum(verdict.rows_loaded for verdict in self.verdicts)

    @property
    def rows_rejected(self) -> int:
        """Rejects that the batch adds."""
        return sum(verdict.rows_rejected for verdict in self.verdicts)


def is_supported(object_key: str) -> bool:
    """True when the key's ending says CSV, plain or gzipped."""
    return object_key.lower().endswith(SUPPORTED_ENDINGS)


def to_read(waiting: Sequence[Delivery], counted: Iterable[Counted]) -> set[int]:
    """Ids of the deliveries whose bytes may matter.

    Not read: keys of an unsupported kind, versions that the store has overwritten since, and bytes that count
    already under a key which nothing in this batch can replace.
    """
    newest = {delivery.object_key: delivery.delivery_id for delivery in waiting}
    settled = {c.delivery.content for c in counted if c.delivery.object_key not in newest}
    return {
        delivery.delivery_id
        for delivery in waiting
        if is_supported(delivery.object_key)
        and newest[delivery.object_key] == delivery.delivery_id
        and delivery.content not in settled
    }


def settle(
    waiting: Sequence[Delivery],
    counted: Iterable[Counted],
    reports: Mapping[int, FileReport],
    *,
    duplicates: Mapping[int, Sequence[Delivery]] = MappingProxyType({}),
) -> Settlement:
    """Decide every waiting delivery of a batch, by id.

    What counts in the end is what loading the newest readable version of each key from scratch would give, equal
    bytes once: so it does not matter where batches are cut.

    Args:
        waiting: the batch's deliveries by id.
        counted: the processed deliveries that share bytes or keys with them.
        reports: what reading each showed.
        duplicates: for ids among `counted`, the duplicates that are the newest readable version of their key.
    """
    newest = {delivery.object_key: delivery.delivery_id for delivery in waiting}
    refused = {d.delivery_id: _refusal(d, reports[d.delivery_id], newest=newest[d.object_key]) for d in waiting}
    readable = [delivery for delivery in waiting if refused[delivery.delivery_id] is None]
    superseded = _superseded(readable, counted)
    first = {c.delivery.content: c.delivery.delivery_id for c in counted if c not in superseded}
    accepted = {d.delivery_id: _accepted(d, reports[d.delivery_id], first) for d in readable}
    inherited = dict(_heirs(superseded, duplicates, first=first, taken={d.object_key for d in readable}))
    return Settlement(
        verdicts=tuple(refused[d.delivery_id] or accepted[d.delivery_id] for d in waiting),
        superseded=superseded,
        inherited=inherited,
        first_of={c.delivery.delivery_id: first[c.delivery.content] for c in superseded if c.delivery.content in first},
    )


def _superseded(readable: Iterable[Delivery], counted: Iterable[Counted]) -> dict[Counted, int]:
    """Deliveries that counted under the keys that have other bytes now, to their successors."""
    by_key = {delivery.object_key: delivery for delivery in readable}
    return {
        earlier: successor.delivery_id
        for earlier in counted
        if (successor := by_key.get(earlier.delivery.object_key)) and successor.content != earlier.delivery.content
    }


def _accepted(delivery: Delivery, report: FileReport, first: dict[tuple[str, int], int]) -> Verdict:
    """A duplicate when its bytes count already, else the first of its content."""
    known = first.setdefault(delivery.content, delivery.delivery_id)
    if known != delivery.delivery_id:
        return _verdict(delivery, Status.DUPLICATE, duplicate_of=known)
    return _processed(delivery, report)


def _heirs(
    superseded: Iterable[Counted],
    duplicates: Mapping[int, Sequence[Delivery]],
    *,
    first: dict[tuple[str, int], int],
    taken: set[str],
) -> Iterator[tuple[Counted, Delivery]]:
    """For bytes that stand nowhere else among what counts: a duplicate whose key still holds them."""
    for earlier in superseded:
        if earlier.delivery.content in first:
            continue
        living = (d for d in duplicates.get(earlier.delivery.delivery_id, ()) if d.object_key not in taken)
        heir = next(living, None)
        if heir is not None:
            first[earlier.delivery.content] = heir.delivery_id
            yield earlier, heir


def _refusal(delivery: Delivery, report: FileReport, *, newest: int) -> Verdict | None:
    """Why a delivery cannot count, None when it can."""
    if newest != delivery.delivery_id:
        reason = AbsenceReason.OVERWRITTEN_BEFORE_READ
        return _verdict(delivery, Status.SUPERSEDED, reason=reason, superseded_by=newest)
    if not is_supported(delivery.object_key):
        return _verdict(delivery, Status.QUARANTINED, reason=FileReason.UNSUPPORTED_KEY)
    if report.reason == AbsenceReason.CHANGED_BEFORE_READ:
        return _verdict(delivery, Status.SUPERSEDED, reason=report.reason)
    if report.reason == AbsenceReason.DELETED_BEFORE_READ:
        return _verdict(delivery, Status.WITHDRAWN, reason=report.reason)
    if report.reason not in {None, NOT_READ}:
        return _verdict(delivery, Status.QUARANTINED, reason=report.reason)
    return None


def _verdict(
    delivery: Delivery,
    status: Status,
    *,
    reason: str | None = None,
    duplicate_of: int | None = None,
    superseded_by: int | None = None,
) -> Verdict:
    return Verdict(
        delivery_id=delivery.delivery_id,
        status=status,
        reason=reason,
        duplicate_of=duplicate_of,
        superseded_by=superseded_by,
    )


def _processed(delivery: Delivery, report: FileReport) -> Verdict:
    if report.reason is not None or report.rows_in_file != report.rows_loaded + report.rows_rejected:
        raise ServiceAwayError(
            f"delivery {delivery.delivery_id} was not read whole, or the ledger changed meanwhile: {report}"
        )
    return Verdict(
        delivery_id=delivery.delivery_id,
        status=Status.PROCESSED,
        rows_read=report.rows_in_file,
        rows_loaded=report.rows_loaded,
        rows_rejected=report.rows_rejected,
        amount_loaded=report.amount_loaded,
        sales_months=report.sales_months,
    )
