"""Reads server-sent events from a stream of bytes: the data of each event, as the WHATWG standard has it."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LINE_END = re.compile(r"\r\n|\n|\r")
_LONGEST = 1 << 20


class SseError(Exception):
    """Say that the stream is not one of events."""


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the data of each event when it is complete; what is open at the end is dropped.

    Raises:
        SseError: the bytes are no UTF-8, or an event is longer than a mebibyte.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    begun: list[str] = []  # pieces of a line that has not ended, joined once: a server may send byte by byte
    data: list[str] = []
    held, begun_size, data_size = "", 0, 0
    async for chunk in chunks:
        try:
            piece = held + decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise SseError("it is no UTF-8") from error
        # A \r at the very end may be the first half of a \r\n.
        held = "\r" if piece.endswith("\r") else ""
        first, *others = _LINE_END.split(piece.removesuffix("\r"))
        begun.append(first)
        begun_size += len(first)
        for other in others:
            line = "".join(begun)
            begun, begun_size = [other], len(other)
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
                data_size += len(data[-1])
            elif not line and data:
                yield "\n".join(data)
                data.clear()
                data_size = 0
        if begun_size + data_size > _LONGEST:
            raise SseError(f"an event is longer than {_LONGEST} characters")
