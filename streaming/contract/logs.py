"""One log format for everything that runs: time, level, environment, batch, delivery, logger, message."""

import contextvars
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

FORMAT = (
    "%(asctime)s.%(msecs)03dZ %(levelname)-7s env=%(environment)s batch=%(batch)s delivery=%(delivery)s "
    "%(name)s: %(message)s"
)
NOTHING = "-"

_batch: contextvars.ContextVar[str] = contextvars.ContextVar("batch", default=NOTHING)
_delivery: contextvars.ContextVar[str] = contextvars.ContextVar("delivery", default=NOTHING)


class WhereFilter(logging.Filter):
    """Adds to each record where it belongs; Spark calls back on threads that know no context of ours."""

    def __init__(self, environment: str) -> None:
        super().__init__()
        self._environment = environment

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record stays."""
        record.environment = self._environment
        record.batch = _batch.get()
        record.delivery = _delivery.get()
        return True


class OneLineFormatter(logging.Formatter):
    """Keeps each message on its line: what a store calls its file may hold line ends and the like."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """The line, with what cannot be printed written as in Python."""
        return "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode() for c in super().formatMessage(record)
        )


def set_up_logging(environment: str, *, debug: bool = False) -> None:
    """Send everything that is logged to standard error, in the one format, from now on."""
    formatter = OneLineFormatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(WhereFilter(environment))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("streaming").setLevel(logging.DEBUG if debug else logging.INFO)
    for chatty in ("py4j", "botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def logging_about(*, batch: int | None = None, delivery: int | None = None) -> Iterator[None]:
    """Name the batch or delivery in every line logged inside."""
    tokens = [
        (variable, variable.set(str(value)))
        for variable, value in ((_batch, batch), (_delivery, delivery))
        if value is not None
    ]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)
