"""Texts by column as one JSON object per row, as Python's `json` would write it."""

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

NEEDS_ESCAPING = r'["\\\x00-\x1f]'


def as_json(columns: Mapping[str, pa.Array]) -> pa.Array:
    """For each row, the object of its values under the columns' names; null where a value is.

    Args:
        columns: texts of equal number under each name, at least one.
    """
    pieces: list[pa.Array | str] = []
    for number, (name, texts) in enumerate(columns.items()):
        pieces += [f"{', ' if number else '{'}{_quoted(name)}: ", _all_quoted(texts)]
    return pc.binary_join_element_wise(*map(_as_large, pieces), _as_large("}"), _as_large(""))


def _all_quoted(texts: pa.Array) -> pa.Array:
    quoted = pc.binary_join_element_wise(*map(_as_large, ('"', texts, '"', "")))
    special = pc.match_substring_regex(texts, NEEDS_ESCAPING)
    if not pc.any(special).as_py():
        return quoted
    spelled = pa.array([_quoted(text) for text in texts.filter(special).to_pylist()], pa.large_string())
    return pc.replace_with_mask(quoted, special.fill_null(False), spelled)  # noqa: FBT003  Arrow's own


def _as_large(piece: pa.Array | str) -> pa.Array | pa.Scalar:
    return pa.scalar(piece, pa.large_string()) if isinstance(piece, str) else piece.cast(pa.large_string())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
