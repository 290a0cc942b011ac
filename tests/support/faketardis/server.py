"""The fake's sockets: four origins on loopback ports of their own, in a thread of their own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from support.faketardis.connection import Connection
from support.faketardis.record import Origin, Record, Request
from support.faketardis.throttle import Throttle
from support.faketardis.vendor import Vendor

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Coroutine, Iterator, Mapping
    from pathlib import Path

    from support.faketardis.authority import Authority
    from support.faketardis.bodies import Source

_HOST = "127.0.0.1"
_BACKLOG = 1024
_TURNS_OF_ACCEPTING = 4
"""So many turns after a socket was accepted at most its connection is served, and can be ended."""


class FakeTardis(Vendor):
    """Stands in for the vendor's servers while it is entered as a context, or from start to close.

    *files* is a folder in the vendor's layout or a :class:`Source`. *key* opens what is not free;
    None lets everybody in. *exchanges* replaces what the files say of an exchange, key by key.
    With *tls* everything is served over TLS. *log* takes a line of JSON for each request. *port* is
    the first of four in a row; 0 takes any that are free.
    """

    def __init__(
        self,
        files: Path | Source,
        *,
        key: str | None = "secret",
        exchanges: Mapping[str, Mapping[str, Any]] | None = None,
        tls: Authority | None = None,
        log: Path | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(files, key=key, exchanges=exchanges)
        self._tls = tls
        self._ports = {origin: port and port + n for n, origin in enumerate(Origin)}
        self._record = Record(None if log is None else log.open("a", encoding="utf-8"))
        self._throttle = Throttle()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="fake Tardis", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: a port that was asked for is taken.
        """
        self._thread.start()
        try:
            self._call(self._open())
        except BaseException:
            self._end()
            raise
        self.elsewhere_url = self._url(Origin.ELSEWHERE)

    def close(self) -> None:
        """End all connections and listen no more.

        Raises:
            AssertionError: the fake itself failed at a request, so what it gave proves nothing.
        """
        self._call(self._shut())
        self._end()
        failed = [request for request in self.requests if request.error]
        if failed:
            raise AssertionError(f"the fake failed at {failed[0].path}: {failed[0].error}")

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse all connections inside the context, as if there were no server; the ports stay the same."""
        self._call(self._shut())
        try:
            yield
        finally:
            self._call(self._open())

    @property
    def api_url(self) -> str:
        """Metadata and raw feed, with ``/v1``."""
        return f"{self._url(Origin.API)}/v1"

    @property
    def datasets_url(self) -> str:
        """Daily files, with ``/v1``."""
        return f"{self._url(Origin.DATASETS)}/v1"

    @property
    def machine_url(self) -> str:
        """tardis-machine."""
        return self._url(Origin.MACHINE)

    @property
    def requests(self) -> list[Request]:
        """Every request in the order of arrival, from the moment it has arrived."""
        return self._record.requests

    @property
    def downloads(self) -> Counter[str]:
        """How often each daily file was sent whole and right, by path without ``/v1/``."""
        return self._record.downloads

    @property
    def most_at_once(self) -> int:
        """The most requests that were being answered at one time."""
        return self._record.most_at_once

    @property
    def bytes_per_s(self) -> float | None:
        """A cap on all bodies together; None is as fast as it goes. May be changed."""
        return self._throttle.bytes_per_s

    @bytes_per_s.setter
    def bytes_per_s(self, value: float | None) -> None:
        self._throttle.bytes_per_s = value

    @property
    def latency_s(self) -> float:
        """Seconds before each answer. May be changed."""
        return self._throttle.latency_s

    @latency_s.setter
    def latency_s(self, value: float) -> None:
        self._throttle.latency_s = value

    def requests_to(self, origin: Origin) -> list[Request]:
        """List what came to one origin."""
        return [request for request in self.requests if request.origin is origin]

    def _url(self, origin: Origin) -> str:
        return f"{'http' if self._tls is None else 'https'}://{_HOST}:{self._ports[origin]}"

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._record.log is not None:
            self._record.log.close()

    async def _open(self) -> None:
        for origin in Origin:
            await self._listen(origin)

    async def _listen(self, origin: Origin) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._record.connections += 1
            number = self._record.connections
            served = Connection(number, origin, self, self._record, self._throttle, (reader, writer)).serve()
            task = asyncio.create_task(served)
            self._tasks.add(task)

            def end(task: asyncio.Task[None]) -> None:
                self._tasks.discard(task)
                writer.transport.abort()  # one that was cancelled before its first step did not do so

            task.add_done_callback(end)

        context = None if self._tls is None else self._tls.server_context()
        server = await asyncio.start_server(
            accept, _HOST, self._ports[origin], ssl=context, backlog=_BACKLOG, limit=1 << 20
        )
        self._ports[origin] = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        for _ in range(_TURNS_OF_ACCEPTING):
            await asyncio.sleep(0)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(list(self._tasks))
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
        # Transports that were aborted are closed one turn later.
        await asyncio.sleep(0)
