"""What a repair is told to mend: the same words on both sides of the door."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from streaming.contract.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOrder:
    """Deliveries whose rows in the lake are to be replaced, and months whose marts are to be reckoned again."""

    deliveries: tuple[int, ...] = ()
    months: tuple[str, ...] = ()

    def as_json(self) -> str:
        """The order as text for a file."""
        return json.dumps(asdict(self))

    @classmethod
    def of_file(cls, file: Path) -> Self:
        """The order in a file.

        Raises:
            UsageError: it cannot be read, or holds no order.
        """
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            return cls(
                deliveries=tuple(int(each) for each in told["deliveries"]),
                months=tuple(str(month) for month in told["months"]),
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{file} is no order to repair: {error}") from None
