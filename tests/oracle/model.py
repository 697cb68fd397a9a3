"""What the oracle is told and what it answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

Row = Mapping[str, object]


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger: its id, the key below landing or whole, and the bytes.

    A re-drive has the next `attempt` at the arrival `arrival_id`; a withdrawal names what it `withdraws`.
    `missing` tells why the bytes could not be had when they were to be read.
    """

    delivery_id: int
    key: str
    body: bytes
    attempt: int = 1
    arrival_id: int | None = None
    withdraws: int | None = None
    missing: str | None = None

    @property
    def is_fresh(self) -> bool:
        """True for what a store has put."""
        return self.attempt == 1

    @property
    def version(self) -> tuple[int, int]:
        """Newer bytes of a key have a higher one."""
        return self.arrival_id or self.delivery_id, self.attempt


@dataclass(frozen=True)
class Limits:
    """The limits of the environment; the defaults are the project's, but for the size of a file."""

    bytes_per_file: int = 64 * 1024**2
    gzip_ratio: int = 200
    bytes_per_row: int = 1024**2
    columns_per_file: int = 1_000


class Product(NamedTuple):
    """What a fact takes from `products`."""

    product_id: int
    list_price: Decimal


class SalesPerson(NamedTuple):
    """What a fact takes from `sales_team`."""

    name: str
    store_id: int


@dataclass(frozen=True)
class Shop:
    """The dimensions, by the key that sales refer to."""

    customers: Mapping[int, str]
    stores: frozenset[int]
    products: Mapping[str, Product]
    sales_team: Mapping[int, SalesPerson]

    @classmethod
    def of(
        cls, *, customers: Iterable[Row], stores: Iterable[Row], products: Iterable[Row], sales_team: Iterable[Row]
    ) -> "Shop":
        """The shop of these dimension rows, named by column."""
        return cls(
            customers={_int(row["customer_id"]): _full_name(row) for row in customers},
            stores=frozenset(_int(row["store_id"]) for row in stores),
            products={
                str(row["product_name"]): Product(_int(row["product_id"]), Decimal(str(row["price"])))
                for row in products
            },
            sales_team={
                _int(row["sales_person_id"]): SalesPerson(_full_name(row), _int(row["store_id"])) for row in sales_team
            },
        )


@dataclass(frozen=True)
class Fact:
    """One accepted sale."""

    delivery_id: int
    line_number: int
    customer_id: int
    store_id: int
    product_name: str
    sales_date: date
    sales_person_id: int
    price: Decimal
    quantity: int
    total_cost: Decimal
    additional_columns: dict[str, str] | None = field(hash=False)
    customer_name: str
    product_id: int
    list_price: Decimal
    sales_person_name: str
    sales_person_store_id: int

    @property
    def sales_month(self) -> str:
        """YYYY-MM."""
        return self.sales_date.isoformat()[:7]


@dataclass(frozen=True)
class Reject:
    """One refused row."""

    delivery_id: int
    line_number: int
    reasons: tuple[str, ...]
    raw: str


@dataclass
class Outcome:
    """What became of one delivery; facts and rejects are those it brought, whether they count still or not."""

    delivery: Delivery
    status: str
    reason: str | None = None
    duplicate_of: int | None = None
    superseded_by: int | None = None
    facts: list[Fact] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        """Rows that became facts."""
        return len(self.facts)

    @property
    def rows_rejected(self) -> int:
        """Rows that were refused."""
        return len(self.rejects)

    @property
    def rows_read(self) -> int:
        """Rows in the file."""
        return self.rows_loaded + self.rows_rejected

    @property
    def amount(self) -> Decimal:
        """Money of all facts."""
        return sum((fact.total_cost for fact in self.facts), Decimal("0.00"))

    @property
    def sales_months(self) -> list[str]:
        """The months that the facts lie in."""
        return sorted({fact.sales_month for fact in self.facts})


@dataclass(frozen=True)
class World:
    """The ledger by delivery id, and the facts and rejects that count in the end."""

    outcomes: Mapping[int, Outcome]

    @property
    def facts(self) -> list[Fact]:
        """The lake's facts."""
        return [fact for outcome in self._counting() for fact in outcome.facts]

    @property
    def rejects(self) -> list[Reject]:
        """The lake's rejects."""
        return [reject for outcome in self._counting() for reject in outcome.rejects]

    def _counting(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes.values() if outcome.status == "processed"]


def _int(value: object) -> int:
    return int(str(value))


def _full_name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}"
