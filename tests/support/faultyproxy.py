"""A TCP proxy on loopback that does to a line what bad lines do, on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_PIECE = 65_536
_DRIP_S = 0.02


class Harm(StrEnum):
    """What is done to what the server sends."""

    NONE = "none"
    LATENCY = "latency"
    """Each piece is late."""
    CUT = "cut"
    """The connection ends after some bytes."""
    HALF_OPEN = "half open"
    """Nothing comes any more, and nobody says so."""
    GARBAGE = "garbage"
    """Bytes are changed on the way."""
    DRIP = "drip"
    """One byte at a time, again and again just before one would give up."""


@dataclass
class FaultyProxy:
    """Stands before a server on *port*; a context manager. *harm* may be changed at any time."""

    port: int
    harm: Harm = Harm.NONE
    latency_s: float = 0.05
    cut_after: int = 40
    seed: int = 7
    harmed: int = 0
    """Pieces to which anything was done."""

    def __enter__(self) -> FaultyProxy:
        self._chance = random.Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faulty proxy")
        self._thread.start()
        assert self._started.wait(30)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The address by which the server is reached through it."""
        return f"redis://127.0.0.1:{self.own_port}/0"

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._lines: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.own_port = int(server.sockets[0].getsockname()[1])
        self._started.set()
        await self._stop.wait()
        server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        forth: asyncio.StreamWriter | None = None
        try:
            far, forth = await asyncio.open_connection("127.0.0.1", self.port)
            ways = [
                asyncio.create_task(self._pass_on(near, forth)),
                asyncio.create_task(self._harm(far, back)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(task)
            for writer in (back, forth):
                if writer is not None:
                    writer.close()
                    with suppress(OSError):
                        await writer.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()

    async def _harm(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        while data := await reader.read(_PIECE):
            self.harmed += self.harm is not Harm.NONE
            match self.harm:
                case Harm.LATENCY:
                    await asyncio.sleep(self.latency_s)
                case Harm.CUT if sent + len(data) > self.cut_after:
                    writer.write(data[: max(self.cut_after - sent, 0)])
                    await writer.drain()
                    return
                case Harm.HALF_OPEN:
                    await asyncio.sleep(3_600)
                case Harm.GARBAGE:
                    data = self._spoiled(data)
                case Harm.DRIP:
                    for place in range(len(data)):
                        writer.write(data[place : place + 1])
                        await writer.drain()
                        await asyncio.sleep(_DRIP_S)
                    continue
            sent += len(data)
            writer.write(data)
            await writer.drain()

    def _spoiled(self, data: bytes) -> bytes:
        spoiled = bytearray(data)
        for _ in range(1 + len(data) // 2_000):
            spoiled[self._chance.randrange(len(data))] = self._chance.randrange(256)
        return bytes(spoiled)
