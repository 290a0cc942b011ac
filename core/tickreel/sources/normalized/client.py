"""Replays normalized messages from a running tardis-machine, over HTTP."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tickreel.errors import UsageError
from tickreel.sources.normalized.failures import break_off, cut_short, of_connection, refusal
from tickreel.sources.normalized.messages import TroubleTold, read_trouble
from tickreel.sources.normalized.options import options_of
from tickreel.sources.normalized.rows import RowReader, Summary

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from types import TracebackType

    import httpx

    from tickreel.market.block import Block
    from tickreel.sources.normalized.options import ReplayRequest

SILENCE_S = 300.0
"""How long a machine may send nothing: it says nothing while it fetches minutes in which nothing happened."""
_PATH = "replay-normalized"
_LONGEST_TARGET_BYTES = 15_000
"""Node takes 16 KiB of request line and headers together."""
_MOST_ERROR_BYTES = 1 << 16
_PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """How far an answer was read."""

    bytes: int
    lines: int
    rows: int
    local_us: int | None
    """Local time of the newest message, which may lie outside the range; None before the first."""


def replay(
    client: httpx.AsyncClient,
    machine_url: str,
    request: ReplayRequest,
    on_progress: Callable[[ReplayProgress], Awaitable[None]],
    *,
    silence_s: float = SILENCE_S,
) -> Replay:
    """Ask the machine at *machine_url* for rows, block by block; nothing is sent before the first is awaited.

    *on_progress* is awaited for every 64 KB of the answer: it may throttle, and what it raises ends
    the replay.

    Raises:
        UsageError: *machine_url* is no address, or there are more symbols than fit into one request.
    """
    return Replay(_Asked(client, _target(machine_url, request), request, on_progress, silence_s))


@dataclass(frozen=True, slots=True)
class _Asked:
    client: httpx.AsyncClient
    target: httpx.URL
    request: ReplayRequest
    on_progress: Callable[[ReplayProgress], Awaitable[None]]
    silence_s: float


class Replay:
    """The blocks of one answer, in order of local time for each type; iterate once.

    Use it as an asynchronous context manager, so that the connection closes when the caller stops
    early. A task that is cancelled while it waits for a block closes it at once. The rows are
    whole only when the iteration has come to its end: after an error none of them may be kept.

    Iterating raises:
        ReplayFailed: the machine cannot be reached, refuses, fails on the way, or falls silent.
        LineError: what it sends is not what it must be.
    """

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._reader = RowReader(asked.request)
        self._blocks = self._run()

    @property
    def summary(self) -> Summary:
        """What was read so far; of the whole range once the iteration has come to its end."""
        return self._reader.summary

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        return await anext(self._blocks)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; again is nothing."""
        await self._blocks.aclose()

    async def _run(self) -> AsyncGenerator[Block, None]:
        import httpx

        asked, reader = self._asked, self._reader
        if asked.request.from_us == asked.request.to_us:
            return
        where = f"{asked.target.host}:{asked.target.port or asked.target.scheme}"
        try:
            async with aclosing(self._pieces(where)) as pieces:
                async for piece in pieces:
                    for block in reader.feed(piece):
                        yield block
                    await asked.on_progress(self._progress())
        except TroubleTold as told:
            raise break_off(where, told.trouble, told.line - 1) from None
        except httpx.HTTPError as error:
            raise of_connection(where, error, reader.summary.lines, asked.silence_s) from error
        if reader.begun:
            trouble = read_trouble(reader.begun)
            if trouble is not None:
                raise break_off(where, trouble, reader.summary.lines)
            raise cut_short(where, reader.summary.lines, reader.begun)
        for block in reader.rest():
            yield block

    async def _pieces(self, where: str) -> AsyncGenerator[bytes, None]:
        import httpx

        asked = self._asked
        usual = asked.client.timeout  # how patient it is with silence is for other servers
        timeout = httpx.Timeout(
            connect=usual.connect, read=asked.silence_s, write=usual.write, pool=usual.pool
        )
        async with asked.client.stream("GET", asked.target, timeout=timeout) as response:
            if response.status_code != httpx.codes.OK:
                raise refusal(where, response.status_code, await _beginning(response))
            # A machine sends 32 messages at a time; rows are made of more at once, a third faster.
            async for piece in response.aiter_bytes(_PIECE_BYTES):
                yield piece

    def _progress(self) -> ReplayProgress:
        summary = self._reader.summary
        return ReplayProgress(
            summary.bytes, summary.lines, sum(summary.rows.values()), self._reader.last_local_us
        )


def _target(machine_url: str, request: ReplayRequest) -> httpx.URL:
    import httpx

    try:
        base = httpx.URL(machine_url)
    except httpx.InvalidURL:
        base = httpx.URL()
    if base.scheme not in ("http", "https") or not base.host:
        # What was given is not repeated: an address may hold a password.
        raise UsageError("the address of tardis-machine is none: write it like http://localhost:8000")
    place = base.copy_with(path=f"{base.path.rstrip('/')}/{_PATH}", query=None)
    target = place.copy_set_param("options", options_of(request).decode())
    if len(target.raw_path) > _LONGEST_TARGET_BYTES:
        raise UsageError(
            f"{len(request.symbols)} symbols are too many for one request to tardis-machine: "
            "ask for fewer, or for all by naming none"
        )
    return target


async def _beginning(response: httpx.Response) -> bytes:
    """Read as much of a body as an error may need."""
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= _MOST_ERROR_BYTES:
            break
    return body[:_MOST_ERROR_BYTES]
