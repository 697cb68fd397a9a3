"""What can go wrong with the world, named by what should happen next. A bad row or file is data, never an error."""

from http import HTTPStatus


class TillstreamError(Exception):
    """A broken world, told in one line that names the thing and the remedy."""

    exit_code = 70


class UsageError(TillstreamError):
    """The caller asked for something that does not exist: correct the arguments."""

    exit_code = 64


class ContractError(TillstreamError):
    """What was found is not what was agreed (a missing table, a foreign lake): a person must look."""

    exit_code = 65


class ServiceAwayError(TillstreamError):
    """S3, MySQL or Prefect does not answer: the same call may succeed later."""

    exit_code = 69


class ReaderCrashError(ServiceAwayError):
    """Reading some file ended the process that read it: tried again with fewer files at once, until it stands alone."""


class BusyError(TillstreamError):
    """Another writer holds this environment: nothing to do here."""

    exit_code = 75


class ConfigurationError(TillstreamError):
    """A setting, key, credential or program is missing or wrong: correct it, then run again."""

    exit_code = 78


DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""HTTP answers that a retry does not mend."""
