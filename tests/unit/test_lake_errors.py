"""What Spark, Delta and S3A tell is named by what should happen next."""

import pytest

from streaming.contract.errors import ConfigurationError, ContractError, ServiceAwayError, TillstreamError
from streaming.lake_errors import lake_error

MISMATCH = "[DELTA_METADATA_MISMATCH] A metadata mismatch was detected when writing to the Delta table."
DENIED = ": software.amazon.awssdk.services.s3.model.S3Exception: Forbidden (Service: S3, Status Code: 403)"
BROKEN = (
    "An error occurred while calling o1.save.\n: java.io.IOException: no\nCaused by: java.net.SocketException: reset"
)


@pytest.mark.parametrize(
    ("told", "kind", "line"),
    [
        (MISMATCH, ContractError, "has other columns than this version writes"),
        (DENIED, ConfigurationError, "S3 refused"),
        (BROKEN, ServiceAwayError, "java.net.SocketException: reset"),
    ],
)
def test_it_is_the_error_that_says_what_to_do(told: str, kind: type[TillstreamError], line: str) -> None:
    error = lake_error(told, "s3a://sales/lake")
    assert type(error) is kind
    assert line in str(error)
