"""The reference says what the code says."""

from deployments.reference import FILE, reference
from streaming.contract.errors import ConfigurationError
from streaming.contract.sections import Section
from streaming.contract.settings import Settings


def fields_of(model: type[Section]) -> list[str]:
    kinds = {name: field.annotation for name, field in model.model_fields.items()}
    inner = [kind for kind in kinds.values() if isinstance(kind, type) and issubclass(kind, Section)]
    return [
        *(name for name, kind in kinds.items() if kind not in inner),
        *(f for kind in inner for f in fields_of(kind)),
    ]


def test_the_reference_is_the_one_that_the_code_gives() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run `python -m deployments.reference`"


def test_every_setting_is_in_the_reference_with_a_word_on_it() -> None:
    told = reference()
    for name in fields_of(Settings):
        if name != "environment":
            assert any(len(line.split("|")[3]) > len("  ") for line in told.splitlines() if f"| `{name}` |" in line)


def test_errors_stand_with_their_exit_codes() -> None:
    assert f"| {ConfigurationError.exit_code} | ConfigurationError |" in reference()
