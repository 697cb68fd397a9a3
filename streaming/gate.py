"""The gate between landing and the ledger: what has not settled, or disagrees with its control totals, waits here."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from streaming.bucket import Bucket, ChangedError, GoneError
from streaming.contract.deliveries import Arrival, Delivery, Status
from streaming.contract.gate import (
    NOT_COMPARED,
    UNREADABLE_OK_FILE,
    Passage,
    Sight,
    Version,
    file_of,
    passages,
    version_of,
)
from streaming.contract.settings import Settings
from streaming.source.records import UnreadableFileError
from streaming.source.totals import announced, counted
from streaming.warehouse.connection import Database, fetch, transaction
from streaming.warehouse.holds import Hold, enter_passed, holds, remember_held
from streaming.warehouse.ledger import new_arrivals

log = logging.getLogger(__name__)

NAMED_AT_MOST = 10


class LandingGate:
    """Lets arrivals into the ledger when they are ripe; remembers what it has read, not what it holds."""

    def __init__(self, bucket: Bucket, settings: Settings) -> None:
        self._bucket = bucket
        self._gate = settings.gate
        self._limits = settings.limits
        self._findings: dict[tuple[Version, Version], str | None] = {}

    def let_in(self, database: Database, unseen: Sequence[Arrival], listing: Iterable[Arrival]) -> list[Passage]:
        """Enter what may pass, hold the rest; returns what was decided about each arrival new to the ledger.

        Files are compared before the lock is taken: reading one may last, and others insert meanwhile.
        """
        controls = _controls(listing) if self._gate.control_totals else {}
        if controls:
            self._compare(self._decided(database, unseen, controls, holds(database)), controls)
        with transaction(database):
            fetch(database, "locks/lock_discovery")
            before = holds(database)
            decided = self._decided(database, unseen, controls, before)
            enter_passed(database, decided)
            news = remember_held(database, decided, before)
        _tell(decided, news)
        self._forget(decided)
        return decided

    def _decided(
        self,
        database: Database,
        unseen: Sequence[Arrival],
        controls: Mapping[str, Arrival],
        held: Sequence[Hold],
    ) -> list[Passage]:
        sight = Sight(
            news=new_arrivals(database, unseen),
            controls=controls,
            ages={each.version: each.age_seconds for each in held},
            findings=self._findings,
        )
        return passages(sight, self._gate)

    def _compare(self, decided: Iterable[Passage], controls: Mapping[str, Arrival]) -> None:
        """Read each file that only this keeps from a decision, and what the store announced of it."""
        for file in (passage.arrival for passage in decided if passage.reason == NOT_COMPARED):
            control = controls[file.object_key]
            try:
                self._findings[version_of(file), version_of(control)] = self._difference(file, control)
            except (ChangedError, GoneError):
                log.debug("%s changed while it was compared: the next listing has it", file.object_key)

    def _difference(self, file: Arrival, control: Arrival) -> str | None:
        """What differs; nothing also where the file cannot be read as sales, which the stream will tell."""
        promise = announced(self._bucket, _as_delivery(control))
        try:
            found = counted(self._bucket, _as_delivery(file), limits=self._limits)
        except UnreadableFileError:
            return None
        return UNREADABLE_OK_FILE if promise is None else found.difference(promise)

    def _forget(self, decided: Iterable[Passage]) -> None:
        """Drop what was found out about files that are held no more."""
        held = {version_of(passage.arrival) for passage in decided if passage.is_held}
        self._findings = {pair: found for pair, found in self._findings.items() if pair[0] in held}


def _controls(listing: Iterable[Arrival]) -> dict[str, Arrival]:
    return {file: arrival for arrival in listing if (file := file_of(arrival.object_key)) is not None}


def _as_delivery(arrival: Arrival) -> Delivery:
    """An arrival as readers want it; it has no place in the ledger yet."""
    return Delivery(delivery_id=0, object_key=arrival.object_key, etag=arrival.etag, size_bytes=arrival.size_bytes)


def _tell(decided: Iterable[Passage], news: Iterable[Passage]) -> None:
    """Say what is held, once for each reason, and what is refused."""
    for reason, group in groupby(sorted(news, key=_reason), key=_reason):
        keys = [passage.arrival.object_key for passage in group]
        more = f" and {len(keys) - NAMED_AT_MOST} more" if len(keys) > NAMED_AT_MOST else ""
        log.info("held before the ledger, %s: %s%s", reason, ", ".join(keys[:NAMED_AT_MOST]), more)
    for passage in decided:
        if passage.status is Status.QUARANTINED:
            log.warning("%s was held too long: %s", passage.arrival.object_key, passage.reason)


def _reason(passage: Passage) -> str:
    return passage.reason or ""
