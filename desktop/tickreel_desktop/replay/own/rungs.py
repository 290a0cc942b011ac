"""Own orders in the ladder: at their row, an edge, and below the bar how much is ahead of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.market.units import format_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.own.orders import OwnOrders


class Rung(NamedTuple):
    """Own orders of one side at one row."""

    amount: float
    ahead: float
    """Ahead of the first of them; NaN where that is not known."""
    is_exact: bool

    @property
    def words(self) -> str:
        """Say it: ``own 0.02, 1.4 ahead``."""
        if not np.isfinite(self.ahead):
            return f"own {format_amount(self.amount)}"
        when = "ahead" if self.is_exact else "ahead when it joined"
        return f"own {format_amount(self.amount)}, {format_amount(self.ahead)} {when}"


def rungs_of(orders: OwnOrders | None, sight: Sight, at_us: int) -> Mapping[tuple[int, int], Rung]:
    """Give own orders by row and side (0 for bids, 1 for asks) at an instant."""
    found: dict[tuple[int, int], Rung] = {}
    for one in () if orders is None else orders.live(at_us):
        key = (_row(sight, one.price, is_buy=one.is_buy), 0 if one.is_buy else 1)
        before = found.get(key)
        if before is None:
            found[key] = Rung(one.amount, one.ahead, one.is_exact)
        else:
            found[key] = Rung(
                before.amount + one.amount, float(np.fmin(before.ahead, one.ahead)), one.is_exact
            )
    return found


def _row(sight: Sight, price: float, *, is_buy: bool) -> int:
    at = np.array([price])
    return int((sight.scale.floor if is_buy else sight.scale.ceil)(at)[0])
