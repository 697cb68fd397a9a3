"""Environment files: merged in layers, secrets as tokens only, every fault named with its file and field."""

import os
from pathlib import Path

import pytest

from streaming.contract.credentials import encrypt, new_key
from streaming.contract.errors import ConfigurationError, UsageError
from streaming.contract.places import FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.settings import read_settings
from streaming.contract.written import as_toml
from tasks.blocks import ROLES, RetailEnvironment

BASE = """
[storage]
bucket = "sales-dev"
[warehouse]
database = "sales_dev"
host = "db.example"
user = "writer"
migration_user = "migrator"
[operations]
work_pool = "dev"
"""
KEYS = ("access_key", "secret_key", "archiver_access_key", "archiver_secret_key")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environments folder with dev.toml and a key for its tokens."""
    monkeypatch.setenv(FOLDERS_VARIABLE, f"{tmp_path / 'base'}:{tmp_path / 'top'}")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    key = new_key()
    monkeypatch.setenv("TILLSTREAM_KEY", key)
    for name in ("base", "top"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "dev.toml").write_text(BASE, encoding="utf-8")
    tokens = [f'{field} = "{encrypt("s3cret", keys=[key])}"' for field in ("password", "migration_password")]
    (tmp_path / "top" / "dev.toml").write_text("\n".join(("[warehouse]", *tokens)), encoding="utf-8")
    return tmp_path


def add(folder: Path, text: str) -> None:
    with (folder / "base" / "dev.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_layers_are_merged_and_tokens_decrypted(folder: Path) -> None:
    assert folder.is_dir()
    settings = read_settings("dev")
    assert settings.warehouse.password.get_secret_value() == "s3cret"
    assert settings.storage.prefixes.landing == "landing/"
    assert "s3cret" not in repr(settings)


def test_an_unknown_environment_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown environment 'test': choose one of dev, qa, prod"):
        read_settings("test")


def test_an_environment_without_a_file_says_where_it_was_looked_for(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"no qa.toml in {folder}/base"):
        read_settings("qa")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[limits]\nfiles_per_batch = 0\n", "limits.files_per_batch: Input should be greater than 0"),
        ("[limits]\nfiles = 3\n", "limits.files: Extra inputs are not permitted"),
        ("[stream]\ndriver_memory = '1 GB'\n", "stream.driver_memory"),
        ("[typo]\n", "typo: Extra inputs are not permitted"),
        ("[retention]\nlake_hours = 167\n", "retention.lake_hours: Input should be greater than or equal to 168"),
    ],
)
def test_a_wrong_or_unknown_field_is_named_with_its_file(folder: Path, text: str, told: str) -> None:
    add(folder, text)
    with pytest.raises(ConfigurationError) as raised:
        read_settings("dev")
    assert told in str(raised.value)
    assert "dev.toml" in str(raised.value)


def test_a_file_that_is_no_toml_is_named(folder: Path) -> None:
    add(folder, "[limits\n")
    with pytest.raises(ConfigurationError, match=r"base/dev\.toml is not TOML"):
        read_settings("dev")


def test_a_file_of_another_environment_is_refused(folder: Path) -> None:
    text = (folder / "base" / "dev.toml").read_text(encoding="utf-8")
    (folder / "base" / "dev.toml").write_text(f'environment = "prod"\n{text}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="says environment 'prod', not 'dev'"):
        read_settings("dev")


def test_a_token_that_no_key_opens_names_its_field_and_shows_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("TILLSTREAM_KEY", new_key())
    with pytest.raises(ConfigurationError, match=r"warehouse\.password: none of the keys decrypts it") as raised:
        read_settings("dev")
    assert "gAAAA" not in str(raised.value)


def test_a_missing_key_says_how_to_give_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    monkeypatch.delenv("TILLSTREAM_KEY")
    with pytest.raises(ConfigurationError, match="no key to the credentials of dev: set TILLSTREAM_KEY"):
        read_settings("dev")


def test_a_key_file_that_others_may_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TILLSTREAM_KEY")
    (folder / "keys").mkdir()
    file = folder / "keys" / "dev.key"
    file.write_text(new_key())
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to other users: run `chmod 600"):
        read_settings("dev")


def test_s3_keys_come_in_pairs(folder: Path) -> None:
    add(folder, "")
    text = (folder / "base" / "dev.toml").read_text(encoding="utf-8")
    token = encrypt("only-one", keys=[os.environ["TILLSTREAM_KEY"]])
    (folder / "base" / "dev.toml").write_text(text.replace("[warehouse]", f'access_key = "{token}"\n[warehouse]'))
    with pytest.raises(ConfigurationError, match=r"storage: .*access_key and secret_key come together"):
        read_settings("dev")


def test_settings_written_down_are_read_back_the_same(folder: Path, tmp_path: Path) -> None:
    add(folder, "[stream]\nui = true\npoll_seconds = 1.5\n[storage.prefixes]\nlanding = 'in/'\n")
    settings, key = read_settings("dev"), new_key()
    written = as_toml(settings, keys=[key])
    assert "s3cret" not in written
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dev.toml").write_text(written, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDERS_VARIABLE, str(elsewhere))
        patch.setenv("TILLSTREAM_KEY", key)
        assert read_settings("dev") == settings


def test_blocks_say_what_the_file_says_and_only_provisioning_hears_of_the_migration_user(folder: Path) -> None:
    add(folder, "[limits]\nfiles_per_batch = 7\n")
    settings = read_settings("dev")
    block = RetailEnvironment.of(settings)
    assert block.settings(ROLES) == settings
    heard = block.settings()
    assert heard.warehouse.migration_user is None
    assert heard.warehouse.migration_password is None
    assert heard.limits.files_per_batch == 7
    assert "s3cret" not in repr(block)


def test_only_a_run_that_moves_files_hears_of_the_archivers_key(folder: Path) -> None:
    tokens = [f'{name} = "{encrypt(name, keys=[os.environ["TILLSTREAM_KEY"]])}"' for name in KEYS]
    top = folder / "top" / "dev.toml"
    top.write_text("\n".join((top.read_text(encoding="utf-8"), "[storage]", *tokens, "")), encoding="utf-8")
    settings = read_settings("dev")
    block = RetailEnvironment.of(settings)
    assert block.settings(ROLES) == settings
    assert block.settings().storage.archiver_access_key is None
    assert block.settings().storage.for_archiver() == block.settings().storage
    archiver = block.settings({"archiver"}).storage.for_archiver()
    assert archiver.access_key is not None
    assert archiver.access_key.get_secret_value() == "archiver_access_key"
    assert archiver.secret_key is not None
    assert repr(archiver.secret_key.get_secret_value()) not in repr(block)


def test_an_environment_without_stored_keys_goes_by_the_machines_role(folder: Path) -> None:
    settings = read_settings("dev")
    assert folder.is_dir()
    assert settings.storage.access_key is None
    keys = RetailEnvironment.of(settings).bucket.credentials
    assert keys.aws_access_key_id is None
    assert keys.aws_secret_access_key is None
    assert RetailEnvironment.of(settings).settings().storage == settings.storage
