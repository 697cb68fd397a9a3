"""The marts are sums of the facts: reckoned here a second time, month by month, without Spark."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import NamedTuple

from tasks.reconcile.differences import Difference, Kind, Sold

CENT = Decimal("0.01")
RATE = Decimal("0.01")
NO_MONEY = Decimal("0.00")

Person = tuple[int, int]
"""Store and salesperson."""


class TeamLine(NamedTuple):
    """What a salesperson sold in a store and month, how that ranks, and what it earns."""

    sold: Sold
    rank: int
    incentive: Decimal

    def __str__(self) -> str:
        return f"{self.sold}, rank {self.rank}, incentive {self.incentive:,.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfFacts:
    """The facts of one month, summed for each mart and by delivery."""

    customers: Mapping[int, Sold] = field(default_factory=dict)
    team: Mapping[Person, Sold] = field(default_factory=dict)
    deliveries: Mapping[int, Sold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfMarts:
    """One month as the marts have it, and the incentives that payroll was told of, awards less reversals."""

    customers: Mapping[int, Sold] = field(default_factory=dict)
    team: Mapping[Person, TeamLine] = field(default_factory=dict)
    incentives: Mapping[Person, Decimal] = field(default_factory=dict)


def unlike_facts(month: str, facts: MonthOfFacts, marts: MonthOfMarts) -> Iterator[Difference]:
    """Rows of the marts that are missing, too many, or other than the facts make them."""
    team = ranked(facts.team)
    earned = {who: line.incentive for who, line in team.items() if line.incentive}
    told = {who: amount for who, amount in marts.incentives.items() if amount}
    customers = {f"customer {who}": sold for who, sold in facts.customers.items()}
    yield from _differing(
        Kind.CUSTOMER_MART, month, customers, {f"customer {w}": s for w, s in marts.customers.items()}
    )
    yield from _differing(Kind.TEAM_MART, month, _named(team), _named(marts.team))
    yield from _differing(Kind.INCENTIVES, month, _named(earned), _named(told))


def ranked(team: Mapping[Person, Sold]) -> dict[Person, TeamLine]:
    """Everyone's rank by money within the store, equals sharing one, and 1 % for rank 1, to the cent half up."""
    stores: defaultdict[int, list[Person]] = defaultdict(list)
    for person in team:
        stores[person[0]].append(person)
    lines: dict[Person, TeamLine] = {}
    for people in stores.values():
        best_first = sorted(people, key=lambda person: team[person].amount, reverse=True)
        for person, rank in zip(best_first, _ranks([team[each].amount for each in best_first]), strict=True):
            lines[person] = TeamLine(team[person], rank, incentive(team[person].amount) if rank == 1 else NO_MONEY)
    return lines


def incentive(amount: Decimal) -> Decimal:
    """What the best of a store earn on top."""
    return (amount * RATE).quantize(CENT, rounding=ROUND_HALF_UP)


def _ranks(falling: list[Decimal]) -> Iterator[int]:
    """SQL's RANK() of amounts that are in falling order."""
    rank = 1
    if falling:
        yield rank
    for place, (before, amount) in enumerate(pairwise(falling), 2):
        rank = rank if amount == before else place
        yield rank


def _differing(
    kind: Kind, month: str, expected: Mapping[str, object], found: Mapping[str, object]
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | found.keys()):
        wanted, there = expected.get(key), found.get(key)
        if wanted != there:
            yield Difference(kind=kind, month=month, key=key, expected=_told(wanted), found=_told(there))


def _named(lines: Mapping[int, object] | Mapping[Person, object]) -> dict[str, object]:
    return {_name(who): line for who, line in lines.items()}


def _name(who: int | Person) -> str:
    return f"customer {who}" if isinstance(who, int) else f"store {who[0]}, salesperson {who[1]}"


def _told(line: object) -> str:
    return "nothing" if line is None else str(line)
