"""What a run would change, told before it runs: the same words on both sides of the door."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal, Self, TypedDict

Mart = Literal["customer_mart", "sales_team_mart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDelivery:
    """What would become of one delivery; without an id where it would be new to the ledger.

    Rows and money are those that it would bring, or take away where it counts now.
    """

    delivery_id: int | None
    object_key: str
    becomes: str
    reason: str | None = None
    rows_loaded: int = 0
    rows_rejected: int = 0
    amount: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMonth:
    """By how much one month of a mart would change: sales, their money, and the incentives on them."""

    mart: Mart
    sales_month: str
    sales: int
    amount: Decimal
    incentive: Decimal = Decimal("0.00")

    @property
    def is_change(self) -> bool:
        """True when any figure would change."""
        return bool(self.sales or self.amount or self.incentive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that would change."""

    deliveries: tuple[PlannedDelivery, ...]
    months: tuple[PlannedMonth, ...]

    def as_json(self) -> "PlanJson":
        """Plain values; money as text."""
        return {
            "deliveries": [_plain(asdict(each)) for each in self.deliveries],
            "months": [_plain(asdict(each)) for each in self.months],
        }

    @classmethod
    def of_json(cls, told: "PlanJson") -> Self:
        """The plan that `as_json` told."""
        return cls(
            deliveries=tuple(PlannedDelivery(**_with_money(each, "amount")) for each in told["deliveries"]),  # type: ignore[arg-type]  # checked by the other side
            months=tuple(PlannedMonth(**_with_money(each, "amount", "incentive")) for each in told["months"]),  # type: ignore[arg-type]  # the same
        )


Plain = dict[str, str | int | None]


class PlanJson(TypedDict):
    """A plan as it goes through the door."""

    deliveries: list[Plain]
    months: list[Plain]


def _plain(values: dict[str, object]) -> Plain:
    return {name: value if value is None or isinstance(value, int) else str(value) for name, value in values.items()}


def _with_money(values: Plain, *names: str) -> dict[str, object]:
    return {name: Decimal(str(value)) if name in names else value for name, value in values.items()}
