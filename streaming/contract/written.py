"""Settings written down as an environment file: the way back from what `read_settings` gives."""

import json
from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from streaming.contract.credentials import encrypt
from streaming.contract.settings import Settings
from streaming.contract.tokens import SECRETS


def as_toml(settings: Settings, *, keys: list[str]) -> str:
    """The text of an environment file that says the same, secrets as tokens under the first of the keys."""
    fields = settings.model_dump(exclude_none=True, exclude={"environment"})
    return "\n".join(_lines(_with_tokens(fields, keys), path=())) + "\n"


def _with_tokens(fields: Mapping[str, object], keys: list[str]) -> dict[str, object]:
    sections = {name: dict(section) for name, section in fields.items() if isinstance(section, dict)}
    for section, name in SECRETS:
        secret = sections[section].get(name)
        if isinstance(secret, SecretStr):
            sections[section][name] = encrypt(secret.get_secret_value(), keys=keys)
    return {**sections}


def _lines(fields: Mapping[str, object], *, path: tuple[str, ...]) -> Iterator[str]:
    """Values first, sections below them; JSON's way to write a text, a number or a truth is TOML's too."""
    tables = {name: value for name, value in fields.items() if isinstance(value, dict)}
    values = {name: value for name, value in fields.items() if name not in tables}
    if path and values:
        yield f"[{'.'.join(path)}]"
    for name, value in values.items():
        yield f"{name} = {json.dumps(value if isinstance(value, bool | int | float) else str(value))}"
    for name, table in tables.items():
        yield from _lines(table, path=(*path, name))
