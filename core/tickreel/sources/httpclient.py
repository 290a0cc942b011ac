"""The HTTP client: httpx's, whose connections are closed to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from tickreel.sources.completion import completed

if TYPE_CHECKING:
    from types import TracebackType


class HttpClient(httpx.AsyncClient):
    """Closes each of its connections, though the task that closes it is cancelled on the way.

    httpx closes them one after the other and shields that from anyio's cancellations alone: at one of
    asyncio it lets go of the sockets that are still open, until the garbage collector finds them.
    """

    async def aclose(self) -> None:
        """Close all connections."""
        await completed(super().aclose())

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await completed(super().__aexit__(exc_type, exc_value, traceback))
