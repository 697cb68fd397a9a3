"""How often S3 is asked again, and for how long: many quick refusals are outlived, a dead server is given up soon.

botocore's own modes count attempts alone: enough of them for a stuttering server wait minutes for a silent one.
"""

import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from botocore.exceptions import ConnectionError as ConnectionFailedError
from botocore.exceptions import HTTPClientError

from streaming.tls import is_disbelief

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from types_boto3_s3.client import S3Client

Answer: TypeAlias = "tuple[AWSResponse, Parsed]"
ATTEMPTS = 10
PATIENCE_SECONDS = 50.0
"""After that long no further attempt begins."""
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 3.0
PASSING_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "SlowDown", "PriorRequestNotComplete"})
SINCE = "tillstream_asked_since"


class Told(TypedDict, total=False):
    """What an error says of itself."""

    Code: str


class Parsed(TypedDict, total=False):
    """As much of an answer as matters here."""

    Error: Told


class Asked(TypedDict):
    """A request of botocore's, the same at each attempt, with room for notes."""

    context: dict[str, float]


def ask_again(client: "S3Client") -> None:
    """Have this client ask again; it must have been told to make one attempt by itself."""
    client.meta.events.register("needs-retry.s3", seconds_to_wait)  # type: ignore[arg-type]  # the stubs know of no handler that answers


def seconds_to_wait(
    *,
    attempts: int,
    response: "Answer | None",
    caught_exception: Exception | None,
    request_dict: Asked,
    **_others: object,
) -> float | None:
    """How long to wait before the next attempt at a request; None where its outcome stands.

    Args:
        attempts: how many were made.
        response: the answer to the last one, if there was any.
        caught_exception: what happened instead of an answer.
        request_dict: the request.
        _others: what else botocore tells.
    """
    since = request_dict["context"].setdefault(SINCE, time.monotonic())
    if attempts >= ATTEMPTS or time.monotonic() - since > PATIENCE_SECONDS:
        return None
    if not is_passing(response, caught_exception):
        return None
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (attempts - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311  jitter, not cryptography


def is_passing(response: "Answer | None", caught_exception: Exception | None) -> bool:
    """True for what may go well at the next attempt: no answer, a broken one, a server with troubles of its own."""
    if response is None:
        is_broken = isinstance(caught_exception, ConnectionFailedError | HTTPClientError)
        return is_broken and not is_disbelief(caught_exception)
    http, parsed = response
    code = parsed.get("Error", {}).get("Code", "")
    return http.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or code in PASSING_CODES
