"""A day of trade that passes every point: new files, a correction, a duplicate, refused rows, and a withdrawal."""

import hashlib
import itertools
from dataclasses import dataclass, field

from streaming.warehouse.attempts import enter_withdrawals
from streaming.warehouse.connection import connected
from tests.shop import Shop
from tests.stateful.files import SALES, body_of
from tests.stateful.reckoning import differences


@dataclass(slots=True)
class Days:
    """The days of one shop, and all bytes that were ever put, by ETag."""

    shop: Shop
    bodies: dict[str, bytes] = field(default_factory=dict)
    puts: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_day(self) -> None:
        """Stores put files, and somebody withdraws a file of an earlier day."""
        number = next(self._numbers)
        for name, body in (
            ("corrected.csv", _day(number, SALES[4])),
            (f"first-{number}.csv", _day(1000 + number)),
            (f"copy-{number}.csv", _day(1000 + number)),
        ):
            self._put(name, body)
        if number > 1:
            self.withdraw(f"first-{number - 1}.csv")

    def withdraw(self, key: str) -> list[int]:
        """Ask for what counts of this key to be taken out."""
        ids = [int(str(row["delivery_id"])) for row in self.shop.deliveries() if row["object_key"] == key]
        with connected(self.shop.settings.warehouse) as database:
            return enter_withdrawals(database, ids)

    def wrongs(self) -> list[str]:
        """What is not as it should be once everything is loaded and archived."""
        fresh = [row for row in self.shop.deliveries() if row["attempt"] == 1]
        entered = [f"{self.puts} files were put, {len(fresh)} entered"] if len(fresh) != self.puts else []
        return [*entered, *differences(self.shop, self.bodies)]

    def _put(self, name: str, body: bytes) -> None:
        self.bodies[hashlib.md5(body, usedforsecurity=False).hexdigest()] = body
        self.shop.put(name, body)
        self.puts += 1


def _day(number: int, *more: str) -> bytes:
    """Sales of a size that no other day has."""
    return body_of(f"1,1,Rye flour,2026-03-14,1,0.50,{number},{number / 2:.2f}", *SALES[:2], *more)
