"""Which port a server listens on: the one it had, its default, or the next free one; remembered from then on."""

import socket
from pathlib import Path

from streaming.contract.errors import ConfigurationError
from streaming.contract.places import home

ADDRESS = "127.0.0.1"
TRIED = 200


def remembered_port(name: str) -> int | None:
    """The port the server had last, None before its first start."""
    file = _place(name)
    return int(file.read_text()) if file.is_file() else None


def choose_port(name: str, *, default: int) -> int:
    """A free port for a server about to start, remembered.

    Raises:
        ConfigurationError: the default and the next ports are all taken.
    """
    candidates: tuple[int, ...] = (remembered_port(name) or default, *range(default, default + TRIED))
    port = next((candidate for candidate in candidates if is_free(candidate)), None)
    if port is None:
        raise ConfigurationError(f"{name}: ports {default} to {default + TRIED - 1} are all taken: free one of them")
    _place(name).parent.mkdir(parents=True, exist_ok=True)
    _place(name).write_text(str(port))
    return port


def is_free(port: int) -> bool:
    """True when nobody listens on the port."""
    with socket.socket() as probe:
        # as the servers do: connections of a server just stopped do not keep its port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
            probe.listen()
        except OSError:
            return False
    return True


def _place(name: str) -> Path:
    return home() / "ports" / name
