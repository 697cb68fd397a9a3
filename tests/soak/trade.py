"""Stores at work: files arrive, arrive again, are corrected, overwritten by rubbish, and some are withdrawn."""

import hashlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from streaming.warehouse.attempts import enter_redrives, enter_withdrawals
from streaming.warehouse.connection import connected
from tests.shop import Shop
from tests.stateful.files import SALES, UNREADABLE, body_of

WITHDRAWN_ONCE = "once/"
"""Files under this prefix have bytes of their own and arrive once: these may be withdrawn and loaded again."""


@dataclass(slots=True)
class Trade:
    """What has been put, by the MD5 that S3 shows as the ETag, and how much of each kind."""

    shop: Shop
    random: random.Random
    bodies: dict[str, bytes] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def go_on(self) -> None:
        """A few events."""
        for _ in range(self.random.randint(1, 5)):
            event = self.random.choices((self.arrive, self.arrive_once, self.withdraw, self.redrive), (6, 2, 1, 1))[0]
            event()

    def arrive(self) -> None:
        """A file under one of a few keys: new, the same again, corrected, renamed, or rubbish."""
        key = f"{self.random.choice('abcdefgh')}.csv"
        body = self.random.choice((_body(self.random), _body(self.random), *UNREADABLE, *self.bodies.values()))
        self._put(key, body)

    def arrive_once(self) -> None:
        """A file like no other."""
        number = self.done["put"]
        sale = f"1,1,Rye flour,2026-02-14,1,0.01,{number + 1},{(number + 1) / 100:.2f}"
        self._put(f"{WITHDRAWN_ONCE}{number}.csv", body_of(sale, SALES[6]))

    def withdraw(self) -> None:
        """Ask for a withdrawal of one of those."""
        self._request("withdrawals", status="processed")

    def redrive(self) -> None:
        """Ask for one of the withdrawn to be loaded again, if it rests already."""
        self._request("re-drives", status="withdrawn")

    def told(self) -> str:
        """How much of each kind."""
        return ", ".join(f"{count} {name}" for name, count in self.done.items())

    def pause(self) -> None:
        """Let the clock of the store go on."""
        time.sleep(0.01)

    def _put(self, key: str, body: bytes) -> None:
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        self.bodies[etag] = body
        self.last[key] = etag
        self.shop.put(key, body)
        self.done["put"] += 1
        self.pause()

    def _request(self, kind: str, *, status: str) -> None:
        found = [
            int(str(row["delivery_id"]))
            for row in self.shop.deliveries()
            if row["status"] == status
            and row["withdraws"] is None
            and str(row["object_key"]).startswith(WITHDRAWN_ONCE)
        ]
        if found:
            chosen = [self.random.choice(found)]
            with connected(self.shop.settings.warehouse) as database:
                enter = enter_withdrawals if kind == "withdrawals" else enter_redrives
                self.done[kind] += len(enter(database, chosen))


def _body(chance: random.Random) -> bytes:
    return body_of(*chance.sample(SALES, chance.randint(0, 4)))
