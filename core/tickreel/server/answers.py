"""Answers over HTTP: replays as JSON lines, rows as an Arrow stream, and how the server is.

Paths, statuses and bodies are tardis-machine's: what goes wrong before the first byte is a status and
an object with the message; after it the status was 200, and that object ends the body, without a line
end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import psutil
from aiohttp import HttpVersion11, web

from tickreel.errors import NotHeldError, TickreelError
from tickreel.server.access import Refused
from tickreel.server.chorus import Chorus
from tickreel.server.options import read_options
from tickreel.server.reading import ReadAhead
from tickreel.server.rowstream import RowStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.server.clients import Client
    from tickreel.server.desk import ServerDesk
    from tickreel.server.options import ReplayOption

JSON_LINES = "application/x-json-stream"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
GOING = "the server is shutting down"
_LOGGER = logging.getLogger(__name__)
_MB = 1 << 20
_SHOWN = 3


def asked_words(options: Iterable[ReplayOption]) -> str:
    """Name what is asked for: exchanges and symbols."""
    words = [" ".join((option.exchange, *option.symbols[:_SHOWN])) for option in options]
    return ", ".join(words[:_SHOWN]) + (", ..." if len(words) > _SHOWN else "")


def status_of(error: TickreelError) -> int:
    """Choose the status of an error before the first byte; tardis-machine gives 500 to wrong options."""
    match error:
        case Refused():
            return error.status
        case NotHeldError():
            return HTTPStatus.NOT_FOUND
    return HTTPStatus.INTERNAL_SERVER_ERROR


def error_body(problem: str) -> bytes:
    """Write what went wrong as tardis-machine does."""
    return json.dumps({"message": problem}, ensure_ascii=False, separators=(",", ":")).encode()


def problem_answer(status: int, problem: str) -> web.Response:
    """Answer with what went wrong."""
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return web.Response(
        status=status, body=error_body(problem), content_type="application/json", headers=headers
    )


class HttpAnswers:
    """Answers the requests of HTTP, those that upgrade to a WebSocket excepted."""

    def __init__(self, desk: ServerDesk) -> None:
        self._desk = desk
        self._began_s = time.monotonic()

    async def answer(self, request: web.BaseRequest, query: Mapping[str, str]) -> web.StreamResponse:
        """Answer one request whose sender may ask."""
        if request.method == "GET":
            match request.path.rstrip("/"):
                case "/health-check":
                    return self._health()
                case "/replay-normalized":
                    return await self._replay(request, query)
                case "/rows":
                    return await self._rows(request, query)
                case "/replay":
                    raise Refused(
                        HTTPStatus.NOT_FOUND,
                        "raw feeds are not kept here: ask for /replay-normalized, or tardis-machine itself",
                    )
        raise Refused(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _health(self) -> web.Response:
        rss_mb = round(psutil.Process().memory_info().rss / _MB, 1)
        said = {
            "status": "Healthy",
            "uptimeHours": round((time.monotonic() - self._began_s) / 3600, 2),
            "timestampMs": time.time_ns() // 1_000_000,
            # There is one heap here, and it is told for each that Node has.
            "memoryInfo": {"rssMB": rss_mb, "heapTotalMB": rss_mb, "heapUsedMB": rss_mb, "externalMB": 0.0},
        }
        return web.Response(body=json.dumps(said).encode(), content_type="application/json")

    async def _replay(self, request: web.BaseRequest, query: Mapping[str, str]) -> web.StreamResponse:
        options = read_options(query.get("options"))
        await self._desk.bring(options)
        with self._desk.serving(request, f"replay-normalized {asked_words(options)}") as client:
            chorus = await self._desk.opened(
                request, lambda monitor: Chorus(self._desk.cache, options, monitor)
            )
            pieces = ReadAhead(self._desk.pool, chorus.read)
            try:
                piece = await pieces.next()
                response = await self._begin(request, JSON_LINES)
                try:
                    while piece is not None:
                        await self._send(response, client, piece.lines.data.tobytes(), len(piece))
                        client.local_us = int(piece.local_us[-1])
                        piece = await pieces.next()
                except TickreelError as error:
                    await response.write(error_body(str(error)))
                except asyncio.CancelledError:
                    if not self._desk.is_closing:
                        raise
                    self._desk.ends_in_order()
                    await response.write(error_body(GOING))
                await response.write_eof()
            finally:
                chorus.close()
                await pieces.close()
        return response

    async def _rows(self, request: web.BaseRequest, query: Mapping[str, str]) -> web.StreamResponse:
        stream = await self._desk.opened(request, lambda monitor: RowStream(self._desk.cache, query, monitor))
        with self._desk.serving(request, f"rows {stream.name}") as client:
            pieces = ReadAhead(self._desk.pool, stream.read)
            try:
                piece = await pieces.next()
                response = await self._begin(request, ARROW_STREAM)
                try:
                    while piece is not None:
                        await self._send(response, client, piece, 0)
                        piece = await pieces.next()
                except (TickreelError, asyncio.CancelledError) as error:
                    # An Arrow stream has no place for words: it breaks off, which its readers notice.
                    _LOGGER.warning("the rows of %s were broken off: %s", stream.name, error)
                    if request.transport is not None:
                        request.transport.abort()
                    raise
                await response.write_eof()
            finally:
                await pieces.close()
        return response

    async def _begin(self, request: web.BaseRequest, content_type: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type})
        if request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        await response.prepare(request)
        return response

    async def _send(self, response: web.StreamResponse, client: Client, data: bytes, messages: int) -> None:
        client.is_waiting = True
        await response.write(data)
        client.is_waiting = False
        client.bytes += len(data)
        client.messages += messages
