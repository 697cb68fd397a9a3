"""What happens to the servers, told in the terminal as it happens."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from deployments.embedded.life import Tell


@contextmanager
def told(console: Console) -> Iterator[Tell]:
    """A listener for `up` and `down`: a spinner per server in a terminal, else a line per event."""
    if console.is_terminal:
        with _spinners(console) as tell:
            yield tell
    else:
        yield _lines(console)


def _lines(console: Console) -> Tell:
    began = time.monotonic()

    def tell(name: str, happening: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {name}: {happening}")

    return tell


@contextmanager
def _spinners(console: Console) -> Iterator[Tell]:
    columns = (SpinnerColumn(), TextColumn("{task.fields[server]:<12}{task.description}"), TimeElapsedColumn())
    rows: dict[str, TaskID] = {}
    lock = threading.Lock()
    with Progress(*columns, console=console) as progress:

        def tell(name: str, happening: str) -> None:
            with lock:
                if name not in rows:
                    rows[name] = progress.add_task(happening, total=1, server=name)
            is_over = happening.startswith(("runs", "started", "stopped"))
            progress.update(rows[name], description=happening, completed=1 if is_over else 0)

        yield tell
