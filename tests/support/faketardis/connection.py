"""One connection of a client to the fake: HTTP/1.1 with keep-alive, down to where it breaks."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import sys
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
from support.faketardis.faults import Fault, Kind
from support.faketardis.record import Origin, Record, Request, now_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.faketardis.answers import Answer
    from support.faketardis.throttle import Throttle
    from support.faketardis.vendor import Vendor

_READ_BYTES = 1 << 16
_DRIPS = 32
_BREAKS = frozenset({Kind.SHORT, Kind.RESET, Kind.STALLED})
_LOST = (OSError, ssl.SSLError)
# What was not sent yet is dropped at the close, and the other side is told so by a reset.
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Connection:
    """Reads requests, one after another, and sends what the vendor answers."""

    def __init__(
        self,
        number: int,
        origin: Origin,
        vendor: Vendor,
        record: Record,
        throttle: Throttle,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._number = number
        self._origin = origin
        self._vendor = vendor
        self._record = record
        self._throttle = throttle
        self._reader, self._writer = streams
        # Whatever was waited for has really gone to the system. (With 0, TLS would wait for ever.)
        self._writer.transport.set_write_buffer_limits(high=1, low=0)
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer until either side has had enough."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
            self._writer.close()
            await self._writer.wait_closed()
        except _LOST:
            self._writer.transport.abort()
        except asyncio.CancelledError:  # the fake is being closed
            self._writer.transport.abort()

    async def _serve_one(self) -> bool:
        """Answer one request; tell whether the connection may live on."""
        try:
            head = await self._next_event()
            if not isinstance(head, h11.Request):
                return False
            while not isinstance(await self._next_event(), h11.EndOfMessage):
                pass
        except h11.RemoteProtocolError as problem:
            await self._refuse(problem.error_status_hint)
            return False
        request = _request_of(self._origin, self._number, head)
        self._record.begin(request)
        is_sent = False
        try:
            is_sent = await self._answer(request)
        except _LOST:
            raise
        except Exception as failure:
            request.error = f"{type(failure).__name__}: {failure}"
            raise ConnectionAbortedError from failure
        finally:
            self._record.end(request, is_sent=is_sent)
        return is_sent and self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _refuse(self, status: int) -> None:
        """Answer what is no HTTP, or has too long a head (431)."""
        if self._http.our_state is h11.IDLE or self._http.our_state is h11.SEND_RESPONSE:
            headers = [("Content-Length", "0"), ("Connection", "close")]
            await self._write([self._http.send(h11.Response(status_code=status, headers=headers)) or b""])

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_READ_BYTES))
        return event

    async def _answer(self, request: Request) -> bool:
        answered = self._vendor.answer(request, self._record.at_once)
        answer, fault = answered.answer, answered.fault
        request.fault = None if fault is None else fault.kind
        if fault is not None and fault.kind is Kind.HANG_UP:
            self._reset()
            return False
        if fault is not None and fault.kind is Kind.SILENT:
            await self._hold(fault)
            return False
        await self._throttle.wait()
        request.status = answer.status
        head = self._head(answer)
        if fault is not None and fault.kind in _BREAKS:
            await self._break(request, answer, fault, head)
            return False
        await self._send_whole(request, answer, fault, head)
        return True

    def _head(self, answer: Answer) -> bytes:
        headers = [("Content-Type", answer.content_type), ("Date", formatdate(usegmt=True)), *answer.headers]
        if isinstance(answer.body, bytes):
            headers.append(("Content-Length", str(len(answer.body))))
        else:
            headers.append(("Transfer-Encoding", "chunked"))
        data = self._http.send(h11.Response(status_code=answer.status, headers=headers))
        return data or b""

    async def _send_whole(self, request: Request, answer: Answer, fault: Fault | None, head: bytes) -> None:
        waiting: list[bytes] = [head]
        for piece in () if request.method == "HEAD" else self._pieces(answer, fault):
            await self._write(waiting)
            if fault is not None and fault.kind is Kind.DRIP:
                await asyncio.sleep(fault.pause_s)
            await self._throttle.take(len(piece))
            waiting = self._http.send_with_data_passthrough(h11.Data(data=piece)) or []
            request.sent_bytes += len(piece)
        waiting = [*waiting, *(self._http.send_with_data_passthrough(h11.EndOfMessage()) or [])]
        self._record.finish(request, is_right=answer.is_data)
        await self._write(waiting)

    async def _break(self, request: Request, answer: Answer, fault: Fault, head: bytes) -> None:
        """Send a share of the body, and then what *fault* says in place of the rest."""
        await self._write([head])
        pieces = list(self._pieces(answer, fault))
        left = int(sum(map(len, pieces)) * fault.at)
        for piece in pieces:
            part = piece[:left]
            if not part:
                break
            await self._throttle.take(len(part))
            await self._write(self._http.send_with_data_passthrough(h11.Data(data=part)) or [])
            request.sent_bytes += len(part)
            left -= len(part)
        if fault.kind is Kind.RESET:
            self._reset()
        elif fault.kind is Kind.STALLED:
            await self._hold(fault)

    def _pieces(self, answer: Answer, fault: Fault | None) -> Iterator[bytes]:
        if not isinstance(answer.body, bytes):
            yield from answer.body
            return
        size = self._throttle.piece_bytes
        if fault is not None and fault.kind is Kind.DRIP:
            size = min(size, -(-len(answer.body) // _DRIPS) or 1)
        for at in range(0, len(answer.body), size):
            yield answer.body[at : at + size]

    async def _write(self, parts: list[bytes]) -> None:
        for part in parts:
            self._writer.write(part)
        await self._writer.drain()

    async def _hold(self, fault: Fault) -> None:
        """Say nothing until the client has left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.hold_s):
                while await self._reader.read(_READ_BYTES):
                    pass

    def _reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._writer.transport.abort()


def _request_of(origin: Origin, connection: int, head: h11.Request) -> Request:
    target = urlsplit(head.target.decode("ascii"))
    return Request(
        origin,
        connection,
        head.method.decode("ascii"),
        unquote(target.path),
        dict(parse_qsl(target.query, keep_blank_values=True)),
        {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
        now_s(),
    )
