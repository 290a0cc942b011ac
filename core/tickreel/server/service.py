"""The server itself: its two ports, from start to an end in good order."""

from __future__ import annotations

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from weakref import WeakSet

from aiohttp import web

from tickreel.errors import EnvironmentProblem, TickreelError, UsageError
from tickreel.server.access import Refused
from tickreel.server.answers import HttpAnswers, problem_answer, status_of
from tickreel.server.desk import ServerDesk
from tickreel.server.sockets import SocketAnswers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tickreel.server.clients import Traffic
    from tickreel.server.options import ReplayOption
    from tickreel.server.plan import ServerPlan
    from tickreel.store import Cache

_LONGEST_LINE_BYTES = 64 * 1024
"""Of a request: a few thousand symbols."""
_LONGEST_HEADER_BYTES = 16 * 1024
_MOST_PARAMETERS = 32
_LONGEST_PATH = 200
"""Of a path, in the log."""
_PATIENCE_S = 5.0
"""How long an answer that is broken off may take to say so."""
_PROTOCOL = logging.getLogger("tickreel.server.protocol")
_LAST_LOOKS = 50
_ACCESS = logging.getLogger("tickreel.server.access")
_LOGGER = logging.getLogger(__name__)


def _demote(record: logging.LogRecord) -> bool:
    """Let what a client did wrong be no error of ours: a request that is none, a line that is too long."""
    record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
    return True


_PROTOCOL.addFilter(_demote)


class ReplayServer:
    """Serves one cache; started and closed on one loop.

    *bring* is awaited before each replay, to fetch what is missing.
    """

    def __init__(
        self,
        cache: Cache,
        plan: ServerPlan,
        bring: Callable[[Sequence[ReplayOption]], Awaitable[None]] | None = None,
    ) -> None:
        self._plan = plan
        self._gate = plan.gate
        self._pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "tickreel serve")
        self._desk = ServerDesk(cache, self._pool, bring)
        self._http = HttpAnswers(self._desk)
        self._sockets = SocketAnswers(self._desk)
        self._stack = AsyncExitStack()
        self._lines: WeakSet[asyncio.Transport] = WeakSet()
        self.port = 0
        """The port of HTTP, once it is started."""
        self.socket_port = 0
        """The port of WebSocket alone."""

    @property
    def traffic(self) -> Traffic:
        """What it has done so far, from any thread."""
        return self._desk.clients.traffic()

    @property
    def address(self) -> str:
        """Where it is reached over HTTP."""
        host = f"[{self._plan.address}]" if ":" in self._plan.address else self._plan.address
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            EnvironmentProblem: an address or port is not to be had.
        """
        self._stack.callback(self._pool.shutdown)
        try:
            self.port = await self._listen(self._plan.port, takes_http=True)
            socket_port = self._plan.port + 1 if self._plan.port else 0
            self.socket_port = await self._listen(socket_port, takes_http=False)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Take no more requests, tell those being served that it ends, and end."""
        self._desk.break_off()
        await self._stack.aclose()
        # A line that is closed still sends what lies ready, for which its reader gets some time.
        for _ in range(_LAST_LOOKS):
            if not any(line.get_write_buffer_size() for line in self._lines):
                break
            await asyncio.sleep(_PATIENCE_S / _LAST_LOOKS)
        for line in self._lines:
            line.abort()
        await asyncio.sleep(0)

    async def _listen(self, port: int, *, takes_http: bool) -> int:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(request, takes_http=takes_http)

        server = web.Server(
            answer,
            access_log=None,
            logger=_PROTOCOL,
            max_line_size=_LONGEST_LINE_BYTES,
            max_field_size=_LONGEST_HEADER_BYTES,
            handler_cancellation=True,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_PATIENCE_S)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, self._plan.address, port).start()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise EnvironmentProblem(
                f"port {port} of {self._plan.address} is not to be had: {reason}; choose another with --port"
            ) from error
        return int(runner.addresses[0][1])

    async def _answer(self, request: web.BaseRequest, *, takes_http: bool) -> web.StreamResponse:
        if isinstance(request.transport, asyncio.Transport):
            self._lines.add(request.transport)
        began_s, status = perf_counter(), "broken off"
        try:
            response = await self._answered(request, takes_http=takes_http)
            status = str(response.status)
        finally:
            # Neither the query nor any header: either may hold what only its sender knows.
            _ACCESS.info(
                "%s %s %s %s %.3f s",
                request.remote,
                request.method,
                request.path[:_LONGEST_PATH],
                status,
                perf_counter() - began_s,
            )
        return response

    async def _answered(self, request: web.BaseRequest, *, takes_http: bool) -> web.StreamResponse:
        try:
            query = _query_of(request)
            self._gate.check(request.headers, query.get("token"))
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._sockets.answer(request, query)
            if takes_http:
                return await self._http.answer(request, query)
            raise Refused(HTTPStatus.UPGRADE_REQUIRED, "this port is for WebSocket alone")
        except TickreelError as error:
            self._desk.clients.refuse()
            return problem_answer(status_of(error), str(error))
        except ConnectionError:
            _LOGGER.info("a client went away: %s", request.remote)
            raise
        except Exception:
            _LOGGER.exception("a request failed: %s", request.path[:_LONGEST_PATH])
            raise


def _query_of(request: web.BaseRequest) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            request.rel_url.raw_query_string, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise UsageError(f"the query cannot be read: {error}") from None
    return dict(reversed(pairs))
