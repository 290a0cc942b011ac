"""Answers over WebSocket: a replay as frames of text, played as its client says."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from tickreel.errors import NotHeldError, TickreelError
from tickreel.market.time import format_us, parse_instant
from tickreel.replay.speed import MAX_SPEED, checked_speed
from tickreel.server.access import Refused
from tickreel.server.answers import GOING, asked_words
from tickreel.server.commands import Hash, Pause, Resume, Seek, SetSpeed, Status, Step, read_command
from tickreel.server.lines import framed
from tickreel.server.options import read_options
from tickreel.server.playing import Player

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.server.clients import Client
    from tickreel.server.commands import Command
    from tickreel.server.desk import ServerDesk

REPLAY_PATH = "/ws-replay-normalized"
FINISHED = "WS replay-normalized finished"
_LONGEST_REASON_BYTES = 123
_MOST_INCOMING_BYTES = 512 * 1024
_PING_EVERY_S = 30.0
_CLOSE_PATIENCE_S = 5.0
_LOGGER = logging.getLogger(__name__)


class SocketAnswers:
    """Answers the requests that upgrade to a WebSocket."""

    def __init__(self, desk: ServerDesk) -> None:
        self._desk = desk

    async def answer(self, request: web.BaseRequest, query: Mapping[str, str]) -> web.StreamResponse:
        """Answer one request whose sender may ask; what is wrong with it is told as it is closed."""
        socket = web.WebSocketResponse(
            compress=False, autoping=False, max_msg_size=_MOST_INCOMING_BYTES, timeout=_CLOSE_PATIENCE_S
        )
        await socket.prepare(request)
        path = request.path.rstrip("/")
        if path != REPLAY_PATH:
            await _close(socket, WSCloseCode.POLICY_VIOLATION, f"there is no {path[:40]} here")
            return socket
        try:
            await self._replay(request, socket, query)
        except Refused as error:
            await _close(socket, WSCloseCode.TRY_AGAIN_LATER, str(error))
        except TickreelError as error:
            await _close(socket, WSCloseCode.INTERNAL_ERROR, str(error))
        except asyncio.CancelledError:
            if not self._desk.is_closing:
                raise
            self._desk.ends_in_order()
            await _close(socket, WSCloseCode.GOING_AWAY, GOING)
        except ConnectionError:
            _LOGGER.info("a client went away: %s", request.remote)
        return socket

    async def _replay(
        self, request: web.BaseRequest, socket: web.WebSocketResponse, query: Mapping[str, str]
    ) -> None:
        options = read_options(query.get("options"))
        speed = checked_speed(query.get("speed", "max"))
        await self._desk.bring(options)
        with self._desk.serving(request, f"ws-replay-normalized {asked_words(options)}") as client:
            player = Player(self._desk, request, options, speed, is_paused=query.get("paused") == "true")
            try:
                await player.begin()
                await _Conversation(request, socket, player, client).hold()
            finally:
                await player.close()


class _Conversation:
    """One client: what is sent to it, and what it says meanwhile."""

    def __init__(
        self, request: web.BaseRequest, socket: web.WebSocketResponse, player: Player, client: Client
    ) -> None:
        self._request = request
        self._socket = socket
        self._player = player
        self._client = client
        self._heard = True

    async def hold(self) -> None:
        """Play to the end, and close; or until the client goes away."""
        sending = asyncio.create_task(self._send_all())
        listening = asyncio.create_task(self._listen())
        pinging = asyncio.create_task(self._ping())
        tasks = (sending, listening, pinging)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
                await _close(self._socket, WSCloseCode.OK, FINISHED)
            elif listening.done():
                listening.result()
            else:
                pinging.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_all(self) -> None:
        async for piece in self._player.pieces():
            await self._write(framed(piece.lines))
            self._client.messages += len(piece)
            self._client.local_us = int(piece.local_us[-1])

    async def _write(self, frames: bytes) -> None:
        """Send whole frames at once, and wait while the client reads no more."""
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        # Between two messages of aiohttp's own writer, which writes whole frames as well.
        transport.write(frames)
        self._client.is_waiting = True
        await self._request.writer.drain()
        self._client.is_waiting = False
        self._client.bytes += len(frames)

    async def _listen(self) -> None:
        async for message in self._socket:
            self._heard = True
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await self._socket.send_str(json.dumps(await self._obey(message.data)))

    async def _obey(self, text: str | bytes) -> dict[str, object]:
        try:
            command = read_command(text)
            return await self._done(command)
        except TickreelError as error:
            return {"type": "control", "op": "error", "message": str(error)}

    async def _done(self, command: Command) -> dict[str, object]:
        player = self._player
        books: list[dict[str, str]] | None = None
        match command:
            case Pause():
                player.pause()
            case Resume():
                player.resume()
            case SetSpeed():
                player.set_speed(checked_speed(command.speed))
            case Step():
                player.step(command.messages)
            case Seek():
                player.seek(parse_instant(command.at))
            case Hash():
                books = [
                    {"exchange": book.exchange, "symbol": book.symbol, "stateHash": book.state_hash}
                    for book in await player.hashes()
                ]
                if not books:
                    raise NotHeldError("none of the messages asked for comes from a book")
            case Status():
                pass
        said: dict[str, object] = {
            "type": "control",
            "op": command.__struct_config__.tag,
            "paused": player.is_paused,
            "speed": MAX_SPEED if player.speed is None else player.speed,
            "localTimestamp": format_us(player.at_us),
        }
        return said if books is None else said | {"books": books}

    async def _ping(self) -> None:
        """Notice a client that is gone without a word; one that only reads slowly is waited for."""
        while True:
            self._heard = False
            if not self._client.is_waiting:
                await self._socket.ping()
            else:
                self._heard = True
            await asyncio.sleep(_PING_EVERY_S)
            if not self._heard and not self._client.is_waiting:
                raise ConnectionResetError("the client does not answer")


async def _close(socket: web.WebSocketResponse, code: int, reason: str) -> None:
    cut = reason.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore").encode()
    with suppress(ConnectionError):
        await socket.close(code=code, message=cut)
