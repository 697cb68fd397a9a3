"""What the supervisor makes of the lines that the door writes."""

import logging

import pytest

from streaming.contract.errors import BusyError, ConfigurationError, ServiceAwayError, TillstreamError
from tasks.door import Line
from tasks.tales import BatchTale, LogTale, LookTale, error_of, reason_in, told

BATCH = (
    '{"event":"batch","batch_id":3,"deliveries":2,"rows_read":10,"rows_loaded":9,"rows_rejected":1,'
    '"seconds":1.5,"more":"later"}'
)


def test_a_batch_event_is_a_batch() -> None:
    expected = BatchTale(batch_id=3, deliveries=2, rows_read=10, rows_loaded=9, rows_rejected=1, seconds=1.5)
    assert told(Line("stdout", BATCH)) == expected


def test_a_look_at_landing_is_a_sign_of_life() -> None:
    assert told(Line("stdout", '{"event": "look"}')) == LookTale()


def test_the_closing_event_and_the_reason_are_the_runs_own_to_tell() -> None:
    assert told(Line("stdout", '{"event":"finished","batches":1}')) is None
    assert told(Line("stderr", "error: no bucket")) is None


@pytest.mark.parametrize("text", ["hello", "[1]", '"text"', "null", '{"event":"batch"}', "{"])
def test_other_words_on_standard_output_are_logged(text: str) -> None:
    assert told(Line("stdout", text)) == LogTale(logging.INFO, text)


@pytest.mark.parametrize(
    ("text", "level", "shown"),
    [
        (
            "2026-11-24T10:00:00.123Z WARNING env=dev batch=1 delivery=- streaming.job: slow",
            logging.WARNING,
            "env=dev batch=1 delivery=- streaming.job: slow",
        ),
        (
            "2026-11-24T10:00:00.123Z INFO    env=dev batch=- delivery=4 a: b",
            logging.INFO,
            "env=dev batch=- delivery=4 a: b",
        ),
        (
            "2026-11-24T10:00:00.123Z WARN    env=- batch=- delivery=- jvm: x",
            logging.WARNING,
            "env=- batch=- delivery=- jvm: x",
        ),
        ("2026-11-24T10:00:00.123Z TRACE   env=- jvm: x", logging.INFO, "env=- jvm: x"),
        ("  at org.example.Main", logging.INFO, "  at org.example.Main"),
    ],
)
def test_a_log_line_keeps_its_level_and_loses_what_prefect_shows_itself(text: str, level: int, shown: str) -> None:
    assert told(Line("stderr", text)) == LogTale(level, shown)


def test_the_reason_stands_behind_error_on_standard_error_only() -> None:
    assert reason_in(Line("stderr", "error: no bucket x")) == "no bucket x"
    assert reason_in(Line("stdout", "error: no bucket x")) is None
    assert reason_in(Line("stderr", "an error: y")) is None


@pytest.mark.parametrize(
    ("exit_code", "kind"), [(69, ServiceAwayError), (75, BusyError), (78, ConfigurationError), (1, TillstreamError)]
)
def test_an_exit_code_becomes_its_error_with_the_doors_reason(exit_code: int, kind: type[TillstreamError]) -> None:
    error = error_of(exit_code, "because")
    assert type(error) is kind
    assert str(error) == "because"


def test_a_signal_without_a_word_is_named() -> None:
    assert "signal 9" in str(error_of(-9, None))
