"""Each flow from a terminal: help, one line per error, the right exit code."""

import importlib
from pathlib import Path

import pytest

from flows.command_line import parser_of
from tests.flows.conftest import Runner, run_module
from tests.shop import Shop

FLOWS = (
    "provision",
    "generate_sales",
    "ingest",
    "catch_up",
    "withdraw",
    "reconcile",
    "report",
    "clean_up",
    "maintain",
)


@pytest.mark.parametrize("name", FLOWS)
def test_help_says_what_a_flow_does_and_takes(name: str) -> None:
    flow = getattr(importlib.import_module(f"flows.{name}"), name)
    shown = parser_of(flow).format_help()
    assert shown.startswith(f"usage: python -m flows.{name}")
    assert "--environment {dev,qa,prod}" in shown
    assert "Args:" not in shown


def test_help_is_shown_where_it_is_asked_for() -> None:
    done = run_module("flows.catch_up", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m flows.catch_up")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--environment", "test"), "invalid choice: 'test'"),
        (("--arrived-from", "tomorrow"), "tomorrow"),
        (("--nothing",), "--nothing"),
    ],
)
def test_wrong_usage_ends_in_one_line(arguments: tuple[str, ...], named: str) -> None:
    done = run_module("flows.catch_up", *arguments)
    assert done.returncode == 64
    assert done.stderr.startswith("error: ")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.servers
def test_provisioning_twice_says_that_nothing_was_new(run: Runner) -> None:
    assert run("flows.provision").returncode == 0
    again = run("flows.provision")
    assert again.returncode == 0
    assert again.stderr.count("nothing new") == 5


@pytest.mark.servers
def test_a_database_out_of_reach_is_one_line_and_no_traceback(run: Runner, shop: Shop, home: Path) -> None:
    overlay = home / "shop" / "dev.toml"
    overlay.write_text(overlay.read_text(encoding="utf-8") + "[warehouse]\nport = 1\n", encoding="utf-8")
    done = run("flows.clean_up")
    assert done.returncode == 69
    assert any(line.startswith("error: MySQL at ") for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr
    assert shop.settings.warehouse.password.get_secret_value() not in done.stderr


@pytest.mark.servers
def test_generated_files_are_sent_once(run: Runner, shop: Shop) -> None:
    recipe = ("--rows", "2000", "--files", "3", "--wave", "first")
    first = run("flows.generate_sales", *recipe)
    assert first.returncode == 0, first.stderr
    landed = len(list(shop.bucket.listing(shop.settings.storage.prefixes.landing)))
    assert landed > 3
    again = run("flows.generate_sales", *recipe)
    assert f"sent 0 files to landing, {landed} had arrived before" in again.stderr
