"""`contract.columns.LANDED` as Arrow sees it, for tests of reading that need no Spark."""

import pyarrow as pa

from streaming.contract.columns import LANDED

_ARROW = {"BIGINT": pa.int64(), "STRING": pa.string(), "BOOLEAN": pa.bool_()}
AS_LANDED = pa.schema([(name, _ARROW[kind]) for name, kind in LANDED])
