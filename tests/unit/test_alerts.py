"""What an alert says is JSON, whatever is in the event."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import get_args
from uuid import uuid4

import pytest
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger
from prefect.server.utilities.user_templates import render_user_template_sync, validate_user_template
from pydantic import SecretStr

from deployments.alerts import automations_of
from streaming.contract.sections import Operations, Storage, Warehouse
from streaming.contract.settings import Settings
from tasks.events import Happening

HOSTILE = 'landing/"quoted"\n{{ 1 / 0 }}\\{% raise %}<é>.csv'
SETTINGS = Settings(
    environment="qa",
    storage=Storage(bucket="sales-qa"),
    warehouse=Warehouse(host="db", database="sales_qa", user="writer", password=SecretStr("unused")),
    operations=Operations(work_pool="pool-of-qa"),
)
AUTOMATIONS = list(automations_of(SETTINGS, uuid4()))


def body_of(automation: AutomationCore) -> str:
    (action,) = automation.actions
    assert isinstance(action, CallWebhook)
    return action.payload


def expected_by(automation: AutomationCore) -> set[str]:
    assert isinstance(automation.trigger, EventTrigger)
    return set(automation.trigger.expect)


@pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda each: each.name)
def test_hostile_details_stay_text(automation: AutomationCore) -> None:
    fields = ("object_key", "reason", "rows_read", "rows_rejected", "store_id", "sales_month", "first", "seconds")
    event = SimpleNamespace(event="some.event", occurred=datetime.now(UTC), payload=dict.fromkeys(fields, HOSTILE))
    run = SimpleNamespace(name=HOSTILE, state=SimpleNamespace(name="Failed", message=HOSTILE))
    validate_user_template(body_of(automation))
    told = render_user_template_sync(body_of(automation), {"event": event, "flow": run, "flow_run": run})
    body = json.loads(told)
    assert body["environment"] == "qa"
    assert body["event"] == "some.event"
    assert body["details"]["object_key"] == HOSTILE
    assert body["text"]


def test_whatever_the_project_tells_has_its_alert() -> None:
    told = {f"tillstream.{happening}" for happening in get_args(Happening)}
    heard = {event for automation in AUTOMATIONS for event in expected_by(automation)}
    assert told - heard == {"tillstream.stream.died"}, "a stream that died is opened again: nobody need hear of it"


def test_alerts_are_of_their_own_environment_and_pool() -> None:
    for automation in AUTOMATIONS:
        assert automation.name.startswith("tillstream-qa-")
        trigger = automation.trigger
        assert isinstance(trigger, EventTrigger)
        whose = str(trigger.match) + str(trigger.match_related)
        assert any(mark in whose for mark in ("tillstream.environment.qa", "prefect.tag.qa", "pool-of-qa"))
