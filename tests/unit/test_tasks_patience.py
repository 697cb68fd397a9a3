"""When a dead stream is opened again, and when a person has to look."""

import signal

import pytest

from streaming.contract.errors import ContractError, ServiceAwayError
from tasks.patience import HEALTHY_SECONDS, PAUSES_SECONDS, Ending, patiently, pause_after


def ending(exit_code: int, seconds: float = 1.0) -> Ending:
    return Ending(exit_code=exit_code, seconds=seconds)


@pytest.mark.parametrize("exit_code", [69, 70, 1, -signal.SIGKILL, -signal.SIGTERM])
def test_what_may_pass_is_tried_again(exit_code: int) -> None:
    assert pause_after(ending(exit_code), deaths=1) == PAUSES_SECONDS[0]


@pytest.mark.parametrize("exit_code", [64, 65, 78])
def test_what_a_person_must_mend_is_not_tried_again(exit_code: int) -> None:
    assert pause_after(ending(exit_code), deaths=1) is None


def test_busy_is_an_answer_at_first_and_a_passing_state_after_our_own_death() -> None:
    assert pause_after(ending(75), deaths=1) is None
    assert pause_after(ending(75), deaths=2) == PAUSES_SECONDS[1]


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(ending(69), deaths=deaths) for deaths in range(1, len(PAUSES_SECONDS) + 2)]
    assert pauses == [*PAUSES_SECONDS, None]
    assert list(PAUSES_SECONDS) == sorted(PAUSES_SECONDS)


@pytest.mark.parametrize("exit_code", [69, 75])
def test_a_stream_that_stands_by_waits_for_ever_and_looks_often(exit_code: int) -> None:
    pauses = [pause_after(ending(exit_code), deaths=deaths, stands_by=True) for deaths in (1, 3, 5, 6, 7, 500)]
    assert pauses == [1, 5, 30, 30, 30, 30]


@pytest.mark.parametrize(("exit_code", "deaths"), [(65, 1), (78, 1), (-9, len(PAUSES_SECONDS) + 1)])
def test_standing_by_mends_neither_what_a_person_must_nor_what_keeps_dying(exit_code: int, deaths: int) -> None:
    assert pause_after(ending(exit_code), deaths=deaths, stands_by=True) is None


def test_a_stream_that_was_closed_for_making_no_progress_is_not_done() -> None:
    assert Ending(exit_code=0, seconds=1.0).is_done
    assert not Ending(exit_code=0, seconds=1.0, was_stalled=True).is_done


def test_a_long_life_is_a_healthy_one() -> None:
    assert ending(69, seconds=HEALTHY_SECONDS).is_healthy
    assert not ending(69, seconds=HEALTHY_SECONDS - 1).is_healthy


def test_what_fails_of_a_service_that_is_away_is_done_again_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    answers = iter([ServiceAwayError("away"), ServiceAwayError("away"), None, ContractError("no table")])

    def work() -> None:
        answer = next(answers)
        if answer is not None:
            raise answer

    patiently(work)
    assert slept == [1, 2]
    with pytest.raises(ContractError, match="no table"):
        patiently(work)
