"""What a batch is decided from and what it is decided to: reports, what the ledger says, the settlement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from streaming.contract.deliveries import Counted, Delivery, Status, Verdict

DuplicatePolicy = Literal["quarantine", "load"]
"""Whether equal bytes under another key count once, or again under each key."""


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
class Ledger:
    """What the ledger says about the keys and bytes of a batch, before it.

    counted: the processed deliveries that share bytes or keys with the batch.
    copies: the duplicates under the keys of the batch.
    duplicates: for ids among `counted`, their duplicates under any key, by id.
    """

    counted: Collection[Counted] = ()
    copies: Collection[Delivery] = ()
    duplicates: Mapping[int, Sequence[Delivery]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def holders(self) -> list[Delivery]:
        """What counts or is a duplicate under the keys of the batch, and what counts elsewhere with the same bytes."""
        return [*(each.delivery for each in self.counted), *self.copies]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The verdicts of a batch, and what its newcomers change among the deliveries that counted before.

    `superseded`: ids of deliveries that counted or were duplicates, to the id of what replaced each under its key.
    `withdrawn`: ids of deliveries that are taken out, to the id of each one's withdrawal.
    `removed`: those of both that counted, to the cause.
    `inherited`: a removed delivery whose bytes still stand under another key, to the delivery that brought them
    there and was a duplicate so far: its rows count on, as rows of that one.
    `first_of`: a removed delivery's id, to the id under which the same bytes count from now on.
    """

    verdicts: tuple[Verdict, ...]
    superseded: Mapping[int, int] = field(default_factory=dict)
    withdrawn: Mapping[int, int] = field(default_factory=dict)
    removed: Mapping[Counted, int] = field(default_factory=dict)
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
    def causes(self) -> dict[int, int]:
        """The removed deliveries by id, to the delivery that is the cause."""
        return {earlier.delivery.delivery_id: cause for earlier, cause in self.removed.items()}

    @property
    def rows_loaded(self) -> int:
        """Facts that the batch adds."""
        return sum(verdict.rows_loaded for verdict in self.verdicts)

    @property
    def rows_rejected(self) -> int:
        """Rejects that the batch adds."""
        return sum(verdict.rows_rejected for verdict in self.verdicts)
