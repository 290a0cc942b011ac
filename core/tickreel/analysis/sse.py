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
    rest = ""
    data: list[str] = []
    async for chunk in chunks:
        try:
            rest += decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise SseError("it is no UTF-8") from error
        # A \r at the very end may be the first half of a \r\n.
        held = "\r" if rest.endswith("\r") else ""
        *lines, rest = _LINE_END.split(rest.removesuffix("\r") if held else rest)
        rest += held
        if len(rest) + sum(map(len, data)) > _LONGEST:
            raise SseError(f"an event is longer than {_LONGEST} characters")
        for line in lines:
            if line:
                name, _, value = line.partition(":")
                if name == "data":
                    data.append(value.removeprefix(" "))
            elif data:
                yield "\n".join(data)
                data.clear()
