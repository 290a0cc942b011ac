"""Work that is seen through to its end though the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")


async def completed(work: Awaitable[T]) -> T:
    """Wait until *work* has ended, and give its result.

    Raises:
        asyncio.CancelledError: the waiting task was cancelled meanwhile, once or several times; by
            then *work* has ended, and what became of it is not told.
    """
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        if not future.cancelled():
            future.exception()  # the end that was asked for stands above it
        raise
