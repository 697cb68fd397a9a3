"""What becomes of each delivery of a batch: the same in the end, wherever the batches are cut."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from streaming.contract.columns import NOT_READ
from streaming.contract.deliveries import Counted, Delivery, Status, Verdict
from streaming.contract.errors import ServiceAwayError
from streaming.contract.reasons import AbsenceReason, FileReason, Outcome
from streaming.contract.settlements import DuplicatePolicy, FileReport, Ledger, Settlement
from streaming.contract.succession import Succession, succession

SUPPORTED_ENDINGS = (".csv", ".csv.gz")


def is_supported(object_key: str) -> bool:
    """True when the key's ending says CSV, plain or gzipped."""
    return object_key.lower().endswith(SUPPORTED_ENDINGS)


def to_read(
    waiting: Sequence[Delivery],
    counted: Iterable[Counted],
    *,
    policy: DuplicatePolicy = "quarantine",
    most_crashes: int = 3,
) -> set[int]:
    """Ids of the deliveries whose bytes may matter.

    Not read: withdrawals, files that ended their reader too often, keys of an unsupported kind, versions that the
    store has overwritten since, and bytes that count already under a key which nothing in this batch can replace.
    """
    touched = {delivery.object_key for delivery in waiting}
    newest = newest_arrivals(waiting)
    settled = {c.delivery.content for c in counted if c.delivery.object_key not in touched}
    if policy == "load":
        settled = set()
    return {
        delivery.delivery_id
        for delivery in waiting
        if delivery.withdraws is None
        and delivery.crashes < most_crashes
        and is_supported(delivery.object_key)
        and not (delivery.is_in_landing and newest[delivery.object_key] != delivery.delivery_id)
        and delivery.content not in settled
    }


def uncertain(waiting: Sequence[Delivery], counted: Iterable[Counted]) -> set[int]:
    """Ids of the deliveries that may not count although they can be read: others have their key or their bytes.

    All others are processed or cannot be read.
    """
    keys = Counter(delivery.object_key for delivery in waiting)
    contents = Counter([*(delivery.content for delivery in waiting), *(c.delivery.content for c in counted)])
    return {
        delivery.delivery_id
        for delivery in waiting
        if not delivery.is_in_landing or keys[delivery.object_key] > 1 or contents[delivery.content] > 1
    }


def newest_arrivals(waiting: Iterable[Delivery]) -> dict[str, int]:
    """Of each key that a store has put, the newest arrival's id: the others were overwritten, unless they rest."""
    return {delivery.object_key: delivery.delivery_id for delivery in waiting if delivery.is_in_landing}


def settle(
    waiting: Sequence[Delivery],
    ledger: Ledger,
    reports: Mapping[int, FileReport],
    *,
    policy: DuplicatePolicy = "quarantine",
) -> Settlement:
    """Decide every waiting delivery of a batch, by id.

    What counts in the end is what loading the newest readable version of each key from scratch would give, equal
    bytes once: so it does not matter where batches are cut.

    Args:
        waiting: the batch's deliveries by id.
        ledger: what counted before.
        reports: what reading each showed.
        policy: whether equal bytes under another key count again.
    """
    refused = _refused(waiting, reports)
    readable = [d for d in waiting if d.withdraws is None and d.delivery_id not in refused]
    withdrawals = {d.withdraws: d.delivery_id for d in waiting if d.withdraws is not None}
    changed = succession(readable, ledger.holders, withdrawals)
    causes = changed.causes
    removed = {c: causes[c.delivery.delivery_id] for c in ledger.counted if c.delivery.delivery_id in causes}
    known = Known(policy, (c for c in ledger.counted if c not in removed))
    accepted = {d.delivery_id: _accepted(d, reports[d.delivery_id], changed, known) for d in readable}
    living = {
        delivery_id: [d for d in duplicates if d.delivery_id not in causes]
        for delivery_id, duplicates in ledger.duplicates.items()
    }
    inherited = dict(_heirs(removed, living, known))
    verdicts = refused | accepted | {w: _withdrawal(w, changed) for w in withdrawals.values()}
    return Settlement(
        verdicts=tuple(verdicts[d.delivery_id] for d in waiting),
        superseded=changed.superseded,
        withdrawn=changed.withdrawn,
        removed=removed,
        inherited=inherited,
        first_of={c.delivery.delivery_id: first for c in removed if (first := known.first(c.delivery)) is not None},
    )


class Known:
    """Under which delivery given bytes count."""

    def __init__(self, policy: DuplicatePolicy, counted: Iterable[Counted]) -> None:
        self._policy = policy
        self._first: dict[object, int] = {}
        for each in counted:
            self.learn(each.delivery)

    def learn(self, delivery: Delivery) -> int:
        """Let it count unless its bytes count already; the id of the delivery under which they do."""
        return self._first.setdefault(self._identity(delivery), delivery.delivery_id)

    def first(self, delivery: Delivery) -> int | None:
        """The id under which the same bytes count."""
        return self._first.get(self._identity(delivery))

    def _identity(self, delivery: Delivery) -> object:
        return delivery.content if self._policy == "quarantine" else (delivery.object_key, delivery.content)


def _accepted(delivery: Delivery, report: FileReport, changed: Succession, known: Known) -> Verdict:
    """A duplicate when its bytes count already, outdated when newer ones do, else the first of its content."""
    if rival := changed.rival(delivery):
        return _verdict(delivery, Status.SUPERSEDED, reason=Outcome.OUTDATED, superseded_by=rival)
    first = known.learn(delivery)
    if first != delivery.delivery_id:
        return _verdict(delivery, Status.DUPLICATE, duplicate_of=first)
    return _processed(delivery, report)


def _heirs(
    removed: Iterable[Counted], living: Mapping[int, Sequence[Delivery]], known: Known
) -> Iterator[tuple[Counted, Delivery]]:
    """For bytes that stand nowhere else among what counts: a duplicate."""
    for earlier in removed:
        heir = next(iter(living.get(earlier.delivery.delivery_id, ())), None)
        if heir is not None and known.first(earlier.delivery) is None:
            known.learn(heir)
            yield earlier, heir


def _withdrawal(delivery_id: int, changed: Succession) -> Verdict:
    found = delivery_id in changed.withdrawn.values()
    reason = Outcome.WITHDRAWAL if found else Outcome.NOTHING_TO_WITHDRAW
    return Verdict(delivery_id=delivery_id, status=Status.WITHDRAWN, reason=reason)


def _refused(waiting: Sequence[Delivery], reports: Mapping[int, FileReport]) -> dict[int, Verdict]:
    """The verdicts of the deliveries that cannot count."""
    newest = newest_arrivals(waiting)
    loads = [delivery for delivery in waiting if delivery.withdraws is None]
    refusals = (
        _refusal(d, reports[d.delivery_id], newest=newest[d.object_key] if d.is_in_landing else d.delivery_id)
        for d in loads
    )
    return {verdict.delivery_id: verdict for verdict in refusals if verdict is not None}


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
