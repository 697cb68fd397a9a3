"""Prefect's automations of one environment: what is told to its webhook, as `automations.yaml` lists it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import yaml
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from pydantic import SecretStr

from deployments.checking import Node, mapping
from streaming.contract.errors import ContractError
from streaming.contract.settings import EnvironmentName, Settings

FILE = Path(__file__).with_name("automations.yaml")
KEYS = frozenset({"name", "event", "events", "of", "text"})
BODY = """{% set text %}TEXT{% endset %}\
{"environment": "ENVIRONMENT", "event": {{ event.event | tojson }}, "at": "{{ event.occurred }}", \
"text": {{ text | trim | tojson }}, "details": {{ event.payload | tojson }}}"""


def register_alerts(settings: Settings) -> list[str]:
    """Have exactly the file's automations where there is a webhook, and none elsewhere; returns their names."""
    prefix, address = f"tillstream-{settings.environment}-", settings.operations.alert_webhook
    with get_client(sync_client=True) as client:
        known = {each.name: each.id for each in client.read_automations() if each.name.startswith(prefix)}
        wanted = list(automations_of(settings, _webhook(settings.environment, address))) if address else []
        for automation in wanted:
            _save(client, automation, known.pop(automation.name, None))
        for forgotten in known.values():
            client.delete_automation(forgotten)
    return [automation.name for automation in wanted]


def _webhook(environment: EnvironmentName, address: SecretStr) -> UUID:
    """The block with the address, which is a secret to whoever may only read automations."""
    return UUID(str(Webhook(url=address).save(f"{environment}-alerts", overwrite=True)))


def automations_of(settings: Settings, webhook: UUID) -> Iterator[AutomationCore]:
    """The automations of the file for one environment, which call the webhook of that block."""
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        for key in set(entry) - KEYS:
            raise ContractError(f"{FILE.name} has no key {key!r}: choose from {', '.join(sorted(KEYS))}")
        body = BODY.replace("TEXT", entry["text"]).replace("ENVIRONMENT", settings.environment)
        yield AutomationCore(
            name=f"tillstream-{settings.environment}-{entry['name']}",
            description=f"Tells the webhook of {settings.environment}; made from {FILE.name}",
            tags=["tillstream", settings.environment],
            trigger=_trigger(mapping(entry), settings),
            actions=[CallWebhook(block_document_id=webhook, payload=body)],
        )


def _trigger(entry: Node, settings: Settings) -> EventTrigger:
    """Of the environment's own events, unless the entry says: of its flow runs, or of its work pool."""
    listed = entry.get("events")
    expected = {str(event) for event in listed} if isinstance(listed, list) else {str(entry["event"])}
    of = entry.get("of")
    if of == "runs":
        tag = {"prefect.resource.id": f"prefect.tag.{settings.environment}", "prefect.resource.role": "tag"}
        return _on(expected, {"prefect.resource.id": "prefect.flow-run.*"}, related=tag)
    if of == "pool":
        pool = {"prefect.resource.id": "prefect.work-pool.*", "prefect.resource.name": settings.operations.work_pool}
        return _on(expected, pool)
    return _on(expected, {"prefect.resource.id": f"tillstream.environment.{settings.environment}"})


def _on(expected: set[str], match: dict[str, str], *, related: dict[str, str] | None = None) -> EventTrigger:
    return EventTrigger(
        posture=Posture.Reactive,
        expect=expected,
        match=ResourceSpecification.model_validate(match),
        match_related=ResourceSpecification.model_validate(related or {}),
        threshold=1,
    )


def _save(client: SyncPrefectClient, automation: AutomationCore, known: UUID | None) -> None:
    if known is None:
        client.create_automation(automation)
    else:
        client.update_automation(known, automation)
