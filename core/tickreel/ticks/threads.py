"""Methods that wait for the disk, as coroutines that do so in a thread."""

from __future__ import annotations

import asyncio
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def in_thread(method: Callable[_Given, _Answer]) -> Callable[_Given, Coroutine[Any, Any, _Answer]]:
    """Make the twin of *method* that takes and gives the same without blocking the loop."""

    @wraps(method)
    async def twin(*args: _Given.args, **named: _Given.kwargs) -> _Answer:
        return await asyncio.to_thread(method, *args, **named)

    return twin
