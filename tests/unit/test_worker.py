"""Which runs have lost their process, and when a crashed stream is started again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.types import DateTime

from deployments.worker.plan import PAUSES_SECONDS, Here, crashed_stream, lost_runs
from tasks.surroundings import WORKER_LABEL

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def at_work(*, worker: str | None = "here", age: float = 600) -> FlowRun:
    state = State[object](type=StateType.RUNNING, timestamp=NOW - timedelta(seconds=age))
    run = FlowRun(id=uuid4(), flow_id=uuid4(), state=state, state_type=StateType.RUNNING)
    if worker:
        run.labels[WORKER_LABEL] = worker
    return run


def lost(run: FlowRun, *, alive: set[UUID] | None = None, online: tuple[str, ...] = ("here",)) -> bool:
    here = Here(worker="here", alive=alive or set(), online=set(online))
    return list(lost_runs([run], here, now=NOW)) == [run]


def test_a_run_without_its_process_is_lost_and_one_with_it_is_not() -> None:
    run = at_work()
    assert lost(run)
    assert not lost(run, alive={run.id})


def test_the_run_of_another_worker_is_lost_only_with_that_worker() -> None:
    run = at_work(worker="elsewhere")
    assert not lost(run, online=("here", "elsewhere"))
    assert lost(run, online=("here",))


@pytest.mark.parametrize(
    ("age", "online", "expected"),
    [(30, ("here",), False), (600, ("here",), True), (600, ("here", "elsewhere"), False)],
)
def test_a_run_that_says_nothing_of_its_worker_may_be_starting_or_be_anothers(
    *, age: float, online: tuple[str, ...], expected: bool
) -> None:
    assert lost(at_work(worker=None, age=age), online=online) is expected


def over(kind: StateType, *, ago: float, lasted: float = 5, trigger: str = "continuous") -> FlowRun:
    return FlowRun(
        id=uuid4(),
        flow_id=uuid4(),
        state_type=kind,
        parameters={"trigger": trigger},
        end_time=DateTime.fromtimestamp(NOW.timestamp() - ago, UTC),
        total_run_time=timedelta(seconds=lasted),
    )


def test_a_crashed_stream_is_started_again() -> None:
    crashed = over(StateType.CRASHED, ago=1)
    assert crashed_stream([crashed, over(StateType.COMPLETED, ago=99)], now=NOW) is crashed


@pytest.mark.parametrize("kind", [StateType.CANCELLED, StateType.FAILED, StateType.COMPLETED, StateType.RUNNING])
def test_one_that_was_stopped_or_that_a_person_must_mend_is_not(kind: StateType) -> None:
    assert crashed_stream([over(kind, ago=1), over(StateType.CRASHED, ago=99)], now=NOW) is None


def test_a_run_that_was_to_end_by_itself_is_not() -> None:
    assert crashed_stream([over(StateType.CRASHED, ago=999, trigger="available_now")], now=NOW) is None


@pytest.mark.parametrize("crashes", range(1, 8))
def test_one_that_keeps_crashing_waits_longer_each_time(crashes: int) -> None:
    pause = PAUSES_SECONDS[min(crashes, len(PAUSES_SECONDS)) - 1]
    before = [over(StateType.CRASHED, ago=500) for _ in range(crashes - 1)]
    if pause:
        assert crashed_stream([over(StateType.CRASHED, ago=pause - 1), *before], now=NOW) is None
    newest = over(StateType.CRASHED, ago=pause)
    assert crashed_stream([newest, *before], now=NOW) is newest


def test_one_that_had_run_for_a_while_is_started_again_at_once() -> None:
    runs = [over(StateType.CRASHED, ago=0, lasted=3600), *[over(StateType.CRASHED, ago=4000)] * 5]
    assert crashed_stream(runs, now=NOW) is runs[0]
