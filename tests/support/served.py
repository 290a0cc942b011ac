"""Homes for the replay server in tests, with messages stored as a fetch would; and the server itself."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from support.normalized import answer_of

from tickreel.market.time import EARLIEST_US, LATEST_US
from tickreel.market.types import DatasetKey, DataType
from tickreel.server import HostedServer, ServerPlan
from tickreel.server.chorus import Chorus
from tickreel.server.options import read_options
from tickreel.sources.normalized import ReplayRequest, RowReader
from tickreel.store import Provenance, Source

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from support.normalized import Message

    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache

    Bring = Callable[[Sequence[ReplayOption]], Awaitable[None]]


def store_messages(
    cache: Cache, exchange: str, types: Sequence[DataType], messages: Iterable[Message]
) -> None:
    """Put messages into a cache as a fetch from tardis-machine does, type by type."""
    text = answer_of(messages)
    for data_type in types:
        reader = RowReader(ReplayRequest(exchange, (), (data_type,), EARLIEST_US, LATEST_US))
        blocks = [*reader.feed(text), *reader.rest()]
        names = dict.fromkeys(name for block in blocks for name, _ in block.by_symbol())
        for name in names:
            with cache.ingest(DatasetKey(exchange, name, data_type)) as ingest:
                for block in blocks:
                    own = block.only(name)
                    if len(own):
                        ingest.append(own)
                cuts_us = reader.summary.disconnects_us
                ingest.commit(Provenance(Source.TARDIS_MACHINE, None, disconnects_us=cuts_us))


def played(cache: Cache, options: object) -> list[str]:
    """Play a request without a server; give its messages as text."""
    return played_lines(cache, options).decode().splitlines()


def played_lines(cache: Cache, options: object) -> bytes:
    """Play a request without a server; give its bytes."""
    chorus = Chorus(cache, read_options(json.dumps(options)))
    found = bytearray()
    while (piece := chorus.read()) is not None:
        assert len(piece.local_us) == len(piece.lines)
        found += piece.lines.data.tobytes()
    chorus.close()
    return bytes(found)


def parsed(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Read messages."""
    return [json.loads(line) for line in lines]


ANY_PORTS = ServerPlan(port=0)


class RunningServer:
    """A server on a thread of its own, and the addresses of what it serves."""

    def __init__(self, hosted: HostedServer) -> None:
        self.server = hosted.server
        self.close = hosted.close

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def replay(self, options: object) -> str:
        """Give the address of a replay over HTTP."""
        return f"{self.http}/replay-normalized?options={quote(json.dumps(options))}"

    def socket(self, options: object, *, port: int | None = None, more: str = "") -> str:
        """Give the address of a replay over WebSocket."""
        query = f"options={quote(json.dumps(options))}{more}"
        return f"ws://127.0.0.1:{port or self.server.port}/ws-replay-normalized?{query}"


@contextmanager
def running_server(
    cache: Cache, plan: ServerPlan = ANY_PORTS, *, bring: Bring | None = None
) -> Iterator[RunningServer]:
    """Serve a cache on this machine, at ports that are free."""
    hosted = HostedServer(cache, plan, bring)
    hosted.start()
    try:
        yield RunningServer(hosted)
    finally:
        hosted.close()
