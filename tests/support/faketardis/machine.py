"""tardis-machine: ``/replay-normalized`` of given messages, chunked, with its ways to fail."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING, Any

from support.faketardis.answers import Answer, json_answer, not_found
from support.faketardis.metadata import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.faketardis.admission import Admission
    from support.faketardis.record import Request

_STREAM = "application/x-json-stream"
_PIECE_BYTES = 10_007
"""Of a size at which lines hardly ever end."""
_UPSTREAM = "https://api.tardis.dev/v1/data-feeds"
_STARTED_S = time.time()


@dataclass(frozen=True, slots=True)
class _Line:
    local_timestamp: str
    kind: str
    symbol: str | None
    text: bytes


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One set of options."""

    exchange: str
    start: datetime
    end: datetime
    symbols: frozenset[str] | None
    kinds: frozenset[str]

    def takes(self, line: _Line) -> bool:
        minute = line.local_timestamp[:16]
        return (
            f"{self.start:%Y-%m-%dT%H:%M}" <= minute < f"{self.end:%Y-%m-%dT%H:%M}"
            and line.kind in self.kinds
            and (self.symbols is None or line.symbol is None or line.symbol.upper() in self.symbols)
        )


class Machine:
    """A tardis-machine that has computed everything beforehand."""

    def __init__(self) -> None:
        self.key: str | None = "secret"
        """The key it was started with; options may bring another. May be changed."""
        self._lines: dict[str, list[_Line]] = {}

    def serve(self, exchange: str, lines: Iterable[str]) -> None:
        """Have these normalized messages of *exchange*, one JSON object each, in the order of local time.

        A request gets those of its minutes, symbols and data types.
        """
        self._lines[exchange] = [_line_of(line) for line in lines]

    def answer(self, request: Request, admission: Admission) -> Answer:
        """Answer any request to the machine."""
        match request.path.rstrip("/"):
            case "/health-check":
                hours = (time.time() - _STARTED_S) / 3600
                return json_answer(
                    {"status": "Healthy", "uptimeHours": hours, "timestampMs": time.time() * 1000}
                )
            case "/replay-normalized":
                return self._replay(request, admission)
        return not_found(request.path)

    def _replay(self, request: Request, admission: Admission) -> Answer:
        try:
            value = json.loads(request.query["options"])
            several = value if isinstance(value, list) else [value]
            wanted = [self._wanted(options) for options in several]
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            return machine_error(500, f"Invalid options: {problem}")
        for one, options in zip(wanted, several, strict=True):
            key = options.get("apiKey") or self.key
            # The upstream is asked for the last and for the first minute before anything is streamed.
            for day in (one.end - timedelta(minutes=1), one.start):
                if one.start < one.end and not admission.opens(
                    key, one.exchange, day.date(), one.symbols or (), raw=True
                ):
                    return machine_error(401, "Unauthorized", f"{_UPSTREAM}/{one.exchange}")
        streams = [filter(one.takes, self._lines[one.exchange]) for one in wanted]
        lines = merge(*streams, key=lambda line: line.local_timestamp)
        late = machine_error(500, "Unexpected end of the upstream", _UPSTREAM).body
        assert isinstance(late, bytes)
        return Answer(200, _STREAM, _pieces(lines), is_data=True, ending=late)

    def _wanted(self, options: dict[str, Any]) -> _Wanted:
        exchange, names = options["exchange"], options["dataTypes"]
        if exchange not in self._lines:
            raise ValueError(f"invalid 'exchange' argument: {exchange}")
        start, end = (moment_of(options[name]).replace(second=0, microsecond=0) for name in ("from", "to"))
        if start > end:
            raise ValueError("'to' has to be later than 'from'")
        if not names:
            raise ValueError("missing normalizers")
        symbols = options.get("symbols")
        return _Wanted(
            exchange,
            start,
            end,
            None if symbols is None else frozenset(symbol.upper() for symbol in symbols),
            frozenset(names) | ({"disconnect"} if options.get("withDisconnectMessages") else set()),
        )


def machine_error(status: int, message: str, url: str | None = None) -> Answer:
    """Fail as tardis-machine does: before the first byte with a status, later as the end of the body."""
    value = {"message": message} if url is None else {"responseText": message, "message": message, "url": url}
    return Answer(status, "application/json", json.dumps(value).encode())


def _line_of(text: str) -> _Line:
    message = json.loads(text)
    kind = message.get("name", message["type"])
    return _Line(message["localTimestamp"], kind, message.get("symbol"), text.rstrip("\n").encode() + b"\n")


def _pieces(lines: Iterable[_Line]) -> Iterator[bytes]:
    waiting = bytearray()
    for line in lines:
        waiting += line.text
        while len(waiting) >= _PIECE_BYTES:
            yield bytes(waiting[:_PIECE_BYTES])
            del waiting[:_PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
