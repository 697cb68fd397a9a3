"""Whoever is alerted finds what to do, and the runbook tells of no alert that nobody sends."""

import re

import pytest
import yaml

from deployments.alerts import FILE
from streaming.contract.errors import TillstreamError
from streaming.contract.places import CHECKOUT
from tasks.reconcile.differences import Kind

RUNBOOK = (CHECKOUT / "docs" / "runbook.md").read_text(encoding="utf-8")
ALERTS, _, EXIT_CODES = RUNBOOK.partition("\n## Alerts\n")[2].partition("\n## Exit codes\n")
HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
PARTS = ("**Means.**", "**Look.**", "**Do.**", "**Over**")


def sections(text: str) -> dict[str, str]:
    """What stands below each heading of the third order."""
    _, *parts = HEADING.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def alerts() -> list[str]:
    return [str(entry["name"]) for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def test_every_alert_has_its_section_in_the_order_of_the_file() -> None:
    assert list(sections(ALERTS)) == alerts()


@pytest.mark.parametrize("alert", alerts())
def test_a_section_says_what_it_means_how_to_look_what_to_do_and_when_it_is_over(alert: str) -> None:
    places = [sections(ALERTS)[alert].find(part) for part in PARTS]
    assert -1 not in places
    assert places == sorted(places)


def test_every_error_that_a_command_can_end_with_has_its_section() -> None:
    told = {int(heading.split()[1].rstrip(":")) for heading in sections(EXIT_CODES)}
    assert told == {TillstreamError.exit_code, *(kind.exit_code for kind in TillstreamError.__subclasses__())}


def test_every_difference_that_a_proof_can_find_is_told_of() -> None:
    told = set(re.findall(r"`(\w+)`", "".join(line for line in ALERTS.splitlines() if line.startswith("| `"))))
    assert told >= {str(kind) for kind in Kind}
