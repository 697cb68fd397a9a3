"""What an S3 server can do wrong, to which requests, how often."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit


class Kind(StrEnum):
    """One way in which a request goes wrong."""

    SLOW_DOWN = "503 SlowDown"
    INTERNAL_ERROR = "500 InternalError"
    DENIED = "403 AccessDenied"
    LATE_ERROR = "200 InternalError"
    """S3 begins to answer a copy before it is done, and then cannot take back that all is well."""
    RESET = "connection reset"
    SHORT_READ = "body cut short"
    LOST_REPLY = "done, but the reply is lost"
    SILENCE = "no answer"


REFUSALS = frozenset({Kind.SLOW_DOWN, Kind.INTERNAL_ERROR, Kind.DENIED, Kind.LATE_ERROR})
PASSING = (Kind.SLOW_DOWN, Kind.INTERNAL_ERROR, Kind.RESET, Kind.SHORT_READ)
"""What a server under load, or the network before it, does now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: the key is decoded and has no bucket before it."""

    method: str
    key: str
    query: Mapping[str, str]
    is_copy: bool

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str]) -> "Request":
        """The request behind a request line and its headers."""
        address = urlsplit(target)
        key = unquote(address.path).removeprefix("/").partition("/")[2]
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        return cls(method=method, key=key, query=query, is_copy="x-amz-copy-source" in headers)

    @property
    def is_later_page(self) -> bool:
        """True for the second page of a listing, and those after it."""
        return self.method == "GET" and "continuation-token" in self.query


Where = Callable[[Request], bool]


@dataclass(slots=True, kw_only=True)
class Fault:
    """At what rate which requests go wrong, in one of these ways; `times` bounds how often."""

    kinds: Sequence[Kind]
    where: Where = lambda _request: True
    rate: float = 1.0
    times: int | None = None


@dataclass(slots=True)
class Faults:
    """The faults of the moment, a seeded die, and how many requests came and which of them went wrong."""

    seed: int = 0
    requests: int = 0
    injected: Counter[Kind] = field(default_factory=Counter)
    _now: list[Fault] = field(default_factory=list)
    _surprises: list[tuple[Where, Callable[[], object]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _die: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._die = random.Random(self.seed)  # noqa: S311  faults that can be had again, no cryptography

    def begin(self, *faults: Fault) -> None:
        """From now on these, beside those that go on."""
        with self._lock:
            self._now.extend(faults)

    def end(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._now.clear()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing goes wrong for a while."""
        before = list(self._now)
        self.end()
        yield
        self.begin(*before)

    def before(self, where: Where, surprise: Callable[[], object]) -> None:
        """Have something happen to the world just before the first such request is answered."""
        with self._lock:
            self._surprises.append((where, surprise))

    def surprise(self, request: Request) -> None:
        """Let happen what is due before this request."""
        with self._lock:
            due = next((each for each in self._surprises if each[0](request)), None)
            if due is not None:
                self._surprises.remove(due)
        if due is not None:
            due[1]()

    def strike(self, request: Request) -> Kind | None:
        """How this request goes wrong, None if it does not."""
        with self._lock:
            self.requests += 1
            for fault in self._now:
                if fault.times != 0 and fault.where(request) and self._die.random() < fault.rate:
                    fault.times = fault.times and fault.times - 1
                    kind = self._fitting(self._die.choice(fault.kinds), request)
                    self.injected[kind] += 1
                    return kind
        return None

    def _fitting(self, kind: Kind, request: Request) -> Kind:
        """Only what is read can be cut short."""
        return Kind.RESET if kind is Kind.SHORT_READ and request.method != "GET" else kind
