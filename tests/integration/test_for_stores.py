"""The totals that docs/for-stores.md announces pass the real gate or do not, as the page says."""

import re

import pytest

from streaming.bucket import Bucket
from streaming.contract.sections import Gate
from streaming.contract.settings import read_settings
from streaming.discovery import Discovery
from tests.shop import Shop
from tests.spark.test_for_stores import EXAMPLES, PAGE, bytes_of

pytestmark = pytest.mark.servers

ANNOUNCEMENT = re.compile(
    r"^File `(?P<key>[^`]+)\.ok` (?:announces it|does not agree: `quarantined` as\s`(?P<reason>[^`]+)`)\.\n\n"
    r"```csv\n(?P<body>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
ANNOUNCEMENTS = list(ANNOUNCEMENT.finditer(PAGE))


def test_the_page_has_totals_that_agree_and_others_that_do_not() -> None:
    assert [announcement["reason"] is None for announcement in ANNOUNCEMENTS] == [True, False]


@pytest.mark.parametrize("announcement", ANNOUNCEMENTS)
def test_the_file_and_its_totals_pass_or_wait_and_are_refused(announcement: re.Match[str], shop: Shop) -> None:
    with (shop.overlay / "dev.toml").open("a", encoding="utf-8") as file:
        file.write("[gate]\ncontrol_totals = true\n")
    shop.settings, key = read_settings("dev"), announcement["key"]
    shop.put(key, bytes_of(EXAMPLES[key]))
    shop.put(f"{key}.ok", announcement["body"])
    look = Discovery(Bucket(shop.settings.storage), shop.settings).look
    if announcement["reason"]:
        assert look().entered == 0
        wait(shop, Gate().hold_seconds)
    look()
    verdict = ("quarantined", announcement["reason"]) if announcement["reason"] else ("waiting", None)
    assert shop.verdicts() in ([(key, *verdict), ok_of(key)], [ok_of(key), (key, *verdict)])


def wait(shop: Shop, seconds: float) -> None:
    """Make what is held older, by the database's clock."""
    shop.do(f"UPDATE held_arrivals SET first_seen_at = first_seen_at - INTERVAL {seconds} SECOND")  # noqa: S608  a number


def ok_of(key: str) -> tuple[str, str, str]:
    """What becomes of the announcement itself."""
    return (f"{key}.ok", "processed", "control_totals")
