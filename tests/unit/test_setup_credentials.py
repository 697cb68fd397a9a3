"""A user's own credentials on their way into an environment file."""

import io
from pathlib import Path

import pytest

from deployments.credentials import main
from streaming.contract.credentials import decrypt, read_keys
from streaming.contract.places import HOME_VARIABLE, key_file


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    for name in ("TILLSTREAM_KEY", "TILLSTREAM_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def token_of(secret: str, *, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    assert main(["encrypt", "--environment", "qa"]) == 0
    return capsys.readouterr().out.strip()


def test_a_secret_from_standard_input_becomes_a_token_that_old_and_new_keys_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new-key", "--environment", "qa"])
    capsys.readouterr()
    token = token_of("s3cret", monkeypatch=monkeypatch, capsys=capsys)
    assert "s3cret" not in token
    main(["new-key", "--environment", "qa"])
    keys = read_keys("qa", default_file=key_file("qa"))
    assert len(keys) == 2
    assert decrypt(token, keys=keys, field="probe") == "s3cret"


def test_without_a_key_one_line_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encrypt", "--environment", "qa"]) == 78
    said = capsys.readouterr().err
    assert said.startswith("error: no key to the credentials of qa: set TILLSTREAM_KEY")
    assert said.count("\n") == 1


def test_an_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new-key", "--environment", "qa"])
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main(["encrypt", "--environment", "qa"]) == 64
    assert "no secret given" in capsys.readouterr().err
