"""The reason codes of many rows at once, as Arrow."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract.reasons import REASON_SEPARATOR

NO_TEXT = pa.scalar(None, pa.string())


def codes_of(found: Sequence[tuple[str, pa.Array]]) -> pa.Array:
    """The codes of each row in their order, space between; "" for a row with none.

    Args:
        found: each code with the rows that have it; null counts as not having it.
    """
    known = [(code, is_so.fill_null(False)) for code, is_so in found]  # noqa: FBT003  Arrow's own
    has_any = reduce(pc.or_, (is_so for _, is_so in known))
    which = pa.array(np.flatnonzero(has_any))  # few rows have any
    told = pc.binary_join_element_wise(
        *(pc.if_else(is_so.take(which), code, NO_TEXT) for code, is_so in known),
        REASON_SEPARATOR,
        null_handling="skip",
    )
    return pc.replace_with_mask(pa.repeat("", len(has_any)), has_any, told)
