"""What the docs point to is there: pages, headings, and the files and folders that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.contract.deliveries import LEGAL_MOVES
from streaming.contract.places import CHECKOUT

PAGES = sorted((*CHECKOUT.glob("[A-Z]*.md"), *(CHECKOUT / "docs").rglob("*.md")))
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
WITH_SCHEME = re.compile(r"[a-z]+:")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
LINKED_TEXT = re.compile(r"\[([^]]*)]\([^)]*\)")
PATH = re.compile(r"\.?\w[\w.-]*(?:/\w[\w.-]*)*/?")
SOURCE = re.compile(r"\.(?:py|sql|md|toml|ya?ml|j2|lock|properties)$")
"""What ends so is a file of this project, wherever it lies; a store's files end in other ways."""
MADE_HERE = re.compile(r"^/(.+)/$", re.MULTILINE)
"""Folders that the project makes for itself, as .gitignore has them."""


def prose_of(text: str) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", text)


def anchors_of(text: str) -> set[str]:
    """What a link may name behind `#`, made of the headings as GitHub makes it."""
    anchors: list[str] = []
    for heading in HEADING.findall(prose_of(text)):
        slug = re.sub(r"[^\w\- ]", "", LINKED_TEXT.sub(r"\1", heading).lower()).replace(" ", "-")
        again = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", anchor) is not None for anchor in anchors)
        anchors.append(f"{slug}-{again}" if again else slug)
    return set(anchors)


def broken_links(text: str, page: Path) -> Iterator[str]:
    """Relative links of a page that lead nowhere, to a file or to a heading in one."""
    for link in LINK.findall(prose_of(text)):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        is_page = target.suffix == ".md" and target.is_file()
        there = text if target == page else target.read_text(encoding="utf-8") if is_page else ""
        is_there = target == page or target.exists()
        if not WITH_SCHEME.match(link) and not (is_there and (not anchor or anchor in anchors_of(there))):
            yield link


def names_of(text: str) -> Iterator[str]:
    """Files and folders of this project that a page names in backticks, also as words of a command.

    A word names one when it has a slash, no sign of a pattern or a placeholder, and begins with what lies at the top of
    the checkout or ends like a source file. So keys in a bucket are none, nor is what the project makes for itself.
    """
    made_here = set(MADE_HERE.findall((CHECKOUT / ".gitignore").read_text(encoding="utf-8")))
    for word in (word for code in CODE.findall(prose_of(text)) for word in code.split()):
        path = word.partition("::")[0].rstrip(",;")
        top = path.partition("/")[0]
        if "/" not in path or not PATH.fullmatch(path) or top in made_here:
            continue
        if (CHECKOUT / top).exists() or SOURCE.search(path):
            yield path


def missing_names(text: str) -> list[str]:
    """Those that are not there."""
    return [name for name in names_of(text) if not (CHECKOUT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_link_of_the_page_leads_somewhere(page: Path) -> None:
    assert not list(broken_links(page.read_text(encoding="utf-8"), page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_file_and_folder_that_the_page_names_is_there(page: Path) -> None:
    assert not missing_names(page.read_text(encoding="utf-8"))


def test_every_decision_is_in_the_index() -> None:
    folder = CHECKOUT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert [link for link in listed if link[0].isdigit()] == sorted(file.name for file in folder.glob("[0-9]*.md"))


def test_the_life_of_a_delivery_is_drawn_as_the_code_has_it() -> None:
    page = (CHECKOUT / "docs" / "maintainers.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^ +(\w+) --> (\w+)$", page.partition("stateDiagram-v2")[2].partition("```")[0], re.MULTILINE)
    assert sorted(drawn) == sorted((start, end) for start, ends in LEGAL_MOVES.items() for end in ends)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](nowhere.md) [b](README.md) [c](docs/)", ["nowhere.md"]),
        ("[a](README.md#every-day) [b](README.md#every-night)", ["README.md#every-night"]),
        ("# Two `words`, [linked](x://y)\n# Two\n# Two\n[a](#two-words-linked) [b](#two-1) [c](#two-2)", ["#two-2"]),
        ("[a](https://example.com/nowhere) `[b](nowhere)`\n```\n[c](nowhere)\n```\n", ["nowhere"]),
    ],
)
def test_links_to_pages_and_headings_that_are_not_there_are_found(text: str, broken: list[str]) -> None:
    assert list(broken_links(text, CHECKOUT / "page.md")) == broken


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("`streaming/nowhere.py`, `streaming/job.py`, `tests/oracle/`", ["streaming/nowhere.py"]),
        ("`stream/job.py`, `python -m pytest tests/nowhere::test_it`", ["stream/job.py", "tests/nowhere"]),
        ("`landing/store-03/sales.csv`, `processed/sales/`, `s3://bucket/x.md`, `store-03/*`", []),
        ("`streaming/warehouse/sql/<table>/all.sql`, `.tillstream/environments/dev.toml`, `/etc/nowhere.toml`", []),
    ],
)
def test_files_and_folders_that_are_not_there_are_found(text: str, missing: list[str]) -> None:
    assert missing_names(text) == missing
