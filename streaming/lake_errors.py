"""What Spark, Delta and S3A throw, as the project's errors, named by what should happen next."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from streaming.contract.errors import ConfigurationError, ContractError, ServiceAwayError, TillstreamError

DENIED_BY_S3 = re.compile(r"AccessDenied|Forbidden|Status Code: 40[13]|InvalidAccessKey|SignatureDoesNotMatch")
OTHER_COLUMNS = re.compile(r"DELTA_METADATA_MISMATCH|schema mismatch detected")
BY_S3A = re.compile(r"at (org\.apache\.hadoop\.fs\.s3a|software\.amazon\.awssdk)\.")


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what Spark and S3A throw into the project's errors, named by what should happen next."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        raise lake_error(str(error), path) from error


def is_from_s3(told: str) -> bool:
    """True for a Java stack trace that passes through S3A: what is read late fails far away from the lake."""
    return BY_S3A.search(told) is not None


def lake_error(told: str, path: str) -> TillstreamError:
    """The project's error for what Spark or S3A told."""
    line = _telling_line(told)
    if DENIED_BY_S3.search(told):
        return ConfigurationError(f"lake {path}: S3 refused: {line}")
    if OTHER_COLUMNS.search(told):
        return ContractError(f"lake {path} has other columns than this version writes: {line}")
    return ServiceAwayError(f"lake {path}: {line}")


def _telling_line(trace: str) -> str:
    """The innermost cause of a Java stack trace, on one line."""
    causes = [line.strip() for line in trace.splitlines() if line.startswith(("Caused by:", ": "))]
    return (causes[-1].removeprefix("Caused by").removeprefix(": ") if causes else trace.strip().splitlines()[0])[:500]
