"""Tables of contents: what is run, in which order. Start one alone with `python -m flows.<name> --help`.

Which Prefect server a flow talks to is settled here, before Prefect is imported: the caller's choice if there
is one, else the embedded server of this installation, else a server that Prefect starts for the one run.
"""

import os

from streaming.contract.places import home

CHOICES = ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_PROFILE")
STARTUP_SECONDS = "120"
"""A temporary server may take this long on a small machine, Prefect's own limit is 20."""


def _choose_server() -> None:
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", STARTUP_SECONDS)
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    folder = home() / "prefect"
    if not any(os.environ.get(choice) for choice in CHOICES) and (folder / "profiles.toml").is_file():
        os.environ["PREFECT_HOME"] = str(folder)


_choose_server()
