"""A proxy in front of a MySQL server that cuts a connection at a statement, or lets something happen before it."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
CHUNK = 1 << 16


class Moment(Enum):
    """When a connection breaks."""

    BEFORE = "the statement never reaches the server"
    AFTER = "the server has done it, the reply is lost"
    HELD = "the server has done it, the reply does not come"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens once, at the first statement that holds `at`, on a connection over which `after` went before.

    Either the connection breaks at this moment, or the action is done, given the connection's id at the server, and
    then the statement goes on its way.
    """

    at: bytes
    after: bytes = b""
    breaks: Moment | None = None
    action: Callable[[int], object] | None = None


@dataclass(slots=True)
class Happenings:
    """What is still to happen, and what has."""

    port: int
    due: list[Event] = field(default_factory=list)
    fired: list[Event] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def expect(self, event: Event) -> None:
        """Let this happen once."""
        with self.lock:
            self.due.append(event)

    def at(self, statement: bytes, said: bytes) -> Event | None:
        """What happens now, on a connection over which this much was said."""
        with self.lock:
            event = next((each for each in self.due if each.at in statement and each.after in said), None)
            if event is not None:
                self.due.remove(event)
                self.fired.append(event)
            return event


@contextmanager
def mysql_proxy(host: str, port: int) -> Iterator[Happenings]:
    """A proxy before this server; `Happenings.port` is where it listens."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    happenings = Happenings(listening.getsockname()[1])
    accepting = threading.Thread(target=_accept, args=(listening, happenings, (host, port)), daemon=True)
    accepting.start()
    try:
        yield happenings
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening.getsockname()[1]


def _accept(listening: socket.socket, happenings: Happenings, server: tuple[str, int]) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:  # the test is over
            return
        happenings.connections += 1
        threading.Thread(target=_serve, args=(client, happenings, server), daemon=True, name="mysql-proxy").start()


def _serve(client: socket.socket, happenings: Happenings, address: tuple[str, int]) -> None:
    with client, socket.create_connection(address) as server:
        try:
            greeting = server.recv(CHUNK)
            client.sendall(greeting)
            talk = _Conversation(client, server, connection_id=connection_id(greeting), happenings=happenings)
            talk.until_it_ends()
        except OSError:  # one side is gone: so is the other
            return


def connection_id(greeting: bytes) -> int:
    """The id in a server's first packet: header, protocol, version with a zero at its end, then the id."""
    end = greeting.index(b"\0", 5) + 1
    return int.from_bytes(greeting[end : end + 4], "little")


class _Conversation:
    """Statements and replies in turn: PyMySQL sends nothing before the reply to what it sent last has begun."""

    def __init__(
        self, client: socket.socket, server: socket.socket, *, connection_id: int, happenings: Happenings
    ) -> None:
        self._client = client
        self._server = server
        self._connection_id = connection_id
        self._happenings = happenings
        self._said = b""
        self._replies = threading.Event()
        self._held = threading.Event()

    def until_it_ends(self) -> None:
        """Hand statements on, and replies back beside them, until one side goes or the connection is broken."""
        replies = threading.Thread(target=self._hand_back, daemon=True, name="mysql-replies")
        replies.start()
        try:
            while statement := self._client.recv(CHUNK):
                if not self._is_handed_on(statement):
                    break
        finally:
            self._server.shutdown(socket.SHUT_RDWR)
            replies.join()

    def _is_handed_on(self, statement: bytes) -> bool:
        """Hand a statement to the server; False when the connection broke at it."""
        event = self._happenings.at(statement, self._said)
        self._said += statement[:200]
        if event is not None and event.action is not None:
            event.action(self._connection_id)
        if event is None or event.breaks is None:
            self._server.sendall(statement)
            return True
        self._break(statement, event.breaks)
        return False

    def _break(self, statement: bytes, moment: Moment) -> None:
        self._held.set()
        if moment is not Moment.BEFORE:
            self._server.sendall(statement)
            self._replies.wait()
        if moment is Moment.HELD:
            self._client.recv(CHUNK)  # until the client has had enough
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._client.close()

    def _hand_back(self) -> None:
        try:
            while reply := self._server.recv(CHUNK):
                if self._held.is_set():
                    self._replies.set()
                else:
                    self._client.sendall(reply)
            if not self._held.is_set():  # the server hung up: so do we, with a reset
                self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                self._client.shutdown(socket.SHUT_RDWR)
        except OSError:  # the client is gone
            return
        finally:
            self._replies.set()
