"""What the door tells whoever supervises it: JSON lines on standard output."""

import json
import logging
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streaming.callback import BatchReport
    from streaming.contract.plans import Plan

log = logging.getLogger("streaming")


class Events:
    """What happened, as JSON lines on standard output, for whoever supervises the door."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._totals = {"batches": 0, "deliveries": 0, "rows_read": 0, "rows_loaded": 0, "rows_rejected": 0}

    def batch(self, report: "BatchReport") -> None:
        """One batch has committed."""
        sums = report.sums.as_dict()
        self._totals["batches"] += 1
        for name in ("deliveries", "rows_read", "rows_loaded", "rows_rejected"):
            self._totals[name] += sums[name]
        self._tell({"event": "batch", **sums, "seconds": report.seconds})

    def look(self) -> None:
        """Landing was looked at of late, whether or not it held something."""
        self._tell({"event": "look"})

    def plan(self, plan: "Plan") -> None:
        """What would change."""
        self._tell({"event": "plan", **plan.as_json()})

    def finished(self) -> None:
        """All is done."""
        if not self._totals["batches"]:
            log.info("nothing new in landing: nothing changed")
        seconds = round(time.monotonic() - self._started, 3)
        self._tell({"event": "finished", **self._totals, "seconds": seconds})

    def _tell(self, event: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()
