"""The raw feed ``/data-feeds/{exchange}``: minutes of what an exchange sent, compressed."""

from __future__ import annotations

import gzip
import json
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from support.faketardis.answers import Answer, error, not_found, unauthorized
from support.faketardis.damage import in_members, zstd_frame
from support.faketardis.metadata import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.faketardis.admission import Admission
    from support.faketardis.record import Request

_MOST_MINUTES = 60 * 24
_COMPRESSIONS = ("gzip", "zstd", "zstd-multiframe")


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message, or with no channel the end of the recorder's connection."""

    local_timestamp: str
    """28 characters, ``2020-03-01T00:00:00.1234567Z``."""
    channel: str | None = None
    symbol: str | None = None
    message: str = ""
    """The exchange's own JSON."""

    @property
    def line(self) -> str:
        """As the feed has it; an empty line where a connection ended."""
        return "\n" if self.channel is None else f"{self.local_timestamp} {self.message}\n"


class RawFeed:
    """Messages by exchange, cut into slices by the minute."""

    def __init__(self) -> None:
        self.suggested_minutes = 1
        """What the server would like clients to ask for at once. May be changed."""
        self._messages: dict[str, list[RawMessage]] = {}

    def serve(self, exchange: str, messages: Iterable[RawMessage]) -> None:
        """Have these messages of *exchange*, in the order of their local timestamps."""
        self._messages[exchange] = sorted(messages, key=lambda one: one.local_timestamp)

    def answer(self, request: Request, exchange: str, admission: Admission) -> Answer:
        """Answer one slice."""
        if exchange not in self._messages:
            return not_found(request.path)
        try:
            start = moment_of(request.query.get("from", "")).replace(second=0, microsecond=0)
        except ValueError:
            return error(400, "'from' has to be a date in ISO 8601 format.")
        try:
            start += timedelta(minutes=int(request.query.get("offset", "0")))
            minutes = int(request.query.get("sliceSize", "1"))
            filters = _filters_of(request.query.get("filters", "[]"))
            compression = _compression_of(request)
        except ValueError as problem:
            return error(400, str(problem))
        if not 1 <= minutes <= _MOST_MINUTES:
            return error(400, "'sliceSize' is out of its range.")
        symbols = {symbol for wanted in filters.values() for symbol in wanted or ()}
        if not admission.opens(request.key, exchange, start.date(), symbols, raw=True):
            return unauthorized(request.key is not None)
        text = self._slice(exchange, start, minutes, filters)
        headers = (
            ("Content-Encoding", compression.removesuffix("-multiframe")),
            ("X-Slice-Size", str(minutes)),
            ("X-Suggested-Slice-Size", str(self.suggested_minutes)),
            ("X-Name", f"{exchange}/{start:%Y/%m/%d/%H/%M}"),
        )
        return Answer(200, "text/plain; charset=utf-8", _packed(text, compression), headers, is_data=True)

    def _slice(
        self, exchange: str, start: datetime, minutes: int, filters: dict[str, frozenset[str] | None]
    ) -> bytes:
        messages = self._messages[exchange]
        low, high = (
            bisect_left(messages, f"{moment:%Y-%m-%dT%H:%M}", key=lambda one: one.local_timestamp)
            for moment in (start, start + timedelta(minutes=minutes))
        )
        return "".join(one.line for one in messages[low:high] if _passes(one, filters)).encode()


def _passes(message: RawMessage, filters: dict[str, frozenset[str] | None]) -> bool:
    if message.channel is None or not filters:
        return True
    if message.channel not in filters:
        return False
    symbols = filters[message.channel]
    return symbols is None or message.symbol is None or message.symbol in symbols


def _filters_of(text: str) -> dict[str, frozenset[str] | None]:
    """Read the parameter ``filters``: symbols by channel, None for all.

    Raises:
        ValueError: it is not of that form.
    """
    wanted: dict[str, frozenset[str] | None] = {}
    value: Any = json.loads(text)
    for one in value if isinstance(value, list) else [None]:
        if not isinstance(one, dict) or not isinstance(one.get("channel"), str):
            raise ValueError("'filters' has to be a list of channels.")
        symbols = one.get("symbols")
        wanted[one["channel"]] = None if symbols is None else frozenset(symbols)
    return wanted


def _compression_of(request: Request) -> str:
    asked = request.query.get("compression")
    if asked is not None:
        if asked not in _COMPRESSIONS:
            raise ValueError("'compression' is not one of gzip, zstd and zstd-multiframe.")
        return asked
    accepted = {
        part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")
    }
    for name in ("zstd", "gzip"):
        if name in accepted:
            return name
    raise ValueError("'Accept-Encoding' has to allow gzip or zstd.")


def _packed(text: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(text, 6, mtime=0)
    frame = zstd_frame(text)
    return in_members(frame) if compression == "zstd-multiframe" else frame
