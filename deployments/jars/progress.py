"""How far a long step has come, as a bar in a terminal, as a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

MEGABYTE = 1_000_000
SAID_EVERY_SECONDS = 5.0

Say = Callable[[str, float], None]
"""Hears the step and the share of it that is done, 0 to 1."""


@contextmanager
def shown(console: Console, *, title: str) -> Iterator[Say]:
    """A listener that shows progress on the console; nothing is shown until there is something to do."""
    if console.is_terminal:
        columns = (TextColumn(title), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            yield _on_a_bar(progress)
    else:
        yield _in_lines(console, title=title)


def _on_a_bar(progress: Progress) -> Say:
    def say(step: str, done: float) -> None:
        task = progress.task_ids[0] if progress.task_ids else progress.add_task(step, total=1.0)
        progress.update(task, description=step, completed=min(done, 1.0))

    return say


def _in_lines(console: Console, *, title: str) -> Say:
    began = time.monotonic()
    last_kind, last_said = "", 0.0

    def say(step: str, _done: float) -> None:
        nonlocal last_kind, last_said
        kind, now = step.split(":", maxsplit=1)[0], time.monotonic()
        if kind != last_kind or now - last_said >= SAID_EVERY_SECONDS:
            console.print(f"{now - began:6.1f} s  {title}: {step}")
            last_kind, last_said = kind, now

    return say
