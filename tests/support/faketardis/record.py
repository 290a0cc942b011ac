"""What was asked of the fake and what it gave: in memory, and as lines of JSON that outlive a process."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from support.faketardis.faults import Kind


class Origin(StrEnum):
    """The fake's four servers, each with its own port."""

    API = "api"
    DATASETS = "datasets"
    MACHINE = "machine"
    ELSEWHERE = "elsewhere"
    """Somebody else, to whom REDIRECT leads and who must never see the key."""


@dataclass(slots=True)
class Request:
    """One request as it came, and what became of it so far."""

    origin: Origin
    connection: int
    """Counts from 1; requests of one connection share it."""
    method: str
    path: str
    """Without the query, decoded."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    started_s: float
    """Seconds since the epoch, as is *ended_s*."""
    number: int = 0
    """Counts from 1 in the order of arrival."""
    ended_s: float | None = None
    status: int | None = None
    """None until the answer begins, and for good where none was given."""
    sent_bytes: int = 0
    """Bytes of the body handed to the system."""
    fault: Kind | None = None
    is_complete: bool = False
    """Whether the whole and right body was sent, and not an error, a part, or something damaged."""
    error: str | None = None
    """The fake's own failure, which no test may pass over: :meth:`FakeTardis.close` raises it."""

    @property
    def name(self) -> str:
        """The path without ``/v1/``, as plans and downloads know it."""
        return self.path.removeprefix("/").removeprefix("v1/")

    @property
    def key(self) -> str | None:
        """The bearer's key; None for no header and for an empty one, which some clients send."""
        return self.headers.get("authorization", "").removeprefix("Bearer").strip() or None


@dataclass(slots=True)
class Record:
    """All requests of one fake."""

    log: TextIO | None = None
    requests: list[Request] = field(default_factory=list)
    downloads: Counter[str] = field(default_factory=Counter)
    """Whole right bodies of daily files sent, by name."""
    at_once: int = 0
    most_at_once: int = 0
    """The most requests that were being answered at one time."""
    connections: int = 0
    _lock: Lock = field(default_factory=Lock)

    def begin(self, request: Request) -> None:
        """Note a request that has arrived whole, and number it."""
        with self._lock:
            self.requests.append(request)
            request.number = len(self.requests)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def finish(self, request: Request, *, is_right: bool) -> None:
        """Note that the last bytes are about to go out.

        Before and not after: whoever has got them may look here at once.
        """
        request.is_complete = is_right
        request.ended_s = now_s()
        with self._lock:
            self._count(request, +1)
            self._write(request)

    def end(self, request: Request, *, is_sent: bool) -> None:
        """Note that nothing more happens with a request, and whether all that was meant to be sent was."""
        with self._lock:
            self.at_once -= 1
            if not is_sent:
                self._count(request, -1)
                request.is_complete = False
                request.ended_s = now_s()
                self._write(request)

    def _count(self, request: Request, by: int) -> None:
        if request.is_complete and request.name.endswith(".csv.gz"):
            self.downloads[request.name] += by

    def _write(self, request: Request) -> None:
        if self.log is not None:
            self.log.write(json.dumps(_line_of(request)) + "\n")
            self.log.flush()


def read_log(path: Path) -> list[dict[str, Any]]:
    """Read a log, one entry a request in the order of arrival, also while the fake still writes it.

    Keys are those of :class:`Request`, with ``name`` and with ``has_key`` in place of the headers.
    """
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    # A later line about the same request corrects the earlier one.
    entries = {entry["number"]: entry for entry in map(json.loads, lines)}
    return [entries[number] for number in sorted(entries)]


def _line_of(request: Request) -> dict[str, Any]:
    line = {name: getattr(request, name) for name in Request.__slots__ if name != "headers"}
    return line | {"name": request.name, "has_key": request.key is not None}


def now_s() -> float:
    """Tell the time in seconds since the epoch."""
    return time.time()
