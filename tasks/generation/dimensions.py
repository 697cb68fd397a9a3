"""Rows of the four dimension tables: whom stores sell to, where, what, and through whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from faker import Faker

from tasks.generation.catalogue import article_names

LOCALES = ("en_GB", "de_DE", "fr_FR", "es_ES")
POOL_PER_LOCALE = 120
OLDEST_DAY = date(2012, 1, 2)
DAYS_OF_HISTORY = 4_000
CENTS = 100
TYPICAL_SHARE = 0.12
"""Most articles cost a few units of money, one in a hundred some forty."""
FIRST_PINCODE, LAST_PINCODE = 100_000, 999_999


class Customer(NamedTuple):
    """One row of `customers`, columns in the table's order."""

    customer_id: int
    first_name: str
    last_name: str
    address: str
    pincode: str
    phone_number: str
    joining_date: date


class Store(NamedTuple):
    """One row of `stores`; `manager_id` is a sales person of that store."""

    store_id: int
    address: str
    pincode: str
    manager_id: int
    opening_date: date


class Product(NamedTuple):
    """One row of `products`; `price` is the list price, to the cent."""

    product_id: int
    product_name: str
    price: Decimal
    created_on: date


class SalesPerson(NamedTuple):
    """One row of `sales_team`; the manager of the first store leads the other managers, and herself."""

    sales_person_id: int
    first_name: str
    last_name: str
    manager_id: int
    is_manager: bool
    address: str
    pincode: str
    joining_date: date
    store_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionRows:
    """All rows of the four dimension tables, ids from 1 without gaps."""

    customers: list[Customer]
    stores: list[Store]
    products: list[Product]
    sales_team: list[SalesPerson]


def make_dimensions(
    *, seed: int, customers: int = 5_000, stores: int = 10, products: int = 200, people_per_store: int = 8
) -> DimensionRows:
    """Dimension rows of a retailer of that size; the same seed gives the same rows."""
    if min(customers, stores, products, people_per_store) < 1:
        raise ValueError("a retailer has at least one customer, store, product and sales person")
    maker = _Maker(seed)
    return DimensionRows(
        customers=[maker.customer(number) for number in range(1, customers + 1)],
        stores=[maker.store(number, people_per_store) for number in range(1, stores + 1)],
        products=[maker.product(number, name) for number, name in enumerate(article_names(products), 1)],
        sales_team=[maker.sales_person(number, people_per_store) for number in range(1, stores * people_per_store + 1)],
    )


class _Maker:
    """Draws one row at a time from pools of names and streets, as asking Faker for each row is slow."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        fakers = [Faker(locale) for locale in LOCALES]
        for fake in fakers:
            fake.seed_instance(seed)
        each = range(POOL_PER_LOCALE)
        self._first_names: list[str] = [fake.first_name() for fake in fakers for _ in each]
        self._last_names: list[str] = [fake.last_name() for fake in fakers for _ in each]
        self._streets: list[str] = [fake.street_name() for fake in fakers for _ in each]
        self._cities: list[str] = [fake.city() for fake in fakers for _ in each]

    def customer(self, number: int) -> Customer:
        return Customer(
            customer_id=number,
            first_name=self._one_of(self._first_names),
            last_name=self._one_of(self._last_names),
            address=self._address(),
            pincode=self._pincode(),
            phone_number=f"+{self._number(10**10, 10**11)}",
            joining_date=self._day(),
        )

    def store(self, number: int, people_per_store: int) -> Store:
        return Store(
            store_id=number,
            address=self._address(),
            pincode=self._pincode(),
            manager_id=_manager_of(number, people_per_store),
            opening_date=self._day(),
        )

    def product(self, number: int, name: str) -> Product:
        cents = int(self._rng.geometric(TYPICAL_SHARE)) * CENTS - self._number(1, CENTS)
        price = Decimal(cents).scaleb(-2)
        return Product(product_id=number, product_name=name, price=price, created_on=self._day())

    def sales_person(self, number: int, people_per_store: int) -> SalesPerson:
        store_id = (number - 1) // people_per_store + 1
        manager_id = _manager_of(store_id, people_per_store)
        is_manager = number == manager_id
        return SalesPerson(
            sales_person_id=number,
            first_name=self._one_of(self._first_names),
            last_name=self._one_of(self._last_names),
            manager_id=_manager_of(1, people_per_store) if is_manager else manager_id,
            is_manager=is_manager,
            address=self._address(),
            pincode=self._pincode(),
            joining_date=self._day(),
            store_id=store_id,
        )

    def _one_of(self, pool: list[str]) -> str:
        return pool[self._number(0, len(pool))]

    def _number(self, first: int, beyond: int) -> int:
        return int(self._rng.integers(first, beyond))

    def _address(self) -> str:
        return f"{self._one_of(self._streets)} {self._number(1, 200)}, {self._one_of(self._cities)}"

    def _pincode(self) -> str:
        return str(self._number(FIRST_PINCODE, LAST_PINCODE))

    def _day(self) -> date:
        return OLDEST_DAY + timedelta(days=self._number(0, DAYS_OF_HISTORY))


def _manager_of(store_id: int, people_per_store: int) -> int:
    """The first sales person of each store manages it."""
    return (store_id - 1) * people_per_store + 1
