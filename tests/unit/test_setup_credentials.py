"""A user's own credentials on their way into an environment file."""

import io
import re
from pathlib import Path

import pytest

from deployments.credentials import main
from streaming.contract.credentials import decrypt, read_keys
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import FOLDERS_VARIABLE, HOME_VARIABLE, key_file


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


def test_a_token_is_decrypted_for_whoever_has_the_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new-key", "--environment", "qa"])
    capsys.readouterr()
    token = token_of("s3cret", monkeypatch=monkeypatch, capsys=capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
    assert main(["decrypt", "--environment", "qa"]) == 0
    assert capsys.readouterr().out == "s3cret\n"


def test_rotation_makes_every_token_anew_and_changes_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(FOLDERS_VARIABLE, str(tmp_path))
    main(["new-key", "--environment", "qa"])
    capsys.readouterr()
    token = token_of("s3cret", monkeypatch=monkeypatch, capsys=capsys)
    text = '# of qa\n[storage]\nsecret_key = "{}"  # rotated\nbucket = "sales"\n[warehouse]\npassword="{}"\n'
    file = tmp_path / "qa.toml"
    file.write_text(text.format(token, token), encoding="utf-8")
    main(["new-key", "--environment", "qa"])
    assert main(["rotate", "--environment", "qa"]) == 0
    assert "2 tokens in 1 files" in capsys.readouterr().out
    rotated = re.findall(r'"(gAAAA[^"]+)"', file.read_text(encoding="utf-8"))
    assert file.read_text(encoding="utf-8") == text.format(*rotated)
    newest = read_keys("qa", default_file=key_file("qa"))[:1]
    assert [decrypt(each, keys=newest, field="probe") for each in rotated] == ["s3cret", "s3cret"]


def test_a_command_may_give_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLSTREAM_KEY_COMMAND", "/bin/sh -c 'echo key-of-$TILLSTREAM_ENVIRONMENT older'")
    assert read_keys("qa", default_file=tmp_path / "none") == ["key-of-qa", "older"]


@pytest.mark.parametrize(
    "command", ["/bin/sh -c 'echo s3cret >&2; exit 3'", "/bin/true", "/no/such/program", "'unclosed"]
)
def test_a_command_that_gives_no_key_is_told_without_its_words(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLSTREAM_KEY_COMMAND", command)
    with pytest.raises(ConfigurationError, match="TILLSTREAM_KEY_COMMAND gave no key") as raised:
        read_keys("qa", default_file=tmp_path / "none")
    assert "s3cret" not in str(raised.value)
