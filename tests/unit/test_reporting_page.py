"""The page: whole without a network, obedient to no text from outside, the same for the same figures."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from tasks.reporting.figures import sales_of
from tasks.reporting.page import page_of
from tasks.reporting.plots import sales_png, sales_svg
from tasks.reporting.state import RejectLine
from tasks.reporting.words import harmless, money, readable, span
from tests.unit.reporting import HOSTILE, NOTHING, some_figures, store_month

DASH = "\N{EN DASH}"
NAMESPACE = "http://www.w3.org/2000/svg"
ADDRESSES = re.compile(r"""(?:src|srcset|href|action|data)\s*=\s*["']?([^"'\s>]*)|url\(\s*([^)]*)\)|(//[^\s"'<>]+)""")
FETCHING = re.compile(r"@import|<script|<link|<iframe|<object|<embed", re.IGNORECASE)


def references(page: str) -> list[str]:
    """What a browser would fetch or run."""
    found = ["".join(groups) for groups in ADDRESSES.findall(page.replace(NAMESPACE, ""))]
    return [*(address for address in found if not address.startswith("#")), *FETCHING.findall(page)]


def test_the_page_refers_to_nothing_outside_itself() -> None:
    page = page_of(some_figures())
    assert page.count("<svg") == 4
    assert references(page) == []


def test_what_a_browser_would_fetch_is_found() -> None:
    texts = ('<img src="x.png">', "<a href='https://x.y'>", "<script>", "@import 'x'", "<use href=//a.b/c>")
    assert [bool(references(text)) for text in texts] == [True] * len(texts)


def test_a_text_from_outside_is_shown_and_obeyed_nowhere() -> None:
    page = page_of(some_figures(HOSTILE))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert page.count("=cmd|&#39; /C calc&#39;!A0 &lt;script&gt;alert(1)&lt;/script&gt; &#34;&amp;\ufffd\ufffd") == 7
    assert references(page) == []


def test_a_cell_is_shown_as_it_is() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "été 緑茶", "$x^2$ 100%"]
    page = page_of(replace(NOTHING, verdicts=some_figures().verdicts, rejects=[RejectLine("r", 1, t) for t in texts]))
    shown = re.findall("<code><bdi>(.*)</bdi></code>", page)
    assert shown == ["&#39;=1+1", "&#39;+1", "&#39;-1", "&#39;@SUM(A1)", *texts[4:]]


def test_a_long_sample_is_cut() -> None:
    assert readable("x" * 1_000) == "x" * 240 + "\N{HORIZONTAL ELLIPSIS}"
    assert readable(None) == ""


def test_a_sample_keeps_its_lines_and_shows_what_is_hidden() -> None:
    assert readable("a\r\nb\tc") == "a\nb\tc"
    assert readable("a\x00\u202eb\r") == "a\ufffd\ufffdb\ufffd"


def test_an_environment_without_anything_says_so() -> None:
    page = page_of(NOTHING)
    assert "There is nothing yet" in page
    assert "<svg" not in page
    assert "There is nothing yet" not in page_of(some_figures())


def test_the_table_has_every_amount_and_the_totals() -> None:
    page = page_of(some_figures())
    cells = re.findall(r'<td class="number(?: sum)?">([^<]*)</td>', page.partition('id="people"')[0])
    assert cells == [
        *("10.10", DASH, DASH, "10.10"),
        *("0.20", "0.20", DASH, DASH),
        *("10.30", "0.20", DASH, "10.10"),
    ]  # fmt: skip


def test_equal_figures_give_equal_bytes() -> None:
    assert page_of(some_figures()) == page_of(some_figures())
    sales = some_figures().sales
    assert sales_png(sales) == sales_png(sales)
    other = replace(some_figures(), sales=sales_of([store_month(1, "2025-12", "7.00")]))
    assert page_of(other) != page_of(some_figures())


def test_more_stores_than_colours_are_drawn_as_others() -> None:
    sales = sales_of([store_month(number, "2026-01", "1.00") for number in range(1, 31)])
    drawn = sales_svg(sales)
    assert "21 others" in drawn
    assert "store 9<" in drawn
    assert "store 10<" not in drawn


def test_the_image_for_the_ui_is_small() -> None:
    months = [f"2026-{month:02}" for month in range(1, 13)]
    rows = [store_month(store, month, f"{store * 1_000}.00") for store in range(1, 31) for month in months]
    assert len(sales_png(sales_of(rows))) < 15_000


@pytest.mark.parametrize(
    ("amount", "shown"), [("1234567.5", "1,234,567.50"), ("0.00", DASH), ("0.01", "0.01"), ("-3.1", "-3.10")]
)
def test_money_is_shown_to_the_cent(amount: str, shown: str) -> None:
    assert money(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ("0.04", "0.0 s"),
        ("-1", "0.0 s"),
        ("59.94", "59.9 s"),
        ("60", "1 min 0 s"),
        ("3725", "1 h 2 min"),
        ("90000", "1 d 1 h"),
    ],
)
def test_a_span_is_told_in_two_units_at_most(seconds: str, shown: str) -> None:
    assert span(Decimal(seconds)) == shown


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_what_a_spreadsheet_would_reckon_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert readable(text).startswith("'")


@pytest.mark.parametrize("text", ["", " ", "a=1", "1+1", "O'Hara", "store-03/a.csv"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
