"""The rules by which files arrive and processes die, on the real shop and on the model at once."""

import sys
from copy import deepcopy

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from streaming.contract.faults import POINTS
from streaming.warehouse.attempts import enter_redrives, enter_withdrawals, with_known_keys
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DimensionName
from tests.oracle.model import Delivery
from tests.stateful.files import CONTENTS, KEYS
from tests.stateful.mirror import Listed, Mirror, etag_of
from tests.stateful.picture import expected, ledger_expected, ledger_seen, seen
from tests.stateful.stage import Stage

DRIVER_ROOMS = ("batch", "facts", "rejects", "commit", "recovery")
DRIVER_POINTS = [point for point in POINTS if point.split(".", maxsplit=1)[0] in DRIVER_ROOMS]
ARCHIVE_POINTS = [point for point in POINTS if point.startswith("archive.")]
REQUEST_POINTS = [point for point in POINTS if point.startswith("requests.")]
WHICH = st.integers(0, 999)
"""A delivery, by its place: what may be drawn must not depend on what happened, which is not the same each time."""
COMMITTED = ("commit.done",)
"""Whoever dies here has committed."""


class LifeOfAShop(RuleBasedStateMachine):
    """Events in any order; after every one that comes to its end, the servers have what the model has."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.mirror = Mirror()

    @initialize()
    def open(self) -> None:
        """An empty shop."""
        self.stage.empty()

    @rule(key=st.sampled_from(KEYS), body=st.sampled_from(CONTENTS))
    def a_file_arrives(self, key: str, body: bytes) -> None:
        """New, corrected, the same again, or the same under another name."""
        self.stage.put(key, body)
        self.mirror.landing[key] = body

    @rule(body=st.sampled_from(CONTENTS))
    def every_store_sends_the_same(self, body: bytes) -> None:
        """Equal bytes under each key."""
        for key in KEYS:
            self.a_file_arrives(key, body)

    @rule(name=st.sampled_from(("customers", "products")))
    def a_dimension_row_appears(self, name: DimensionName) -> None:
        """Somebody or something unknown so far."""
        self.stage.meet(name)
        self.mirror.newcomers.append(name)

    @rule(which=WHICH, point=st.sampled_from((None, None, None, *REQUEST_POINTS)))
    def a_withdrawal_is_asked_for(self, which: int, point: str | None) -> None:
        """Of any delivery that has a verdict."""
        self._ask_for_any(which, point, withdraw=True)

    @rule(which=WHICH, point=st.sampled_from((None, None, None, *REQUEST_POINTS)))
    def another_try_is_asked_for(self, which: int, point: str | None) -> None:
        """Of any delivery that has a verdict."""
        self._ask_for_any(which, point, withdraw=False)

    @rule()
    def what_is_known_by_now_is_tried_again(self) -> None:
        """Everything with rows refused for somebody who has appeared since."""
        with connected(self.stage.shop.settings.warehouse) as database:
            found = with_known_keys(database)
        assert found == self.mirror.with_known_keys()
        for delivery_id in found:
            self.ask(delivery_id, withdraw=False)

    @rule()
    def the_checkpoint_is_lost(self) -> None:
        """With all else that the writer keeps on disk."""
        self.stage.lose_scratch()

    @rule()
    def an_ingest_runs(self) -> None:
        """To its end: everything must be as the model says."""
        self._ingest(None)

    @rule(point=st.sampled_from(DRIVER_POINTS))
    def an_ingest_dies(self, point: str) -> None:
        """Where it is told to, if it comes there."""
        self._ingest(point)

    @rule()
    def a_clean_up_runs(self) -> None:
        """Every object with a verdict to its place of rest."""
        self.stage.clean_up()
        self.mirror.archive()
        self._objects_are_where_they_should_be()

    @rule(point=st.sampled_from(ARCHIVE_POINTS))
    def a_clean_up_dies(self, point: str) -> None:
        """Some objects moved, some copied, some not; none lost."""
        if self.stage.clean_up(killed_at=point):
            self._learn_what_a_dead_clean_up_did()
        else:
            self.mirror.archive()
            self._objects_are_where_they_should_be()

    def teardown(self) -> None:
        """In the end all is loaded and archived, whatever happened before; not after a failure, which it would hide."""
        if sys.exc_info()[0] is not None:
            return
        self._ingest(None)
        self.a_clean_up_runs()

    def ask(self, delivery_id: int, point: str | None = None, *, withdraw: bool) -> None:
        """Enter a withdrawal or another try, or nothing where that makes no sense."""
        entered = self.mirror.entered(delivery_id, withdraw=withdraw)
        died = self.stage.enter(enter_withdrawals if withdraw else enter_redrives, [delivery_id], killed_at=point)
        assert died == (point is not None)
        if point != "requests.before":
            self.mirror.waiting.extend(entered)
        self._ledger_is_as_the_model_says()

    def _ask_for_any(self, which: int, point: str | None, *, withdraw: bool) -> None:
        if settled := sorted(self.mirror.history.outcomes):
            self.ask(settled[which % len(settled)], point, withdraw=withdraw)

    def _ingest(self, point: str | None) -> None:
        listing = self.stage.listing()
        new = self.mirror.undiscovered(listing)
        died = self.stage.ingest(killed_at=point)
        if not died or self._has_entered(new):
            self.mirror.enter(new, listing)
        if not died or point in COMMITTED:
            self.mirror.settle()
        self._ledger_is_as_the_model_says()
        if not died and self.stage.spark:
            self._all_is_as_the_model_says(listing)

    def _has_entered(self, new: list[Delivery]) -> bool:
        """Whether a run that died had looked at landing before, which it does beside its recovery."""
        rows = self.stage.shop.sql("SELECT delivery_id FROM deliveries")
        return bool(new) and len(rows) > len(self.mirror.rows())

    def _ledger_is_as_the_model_says(self) -> None:
        must_agree(ledger_seen(self.stage.shop), ledger_expected(self.mirror.history, self.mirror.waiting_cells()))

    def _all_is_as_the_model_says(self, listing: list[Listed]) -> None:
        picture, wanted = seen(self.stage.shop), expected(self.mirror.history.counting())
        for name, cells in vars(picture).items():
            must_agree(cells, getattr(wanted, name))
        assert {each.key: each.stamp[0] for each in listing} == _etags(self.mirror.landing)

    def _objects_are_where_they_should_be(self) -> None:
        """Each in one place, with its bytes."""
        assert {each.key: each.stamp[0] for each in self.stage.listing()} == _etags(self.mirror.landing)
        assert self.stage.at_rest() == _etags(self.mirror.at_rest())
        assert self.stage.noted() == self.mirror.noted

    def _learn_what_a_dead_clean_up_did(self) -> None:
        """It may have done any part of what a whole one does, in the order copy, delete, note."""
        whole = deepcopy(self.mirror)
        whole.archive()
        before, rests, noted = self.mirror.at_rest(), self.stage.at_rest(), self.stage.noted()
        landing = {each.key: each.stamp[0] for each in self.stage.listing()}
        assert before.keys() <= rests.keys() <= whole.at_rest().keys()
        assert self.mirror.noted.items() <= noted.items() <= whole.noted.items()
        assert _etags(whole.landing).items() <= landing.items() <= _etags(self.mirror.landing).items()
        self.mirror.copies = {i for i in whole.copies if int(i) in {int(k.split("/")[1]) for k in rests}}
        assert rests == _etags(self.mirror.at_rest())
        moved = self.mirror.landing.keys() - landing.keys()
        assert {etag_of(self.mirror.landing[key]) for key in moved} <= set(rests.values())
        self.mirror.landing = {key: self.mirror.landing[key] for key in landing}
        self.mirror.noted = noted


def life_on(its_stage: Stage) -> type[LifeOfAShop]:
    """The rules, on this stage; lake and marts are looked at where it has a Spark."""

    class Life(LifeOfAShop):
        stage = its_stage

    return Life


def lives(count: int, *, events: int) -> settings:
    """So many lives of so many events, the same ones each time."""
    return settings(
        max_examples=count,
        stateful_step_count=events,
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def must_agree(here: object, there: object) -> None:
    """Say what the servers have and the model lacks, and the other way round."""
    if here == there:
        return
    if isinstance(here, list) and isinstance(there, list):
        here, there = [row for row in here if row not in there], [row for row in there if row not in here]
    raise AssertionError(f"the servers have {here}, the model has {there}")


def _etags(bodies: dict[str, bytes]) -> dict[str, str]:
    return {key: etag_of(body) for key, body in bodies.items()}
