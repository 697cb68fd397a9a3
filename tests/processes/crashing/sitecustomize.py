"""Put on $PYTHONPATH of a door: reading a file named `poison` kills the process, as the kernel does short of memory."""

import os
import signal

from streaming.source.body import ResumedBody

_read = ResumedBody.readinto


def _read_or_die(body: ResumedBody, buffer: "memoryview[int]") -> int:
    if "poison" in body._delivery.object_key:  # noqa: SLF001  it names no file to anyone else
        os.kill(os.getpid(), signal.SIGKILL)
    return _read(body, buffer)


ResumedBody.readinto = _read_or_die  # type: ignore[method-assign,assignment]  # its own type, but for the names
