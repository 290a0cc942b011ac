"""What can go wrong with one answer, and when it does: by plan, or for a seeded share of all requests."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Kind(StrEnum):
    """One way in which an answer differs from the plain one."""

    BAD_REQUEST = "bad-request"
    """400 that no retry cures."""
    LOST_QUERY = "lost-query"
    """400 with the text ``ISO 8601 format``: a fault of the delivery network that a retry cures."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    """403, as when one key is used from several addresses at once."""
    NOT_FOUND = "not-found"
    RATE_LIMIT = "rate-limit"
    """429 with a short ``Retry-After``."""
    QUOTA = "quota"
    """429 with a ``Retry-After`` of hours."""
    TOO_MANY = "too-many"
    """429 without ``Retry-After``."""
    SERVER_ERROR = "server-error"
    BAD_GATEWAY = "bad-gateway"
    """502 with a page of HTML."""
    HTML = "html"
    """200 with a page in place of the data."""
    JSON = "json"
    """200 with a JSON error in place of the data."""
    NOTHING = "nothing"
    """200 with a body of no bytes, which is no gzip file."""
    NOISE = "noise"
    """200 with bytes that are not gzip."""
    TRUNCATED = "truncated"
    """The compressed file ends early, and ``Content-Length`` agrees with that."""
    BAD_CRC = "bad-crc"
    """One bit of the file's checksum is wrong."""
    MEMBERS = "members"
    """The same data as a gzip file of several members, or as several frames of zstd."""
    CHUNKED = "chunked"
    """The right body without ``Content-Length``."""
    ENCODED = "encoded"
    """The right body, said to be ``Content-Encoding: gzip``."""
    DRIP = "drip"
    """The right body, slowly."""
    REDIRECT = "redirect"
    """302 to another origin, which serves the file to anybody."""
    SHORT = "short"
    """The connection ends in order before ``Content-Length`` is reached, or before the last chunk."""
    RESET = "reset"
    """The connection is reset in the middle of the body."""
    HANG_UP = "hang-up"
    """The connection is reset before the first byte."""
    STALLED = "stalled"
    """Nothing more comes after a part of the body."""
    SILENT = "silent"
    """The request is taken and never answered."""
    LATE_ERROR = "late-error"
    """tardis-machine's way to fail when it is streaming: a JSON object without a newline at the end."""
    NO_SLICE_SIZE = "no-slice-size"
    """A slice of the raw feed without the header that tells its size."""


HARMLESS = frozenset({Kind.MEMBERS, Kind.CHUNKED, Kind.ENCODED, Kind.DRIP})
"""These still bring the whole right body."""

CURABLE = (
    *(Kind.LOST_QUERY, Kind.FORBIDDEN, Kind.RATE_LIMIT, Kind.TOO_MANY, Kind.SERVER_ERROR, Kind.BAD_GATEWAY),
    *(Kind.HTML, Kind.JSON, Kind.NOTHING, Kind.NOISE, Kind.TRUNCATED, Kind.BAD_CRC),
    *(Kind.SHORT, Kind.RESET, Kind.HANG_UP, Kind.STALLED, Kind.SILENT),
    *(Kind.MEMBERS, Kind.CHUNKED, Kind.ENCODED, Kind.DRIP, Kind.REDIRECT),
)
"""Everything that the next request for the same file may find gone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind and its measures; those that a kind does not need are ignored."""

    kind: Kind
    retry_after_s: int | None = None
    """For RATE_LIMIT 1 unless given, for QUOTA 6 hours; a number given to another status is sent too."""
    at: float = 0.5
    """Share of the body that arrives before it is cut, stalls or turns into an error."""
    hold_s: float = 3600.0
    """How long STALLED and SILENT stay silent, unless the client leaves first."""
    pause_s: float = 0.02
    """DRIP: between two of its pieces, of which there are about 32."""


class Plans:
    """Decides the fault of each request; safe to change while the fake runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._planned: list[tuple[str, deque[Fault | None], bool]] = []
        self._share: tuple[str, float, Sequence[Fault], int] | None = None
        self._asked: Counter[str] = Counter()

    def add(self, pattern: str, faults: Iterable[Fault | Kind | None], *, last_stays: bool) -> None:
        """Hand out *faults* one by one to requests that match; None is a plain answer."""
        row = deque(as_fault(fault) for fault in faults)
        if not row:
            raise ValueError("a plan needs at least one fault")
        with self._lock:
            self._planned.append((pattern.removeprefix("/").removeprefix("v1/"), row, last_stays))

    def share(self, pattern: str, rate: float, kinds: Iterable[Fault | Kind], seed: int) -> None:
        """Let a seeded *rate* of the matching requests that no plan speaks of go wrong."""
        faults = [fault for kind in kinds if (fault := as_fault(kind)) is not None]
        with self._lock:
            self._share = (pattern, rate, faults, seed)

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        with self._lock:
            self._planned.clear()
            self._share = None

    def next_for(self, name: str) -> Fault | None:
        """Take the fault of the next request for *name*."""
        with self._lock:
            self._asked[name] += 1
            for pattern, row, last_stays in self._planned:
                if row and fnmatchcase(name, pattern):
                    return row[0] if last_stays and len(row) == 1 else row.popleft()
            if self._share is None or not fnmatchcase(name, self._share[0]):
                return None
            _, rate, faults, seed = self._share
            # By the name and how often it was asked for, not by the order in which requests happen to come.
            dice = Random(f"{seed} {name} {self._asked[name]}")
            return dice.choice(faults) if faults and dice.random() < rate else None


def as_fault(fault: Fault | Kind | None) -> Fault | None:
    """Take a bare kind as a fault with its usual measures."""
    return Fault(fault) if isinstance(fault, Kind) else fault
