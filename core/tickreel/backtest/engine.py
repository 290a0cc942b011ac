"""The one entry to the engine: a request and a cache in, an outcome out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tickreel.backtest.outcome import Outcome
    from tickreel.backtest.request import BacktestRequest
    from tickreel.progress import Monitor
    from tickreel.store import Cache


def simulate(
    request: BacktestRequest,
    cache: Cache,
    *,
    progress: Monitor = UNWATCHED,
    cancelled: Callable[[], bool] = lambda: False,
    traced: Collection[int] = (),
) -> Outcome:
    """Run a strategy over what the cache holds, in this thread.

    Args:
        request: what to run.
        cache: where the market data and the instrument table are; only read.
        progress: told of microseconds of the range that are done, some times a second.
        cancelled: asked as often; once it says so, the run ends with what there is, as a whole outcome
            that is marked. A monitor that raises Cancelled ends it without one.
        traced: orders, by id, whose way through the queue is wanted; the run is the same with and without.

    Raises:
        UsageError: the strategy, a parameter or a model cannot be.
        NotHeldError: days, an order book or a fact of an instrument are not there; it is named.
        StrategyError: the strategy failed; with file and line.
    """
    raise EnvironmentProblem("this build has no backtest engine yet")
