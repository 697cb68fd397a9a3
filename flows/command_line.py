"""Any flow from a terminal: its options are the flow's parameters, their help is the flow's docstring."""

import argparse
import signal
import sys
import traceback
from datetime import date
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar, cast

import httpx
from prefect.exceptions import ParameterTypeError

from streaming.contract.errors import BusyError, ServiceAwayError, TillstreamError, UsageError
from tasks.beginning import ask_for_debugging

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from prefect import Flow
    from prefect.client.schemas.objects import State

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

BUSY = "Busy"
"""The state of a run that had nothing to do because another one does it."""
INTERRUPTED = 128 + signal.SIGINT


def run_alone(flow: "Flow[Parameters, Result]") -> NoReturn:
    """Run a flow with the command line's options and leave with the exit code that fits its end."""
    signal.signal(signal.SIGTERM, _leave)
    debug = "--debug" in sys.argv
    try:
        options = vars(parser_of(flow).parse_args())
        if options.pop("debug"):
            ask_for_debugging()
        _run(flow, options)
    except TillstreamError as error:
        if debug:
            traceback.print_exception(error)
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)


class Parser(argparse.ArgumentParser):
    """Tells of wrong options as the project tells of everything."""

    def error(self, message: str) -> NoReturn:
        """Raise a UsageError with what is wrong."""
        raise UsageError(f"{message}; see {self.prog} --help")


def parser_of(flow: "Flow[Parameters, Result]") -> argparse.ArgumentParser:
    """The command line of a flow, from the schema that Prefect shows as a form."""
    parser = Parser(
        prog=f"python -m flows.{flow.name}",
        description=(flow.description or "").partition("Args:")[0].strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, schema in flow.parameters.properties.items():
        _add_option(parser, name, schema)
    parser.add_argument("--debug", action="store_true", help="show debug lines and tracebacks")
    return parser


def _add_option(parser: argparse.ArgumentParser, name: str, schema: dict[str, object]) -> None:
    default = schema.get("default")
    text = " ".join(str(schema.get("description", "")).split())
    shown = f"{text} (default: {default})" if default is not None else text
    flag = f"--{name.replace('_', '-')}"
    if schema.get("type") == "boolean":
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=text)
        return
    choices = schema.get("enum")
    metavar, kind = _kind(schema)
    parser.add_argument(
        flag,
        default=default,
        choices=choices if isinstance(choices, list) else None,
        metavar=None if choices else metavar,
        type=kind,
        help=shown.replace("%", "%%"),
    )


def _kind(schema: dict[str, object]) -> tuple[str, "Callable[[str], object]"]:
    """How a value is shown in the help, and what makes it of the text."""
    types = str(schema)
    if "'date'" in types:
        return "YYYY-MM-DD", date.fromisoformat
    return ("N", int) if "'integer'" in types else ("TEXT", str)


def _run(flow: "Flow[Parameters, Result]", options: dict[str, object]) -> None:
    """Run the flow; every way to fail leaves as one of the project's errors."""
    try:
        flow.validate_parameters(options)
        run = cast("Callable[..., State[object]]", flow)
        state = run(**options, return_state=True)
    except ParameterTypeError as error:
        raise UsageError(" ".join(str(error).split())) from None
    except (httpx.TransportError, RuntimeError) as error:
        raise ServiceAwayError(f"Prefect's server: {error}; is it up? (`make status`)") from error
    _raise_what_failed(state)


def _raise_what_failed(state: "State[object]") -> None:
    if state.name == BUSY:
        raise BusyError(state.message or "another writer is at work")
    if state.is_completed():
        return
    error = state.result(raise_on_failure=False)
    if isinstance(error, TillstreamError):
        raise error
    raise TillstreamError(f"{state.name}: {state.message}") from (error if isinstance(error, Exception) else None)


def _leave(number: int, _frame: "FrameType | None") -> NoReturn:
    """What SIGTERM does outside a Prefect worker: the same as an interrupt, so that children are stopped."""
    raise KeyboardInterrupt(f"signal {number}")
