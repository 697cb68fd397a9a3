"""`python -m deployments.reference`: write docs/reference.md, what can be set and what can go wrong, from the code."""

import ast
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from streaming.contract import errors
from streaming.contract.errors import TillstreamError
from streaming.contract.places import CHECKOUT
from streaming.contract.settings import Settings

FILE = CHECKOUT / "docs" / "reference.md"
INTRODUCTION = """# Reference

Made from the code by `python -m deployments.reference`; a test sees that it is current.

## Settings

An environment's settings stand in `deployments/environments/<environment>.toml`; files in the folders that
$TILLSTREAM_ENVIRONMENTS names (separated as $PATH is) go over one another, field by field. A secret stands there as a
token, made by `python -m deployments.credentials encrypt`; in clear it is refused. A field that is not listed here is
refused too, and every error names the file and the field.
"""
ERRORS = """
## Errors and exit codes

The stream's door and every command end with one of these, and say in one line what it is about and what to do.

| exit code | error | what it means and what to do |
|---|---|---|
| 0 | | done |
"""


def reference() -> str:
    """The whole page."""
    sections = "\n".join(_section("", Settings))
    return f"{INTRODUCTION}\n{sections}\n{ERRORS}{''.join(_errors())}"


def _section(path: str, model: type[BaseModel]) -> Iterator[str]:
    inner = {name: kind for name, field in model.model_fields.items() if (kind := _model_of(field))}
    own = {name: field for name, field in model.model_fields.items() if name not in inner}
    if path:
        yield f"### [{path}]\n\n{inspect.getdoc(model)}\n\n| field | default | meaning |\n|---|---|---|"
        words = _words(model)
        yield from (f"| `{name}` | {_default(field)} | {_meaning(field, words[name])} |" for name, field in own.items())
        yield ""
    for name, kind in inner.items():
        yield from _section(f"{path}.{name}" if path else name, kind)


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    if field.default is None:
        return "none"
    return f"`{field.default if isinstance(field.default, str) else str(field.default).lower()}`"


def _meaning(field: FieldInfo, words: str) -> str:
    is_secret = SecretStr in {field.annotation, *get_args(field.annotation)}
    return " ".join(words.split()) + (" A secret." if is_secret else "")


def _words(model: type[BaseModel]) -> dict[str, str]:
    """What stands under each field in the source; there is nothing at run time that would know it."""
    (told,) = ast.parse(inspect.getsource(model)).body
    if not isinstance(told, ast.ClassDef):
        raise TypeError(f"not a class: {model}")
    words: dict[str, str] = {}
    for field, below in pairwise(told.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                words[name] = text
    return words


def _errors() -> Iterator[str]:
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, TillstreamError)]
    for kind in sorted(found, key=lambda kind: (kind.exit_code, kind.__name__)):
        if kind is not TillstreamError:
            yield f"| {kind.exit_code} | {kind.__name__} | {' '.join(str(inspect.getdoc(kind)).split())} |\n"
    yield f"| {TillstreamError.exit_code} | any other | A defect: the log has its trace; please report it. |\n"


def main() -> int:
    """Write the page."""
    FILE.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
