"""A server of a model on a real socket: OpenAI's chat completions, and the ways in which they fail."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Self, TypeAlias

_IDS = re.compile(r'"(w\d+)","figures":\[\["(f\d+)"')


@dataclass
class Request:
    """One request as it arrived, and whether whoever sent it is still there."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes
    closed: Event = field(default_factory=Event)
    """Set once the client has closed the connection before the answer was over."""


class Wire:
    """What a reply writes to: pieces of HTTP."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Transfer-Encoding: chunked"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self._put("\r\n".join((*lines, "", "")).encode())

    async def chunk(self, data: bytes) -> None:
        if data:
            await self._put(b"%x\r\n%s\r\n" % (len(data), data))

    async def event(self, value: object) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        await self.chunk(f"data: {text}\n\n".encode())

    async def text(self, text: str) -> None:
        await self.event({"choices": [{"delta": {"content": text}, "finish_reason": None}]})

    async def end(self) -> None:
        await self._put(b"0\r\n\r\n")

    def cut(self) -> None:
        self._writer.transport.abort()

    async def _put(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


Reply: TypeAlias = Callable[[Request, Wire], Any]


def answer_of(request: Request) -> str:
    """Write a good answer about every window that a request has, citing its first figure."""
    told = request.body["messages"][1]["content"]
    windows = [
        {
            "window": window,
            "summary": f"A figure of window {window} stands out [{figure}].",
            "findings": [
                {
                    "kind": "imbalance",
                    "direction": "up",
                    "confidence": 0.5,
                    "horizon_s": 30,
                    "figures": [figure],
                    "text": "It leans.",
                }
            ],
        }
        for window, figure in _IDS.findall(told)
    ]
    return json.dumps({"windows": windows})


def streams(
    text: str | None = None,
    *,
    usage: tuple[int, int] | None = (900, 150),
    finish: str | None = "stop",
    pieces: int = 5,
    before_s: float = 0.0,
    done: bool = True,
) -> Reply:
    """Stream *text*, else a good answer, in some pieces."""

    async def reply(request: Request, wire: Wire) -> None:
        whole = answer_of(request) if text is None else text
        await asyncio.sleep(before_s)
        await wire.head()
        size = max(1, -(-len(whole) // pieces))
        for start in range(0, len(whole), size):
            await wire.text(whole[start : start + size])
        await wire.event({"choices": [{"delta": {}, "finish_reason": finish}]})
        if usage is not None:
            counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
            await wire.event({"choices": [], "usage": counted})
        if done:
            await wire.event("[DONE]")
        await wire.end()

    return reply


def refuses(status: int, body: object = "no", **headers: str) -> Reply:
    """Refuse with a status."""

    async def reply(_: Request, wire: Wire) -> None:
        kind = "application/json" if isinstance(body, dict) else "text/plain"
        await wire.head(status, kind, **headers)
        await wire.chunk((json.dumps(body) if isinstance(body, dict) else str(body)).encode())
        await wire.end()

    return reply


def sends(*chunks: bytes, kind: str = "text/event-stream", cuts: bool = False) -> Reply:
    """Send these bytes as they are."""

    async def reply(_: Request, wire: Wire) -> None:
        await wire.head(kind=kind)
        for chunk in chunks:
            await wire.chunk(chunk)
        if cuts:
            wire.cut()
        else:
            await wire.end()

    return reply


def stalls(text: str = '{"windows": [{"window": "w1", "summary": "It begins') -> Reply:
    """Begin an answer and say no more until the client is gone."""

    async def reply(_: Request, wire: Wire) -> None:
        await wire.head()
        if text:
            await wire.text(text)
        await asyncio.Event().wait()

    return reply


class FakeChat:
    """Answers with *replies*, one for each request, the last of them ever after; entered as a context."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies or [streams()])
        self.requests: list[Request] = []
        self.at_once = self.most_at_once = 0
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="fake chat", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop
        ).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _shut(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._serve(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(head[0].split()[1], headers, json.loads(raw or b"{}"), raw)
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        answering = asyncio.ensure_future(reply(request, Wire(writer)))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                request.closed.set()
                return False
            try:
                await answering
            except ConnectionError:
                # It left before the first word was written to it, or between two of them.
                request.closed.set()
                return False
        finally:
            self.at_once -= 1
            for each in (answering, leaving):
                each.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)
        # Reading on after a cancelled read is sound: it took nothing.
        return not writer.is_closing()
