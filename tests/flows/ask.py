"""Prefect's own command on the server that the flows use: `python -m tests.flows.ask deployment ls`."""

import os
import sys

import flows  # noqa: F401  settles which Prefect server is meant

if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, "-m", "prefect", "--no-prompt", *sys.argv[1:]])  # noqa: S606  no shell
