"""Which deliveries the next batch takes, and how its tasks share them: landing and the ledger are asked, not Spark."""

import json
from collections.abc import Iterator

from streaming.bucket import Bucket
from streaming.contract.decisions import to_read, uncertain
from streaming.contract.deliveries import Delivery, Selection, Share
from streaming.contract.settings import Settings
from streaming.crashes import reading_note
from streaming.discovery import Discovery
from streaming.landing.shares import shares_of
from streaming.looks import note_look
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import counted_with_content, newest_id, waiting

FEWER_AFTER_A_CRASH = 32
NO_END = 2**62


class Planner:
    """Plans batches of an environment, in the process that Spark keeps for it beside the driver."""

    def __init__(self, settings: Settings, selection: Selection, *, tasks: int) -> None:
        """Batches of the selected deliveries, read by so many tasks at once."""
        self._settings = settings
        self._selection = selection
        self._tasks = tasks
        self._discovery = Discovery(Bucket(settings.storage), settings)
        self._horizon: int | None = None

    def fix_end(self) -> None:
        """What is in landing now is all there will be."""
        self._discovery.look()
        with connected(self._settings.warehouse) as database:
            self._horizon = newest_id(database)

    def end_of_batch(self, *, after: int, files: int | None) -> int:
        """The last of the next waiting deliveries within the limits; the one before them if there is none.

        Args:
            after: the last delivery of the batch before.
            files: how many at most; None for all that wait.
        """
        if self._horizon is None:
            self._discovery.look()
        note_look(self._settings.environment)
        end = after
        taken, size, crashes = 0, 0, 0
        for delivery in self._waiting(after=after, until=self._horizon):
            taken, size, crashes = taken + 1, size + delivery.size_bytes, max(crashes, delivery.crashes)
            if taken > 1 and self._is_beyond(files, taken=taken, size=size, crashes=crashes):
                break
            end = delivery.delivery_id
        return end

    def shares(self, *, after: int, until: int) -> list[Share]:
        """The batch's deliveries, shared out by size; what need not be read is mentioned in a share of its own."""
        deliveries = list(self._waiting(after=after, until=until))
        with connected(self._settings.warehouse) as database:
            counted = counted_with_content(database, deliveries)
        policy, most_crashes = self._settings.policy.duplicates, self._settings.limits.crashes_per_file
        reads = to_read(deliveries, counted, policy=policy, most_crashes=most_crashes)
        reading_note(self._settings.environment).write_text(json.dumps(sorted(reads)), encoding="utf-8")
        return shares_of(deliveries, reads, tasks=self._tasks, apart=uncertain(deliveries, counted))

    def _waiting(self, *, after: int, until: int | None) -> Iterator[Delivery]:
        with connected(self._settings.warehouse) as database:
            yield from waiting(
                database,
                after=after,
                until=NO_END if until is None else until,
                selection=self._selection,
                prefix=self._settings.storage.prefixes.landing,
            )

    def _is_beyond(self, files: int | None, *, taken: int, size: int, crashes: int) -> bool:
        if files is None and not crashes:
            return False
        limits = self._settings.limits
        most = limits.files_per_batch if files is None else files
        most = files_after(crashes, most=most, most_crashes=limits.crashes_per_file)
        return taken > most or size > limits.bytes_per_batch


def files_after(crashes: int, *, most: int, most_crashes: int) -> int:
    """How many files a batch may have where one has crashed: ever fewer, and alone at its last chance.

    So a good file is never given up for the sake of a bad one beside it.
    """
    return 1 if crashes >= most_crashes - 1 and crashes else max(1, most // FEWER_AFTER_A_CRASH**crashes)
