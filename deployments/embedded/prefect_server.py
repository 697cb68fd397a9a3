"""The embedded Prefect server: SQLite, a password, blocks encrypted under a key that is not in its database."""

import base64
import http.client
import json
import sys

from deployments.embedded import vault
from deployments.embedded.ports import ADDRESS
from deployments.embedded.server import Launch, Server
from deployments.embedded.vault import fernet_key, write_private
from streaming.contract.places import home

ANSWER_SECONDS = 3
ANSWERED = frozenset({http.HTTPStatus.OK, http.HTTPStatus.CREATED, http.HTTPStatus.NO_CONTENT})
LOGIN = "prefect-login"
LEASES = "prefect.server.concurrency.lease_storage.filesystem"
"""Leases in memory are lost at a server restart, and the stream that holds one crashes minutes later."""


class PrefectServer(Server):
    """API, scheduler and UI in one process."""

    name = "prefect"
    default_port = 4200
    seconds_to_start = 120.0

    @property
    def ui(self) -> str:
        """The URL for a browser."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def address(self) -> str:
        """Where a user finds it."""
        return self.ui

    def launch(self) -> Launch:
        """The server in the foreground of its own session."""
        return Launch(
            command=[
                *(sys.executable, "-m", "prefect", "server", "start"),
                *("--host", ADDRESS, "--port", str(self.port)),
            ],
            variables={
                **client_variables(self),
                "PREFECT_SERVER_API_AUTH_STRING": login(),
                "PREFECT_SERVER_ENCRYPTION_KEY": fernet_key("prefect-encryption"),
                "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES,
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
                "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home() / "prefect" / "ui"),
            },
        )

    def answers(self) -> bool:
        """Ask for the version, which needs the password."""
        return self.ask("GET", "/api/admin/version") is not None

    def settle(self) -> None:
        """Write the profile that makes PREFECT_HOME all a client needs."""
        values = {
            "PREFECT_API_URL": f"{self.ui}/api",
            "PREFECT_API_AUTH_STRING": login(),
            "PREFECT_CLI_PROMPT": "false",
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        profile = ['active = "tillstream"', "", "[profiles.tillstream]", *lines, ""]
        write_private(home() / "prefect" / "profiles.toml", "\n".join(profile))

    def ask(self, method: str, path: str, body: object = None, *, seconds: float = ANSWER_SECONDS) -> object:
        """The answer of the API, None when it does not answer in time or refuses."""
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=seconds)
        try:
            connection.request(method, path, body=json.dumps(body) if body is not None else None, headers=_headers())
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return json.loads(text or "{}") if response.status in ANSWERED else None


def login() -> str:
    """User and password of API and UI, as `tillstream:...`."""
    return vault.login(LOGIN, user="tillstream")


def client_variables(server: PrefectServer) -> dict[str, str]:
    """What any client of the server needs in its environment."""
    return {
        "PREFECT_HOME": str(home() / "prefect"),
        "PREFECT_API_URL": f"{server.ui}/api",
        "PREFECT_API_AUTH_STRING": login(),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_CLI_PROMPT": "false",
    }


def _headers() -> dict[str, str]:
    token = base64.b64encode(login().encode()).decode()
    return {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
