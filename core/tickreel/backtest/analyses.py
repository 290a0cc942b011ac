"""Analyses that a strategy asks for: the run stands still until each is there."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tickreel.analysis import CallFailed, opened_live
from tickreel.backtest.outcome import AnalysisUse
from tickreel.market.time import US_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tickreel.analysis import Analysis, LiveAnalyses
    from tickreel.store import Cache


_LOOK_S = 0.05
_T = TypeVar("_T")


class Analyses:
    """Ask an analyst, or a record of what one said; a context manager. Nothing is opened before it is asked.

    It keeps a loop of its own, so it cannot be used where one runs in this thread. *look* is called some
    times a second while an answer is awaited, and may raise to wait no longer.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        model: str | None = None,
        record: int | None = None,
        look: Callable[[], object] = lambda: None,
    ) -> None:
        self._cache = cache
        self._look = look
        self._model = model
        self._record = record
        self._runner: asyncio.Runner | None = None
        self._stack = AsyncExitStack()
        self._live: LiveAnalyses | None = None
        self._calls = self._tokens_in = self._tokens_out = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is not None:
            try:
                self._runner.run(self._stack.aclose())
            finally:
                self._runner.close()

    @property
    def use(self) -> AnalysisUse:
        """What was asked so far, and what it did cost."""
        spent_usd = 0.0 if self._live is None else self._live.spent_usd
        return AnalysisUse(
            self._calls, self._tokens_in, self._tokens_out, spent_usd, self._record or self._made_record
        )

    @property
    def _made_record(self) -> int | None:
        return None if self._live is None else self._live.record_id

    def ask(self, exchange: str, symbol: str, end_us: int, window_s: float) -> Analysis:
        """Have the time before an instant analysed, and wait for it.

        Raises:
            NotHeldError, CapReached, CallFailed, NotRecorded: as :func:`tickreel.analyze`.
        """
        if self._runner is None:
            self._runner = asyncio.Runner()
        start_us = end_us - round(window_s * US_PER_SECOND)
        return self._runner.run(self._ask(exchange, symbol, start_us, end_us))

    async def _ask(self, exchange: str, symbol: str, start_us: int, end_us: int) -> Analysis:
        if self._live is None:
            opened = opened_live(self._cache, model=self._model, record=self._record)
            self._live = await self._stack.enter_async_context(opened)
        self._calls += 1
        landed = await self._watched(self._live.analyse(exchange, symbol, start_us, end_us))
        if landed.analysis is None:
            raise landed.error or CallFailed(landed.reason, is_taken=False)
        call = landed.analysis.call
        if call is not None and call.tokens is not None:
            self._tokens_in += call.tokens.sent
            self._tokens_out += call.tokens.received
        return landed.analysis

    async def _watched(self, asking: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.create_task(asking)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
                self._look()
            return await task
        finally:
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
