"""A proxy in front of an S3 server: signed bytes go on as they came, but for the faults that it injects."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.faults.s3_faults import REFUSALS, Faults, Kind, Request

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
UPSTREAM_SECONDS = 60
OF_THIS_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "expect"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server behind said: its head without the length, and its body; `length` is that of the whole object."""

    head: bytes
    body: bytes
    length: str | None

    def as_bytes(self) -> bytes:
        """The answer as it goes over the wire."""
        length = f"Content-Length: {self.length}\r\n" if self.length is not None else ""
        return self.head + f"{length}\r\n".encode() + self.body


@contextmanager
def s3_proxy(endpoint: str, *, seed: int = 0) -> Iterator[tuple[str, Faults]]:
    """A proxy before this endpoint: its own endpoint, and the handle by which faults begin and end."""
    faults = Faults(seed)
    address = urlsplit(endpoint).netloc
    server = _Proxy(("127.0.0.1", 0), partial(_Exchange, faults, address))
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="s3-proxy")
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        serving.join()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], exchange: "partial[_Exchange]") -> None:
        super().__init__(address, exchange)
        self.stopping = threading.Event()

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without a farewell: a socket that lingers for no time then sends a reset."""
        self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is no news here."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Proxy

    def __init__(self, faults: Faults, upstream: str, *arguments: object) -> None:
        self._faults = faults
        self._upstream = upstream
        super().__init__(*arguments)  # type: ignore[arg-type]  # request, address and server, as socketserver has them

    def log_message(self, *_arguments: object) -> None:
        """Nothing: the counters tell."""

    def _exchange(self) -> None:
        request = Request.of(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        body = self._whole_body()
        self._faults.surprise(request)
        kind = self._faults.strike(request)
        if kind is Kind.SILENCE:
            self.server.stopping.wait()
        if kind in {Kind.RESET, Kind.SILENCE}:
            self._reset()
        elif kind in REFUSALS:
            self._refuse(kind)
        else:
            self._hand_on(body, kind)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _exchange  # noqa: N815  names that http.server looks for

    def _hand_on(self, body: bytes, kind: Kind | None) -> None:
        answer = self._ask(body)
        if kind is Kind.LOST_REPLY:
            self._reset()
        elif kind is Kind.SHORT_READ:
            self.wfile.write(answer.as_bytes()[: -1 - len(answer.body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(answer.as_bytes())

    def _ask(self, body: bytes) -> Answer:
        """Put the same request, with the client's own Host, as that is signed."""
        connection = HTTPConnection(self._upstream, timeout=UPSTREAM_SECONDS)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OF_THIS_HOP:
                    connection.putheader(name, value)
            if body or self.command in {"PUT", "POST"}:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            found = connection.getresponse()
            content = found.read()
            kept = [f"{name}: {value}" for name, value in found.getheaders() if name.lower() not in OF_THIS_HOP]
            head = "\r\n".join((f"HTTP/1.1 {found.status} {found.reason}", *kept, "")).encode("latin-1")
            length = found.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            return Answer(head, content, None if found.status == HTTPStatus.NO_CONTENT else length)
        finally:
            connection.close()

    def _whole_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _refuse(self, kind: Kind) -> None:
        status, code = kind.value.split()
        told = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>injected</Message></Error>".encode()
        body = b"" if self.command == "HEAD" else told
        head = f"HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\n".encode()
        self.wfile.write(Answer(head, body, str(len(told))).as_bytes())

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.close_connection = True
