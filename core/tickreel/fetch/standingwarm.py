"""What standing orders keep in the shared cache: their newest days, put there again before they lapse."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.filling import WarmResult, put_held
from tickreel.market.time import day_of
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.standing import StandingOrder
    from tickreel.progress import Monitor
    from tickreel.shared.supply import SharedSupply
    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)

KEPT_WARM = timedelta(days=31)
"""How far back from today days are kept there: older ones stay as long as the server keeps them."""


def keep_warm(cache: Cache, supply: SharedSupply, orders: Sequence[StandingOrder], monitor: Monitor) -> int:
    """Put what is held of the newest days of some orders there, or let it stay for another while.

    Gives the number of days that were put there anew. A server that fails is left for the next time.

    Raises:
        Cancelled: the monitor said so.
    """
    today = day_of(cache.disk.now_us())
    put = 0
    for order in orders:
        first = max(order.first_day, today - KEPT_WARM)
        if first > today:
            continue
        try:
            done = put_held(cache, supply, [DayRange(order.key, first, today)], monitor)
        except EnvironmentProblem as problem:
            _LOGGER.info("the days of standing orders are not kept in the shared cache: %s", problem)
            break
        for one in done:
            if one.result is WarmResult.FAILED:
                _LOGGER.info("%s %s is not kept in the shared cache: %s", one.key, one.day, one.error)
        put += sum(one.result is WarmResult.PUT for one in done)
    return put
