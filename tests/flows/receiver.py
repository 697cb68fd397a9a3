"""A receiver of webhooks on this machine: what Prefect's automations send is kept."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Alert: TypeAlias = dict[str, object]


class Receiver(ThreadingHTTPServer):
    """Keeps every JSON body that it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.alerts: list[Alert] = []

    @property
    def address(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self.server_port}/alerts"

    def heard(self, event: str) -> list[Alert]:
        """The alerts of one kind."""
        return [alert for alert in self.alerts if alert["event"] == event]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.alerts.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen until the block ends."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
