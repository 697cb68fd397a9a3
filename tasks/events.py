"""What others should hear of: Prefect events, on which the automations act. A server that is away hears nothing."""

import logging
from collections.abc import Mapping
from typing import Literal

from prefect.events import emit_event

from streaming.contract.settings import EnvironmentName

log = logging.getLogger(__name__)

Happening = Literal[
    "delivery.quarantined",
    "rejects.over-limit",
    "award.changed",
    "reconcile.difference",
    "stream.behind",
    "stream.caught-up",
    "stream.died",
    "stream.stalled",
    "stream.failed",
]


def tell(happening: Happening, environment: EnvironmentName, **details: object) -> None:
    """Emit `tillstream.<happening>`; the details are its payload, and hold no secret and no row.

    Args:
        happening: what it is.
        environment: where; the event's resource is `tillstream.environment.<name>`.
        details: what a reader needs to know, as texts and numbers.
    """
    resource = {"prefect.resource.id": f"tillstream.environment.{environment}", "prefect.resource.name": environment}
    emit_event(f"tillstream.{happening}", resource=resource, payload=_plain(details))


def _plain(details: Mapping[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int | float | str) else str(value) for name, value in details.items()}
