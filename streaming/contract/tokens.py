"""The secrets of an environment file: which fields hold tokens, and what these say."""

from collections.abc import Mapping

from streaming.contract.credentials import decrypt

SECRETS = (
    ("storage", "access_key"),
    ("storage", "secret_key"),
    ("storage", "archiver_access_key"),
    ("storage", "archiver_secret_key"),
    ("warehouse", "password"),
    ("warehouse", "migration_password"),
    ("operations", "alert_webhook"),
)
"""The fields that hold tokens, as (section, field)."""


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """One layer of settings on top of another, field by field."""
    fields = dict(below)
    for name, value in above.items():
        old = fields.get(name)
        fields[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return fields


def has_tokens(fields: Mapping[str, object]) -> bool:
    """True where a secret stands in the settings."""
    return any(_token(fields, section, name) for section, name in SECRETS)


def _token(fields: Mapping[str, object], section: str, name: str) -> str | None:
    values = fields.get(section)
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, str) and value else None


def decrypted(fields: Mapping[str, object], *, keys: list[str], source: str) -> dict[str, object]:
    """The settings with their secrets in plain; an error names `source` and the field."""
    plain = merged({}, fields)
    for section, name in SECRETS:
        if token := _token(fields, section, name):
            secret = decrypt(token, keys=keys, field=f"{source}: {section}.{name}")
            plain = merged(plain, {section: {name: secret}})
    return plain
