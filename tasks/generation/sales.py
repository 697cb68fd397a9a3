"""Clean till sales, drawn as whole columns: who bought what, when, where, through whom and for how much."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from streaming.contract.columns import (
    CUSTOMER_ID,
    PRICE,
    PRODUCT_NAME,
    QUANTITY,
    SALES_DATE,
    SALES_PERSON_ID,
    STORE_ID,
    TOTAL_COST,
)
from tasks.generation.dimensions import DimensionRows

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEKDAY_TRADE = (1.0, 0.9, 0.9, 1.0, 1.3, 1.7, 0.7)
"""How busy the days of the week are, from Monday."""
MONTH_TRADE = (0.9, 0.85, 0.95, 1.0, 1.0, 1.0, 1.05, 0.95, 1.0, 1.05, 1.15, 1.45)
"""How busy the months are, from January."""
HEAD = 8
STEEPNESS = 0.9
"""A few customers and articles are much more frequent than the rest, but no single one rules (Zipf-Mandelbrot)."""
AWAY_SHARE = 0.03
"""Sales by somebody who helps out in a store that is not hers."""
DISCOUNTED_SHARE = 0.12
DISCOUNTS = (95, 90, 80, 75)
"""Per cent of the list price."""
TYPICAL_QUANTITY = 0.55
LARGEST_QUANTITY = 24
CENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Columns of equal length: ids of the dimensions, days as ordinals, prices in cents."""

    customer_id: Ints
    store_id: Ints
    product_id: Ints
    day: Ints
    sales_person_id: Ints
    price: Ints
    quantity: Ints

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Ints) -> "Sales":
        """The sales at these positions, in that order."""
        return Sales(**{name: column[rows] for name, column in self.columns().items()})

    def followed_by(self, later: "Sales") -> "Sales":
        """These sales, then the later ones."""
        pairs = zip(self.columns().items(), later.columns().values(), strict=True)
        return Sales(**{name: np.concatenate([ours, theirs]) for (name, ours), theirs in pairs})

    def as_texts(self, product_names: Mapping[int, str]) -> dict[str, list[str]]:
        """The mandatory columns as a till prints them, the total being price times quantity to the cent."""
        return {
            CUSTOMER_ID: _printed(self.customer_id, str),
            STORE_ID: _printed(self.store_id, str),
            PRODUCT_NAME: _printed(self.product_id, product_names.__getitem__),
            SALES_DATE: _printed(self.day, lambda day: date.fromordinal(day).isoformat()),
            SALES_PERSON_ID: _printed(self.sales_person_id, str),
            PRICE: _printed(self.price, _money),
            QUANTITY: _printed(self.quantity, str),
            TOTAL_COST: _printed(self.price * self.quantity, _money),
        }

    def columns(self) -> dict[str, Ints]:
        """Every column by its name."""
        return {name: getattr(self, name) for name in self.__slots__}


class Market:
    """Whom the retailer sells to, what, through whom, and how often each of them turns up."""

    def __init__(self, dimensions: DimensionRows, *, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.customers = np.array([row.customer_id for row in dimensions.customers])
        self.customer_trade = _popularity(len(self.customers), rng)
        self.products = np.array([row.product_id for row in dimensions.products])
        self.list_prices = np.array([int(row.price * CENTS) for row in dimensions.products])
        self.product_trade = _popularity(len(self.products), rng)
        self.stores = np.array([row.store_id for row in dimensions.stores])
        self.store_trade = _shares(rng.uniform(0.6, 1.4, len(self.stores)))
        teams = [[p.sales_person_id for p in dimensions.sales_team if p.store_id == s] for s in self.stores]
        self.teams = np.array(teams)
        self.person_trade = _shares(rng.uniform(0.5, 1.5, self.teams.shape[1]))

    def draw(
        self, rows: int, *, first_day: date, end: date, rng: np.random.Generator, store_id: int | None = None
    ) -> Sales:
        """That many sales on the days from the first to the one before the end, of one store or of all."""
        store = rng.choice(len(self.stores), rows, p=self.store_trade)
        if store_id is not None:
            store = np.full(rows, np.flatnonzero(self.stores == store_id)[0])
        team = np.where(rng.random(rows) < AWAY_SHARE, rng.integers(0, len(self.stores), rows), store)
        product = rng.choice(len(self.products), rows, p=self.product_trade)
        return Sales(
            customer_id=rng.choice(self.customers, rows, p=self.customer_trade),
            store_id=self.stores[store],
            product_id=self.products[product],
            day=_days(rows, first_day=first_day, end=end, rng=rng),
            sales_person_id=self.teams[team, rng.choice(self.teams.shape[1], rows, p=self.person_trade)],
            price=_prices(self.list_prices[product], rng),
            quantity=np.minimum(rng.geometric(TYPICAL_QUANTITY, rows), LARGEST_QUANTITY),
        )


def _days(rows: int, *, first_day: date, end: date, rng: np.random.Generator) -> Ints:
    ordinals = np.arange(first_day.toordinal(), end.toordinal())
    days = map(date.fromordinal, ordinals.tolist())
    trade = [WEEKDAY_TRADE[day.weekday()] * MONTH_TRADE[day.month - 1] for day in days]
    return rng.choice(ordinals, rows, p=_shares(trade))


def _prices(list_prices: Ints, rng: np.random.Generator) -> Ints:
    """The list price, or a reduced one of at least a cent."""
    reduced = list_prices * rng.choice(DISCOUNTS, len(list_prices)) // CENTS
    is_reduced = rng.random(len(list_prices)) < DISCOUNTED_SHARE
    return np.where(is_reduced, np.maximum(reduced, 1), list_prices)


def _popularity(amount: int, rng: np.random.Generator) -> Floats:
    return _shares(rng.permutation(1 / (np.arange(amount) + HEAD) ** STEEPNESS))


def _shares(weights: npt.ArrayLike) -> Floats:
    shares = np.asarray(weights, dtype=np.float64)
    return shares / np.sum(shares)


def _printed(column: Ints, spell: Callable[[int], str]) -> list[str]:
    """Every value's text; each distinct value is spelled once, as that is what takes the time."""
    distinct, positions = np.unique(column, return_inverse=True)
    texts = [spell(int(value)) for value in distinct]
    return [texts[position] for position in positions.tolist()]


def _money(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))
