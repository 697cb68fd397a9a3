"""What a clean-up did, step by step, and what of it failed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TypeAlias

from prefect.client.schemas.objects import State

from streaming.contract.settings import EnvironmentName
from tasks.archive import Archived
from tasks.progress import call_run, publish_table

Step: TypeAlias = State[int] | State[Archived]
"""How a step ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step: what was done how many times, or what it failed of."""

    step: str
    done: int | None
    failure: str = ""


def tell_steps(environment: EnvironmentName, steps: Mapping[str, Step], *, scratch: int) -> list[StepLine]:
    """Show all steps as a table artifact, and fail of the first that failed."""
    first = StepLine(step="scratch files of dead runs deleted", done=scratch)
    lines = [first, *(_line(step, state) for step, state in steps.items())]
    publish_table([asdict(line) for line in lines], key=f"clean-up-{environment}", description="What was cleaned up")
    call_run(", ".join(f"{line.done} {line.step}" for line in lines if line.done) or "nothing to clean up")
    for state in steps.values():
        state.result()
    return lines


def _line(step: str, state: Step) -> StepLine:
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        return StepLine(step=step, done=None, failure=str(result))
    return StepLine(step=step, done=result.moved if isinstance(result, Archived) else result)
