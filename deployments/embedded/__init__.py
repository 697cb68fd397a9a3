"""Embedded servers for a machine that has none: S3 on disk, a MySQL-compatible database, Prefect and its workers.

`up`, `down` and `status` are all there is to call; `python -m deployments.embedded` opens them to the terminal.
"""

from deployments.embedded.catalogue import DEFAULT, WORKERS
from deployments.embedded.life import Report, State, down, status, up

__all__ = ["DEFAULT", "WORKERS", "Report", "State", "down", "status", "up"]
