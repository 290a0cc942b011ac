"""Measures what a window's trades tell: flow, runs of one side, sweeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.analysis.figures import SWEEP_PRICES, SWEEP_US
from tickreel.book.features import BPS
from tickreel.book.flow import Windows, trade_flow
from tickreel.market.time import US_PER_SECOND
from tickreel.replay.series import TradeSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUY, _SELL = 0, 1
_DIRECTION = np.array([1.0, -1.0])


def measure_tape(trades: TradeSeries, start_us: int, end_us: int) -> dict[str, float | int | None]:
    """Measure the trades of [start_us, end_us); what has no meaning without trades is left out."""
    flow = trade_flow(trades.time_us, trades.side, trades.amount, Windows(start_us, end_us - start_us, 1))
    bought, sold = float(flow.buy_amount[0]), float(flow.sell_amount[0])
    values: dict[str, float | int | None] = {
        "trades": len(trades),
        "trade_rate": len(trades) * US_PER_SECOND / (end_us - start_us),
        "buy_amount": bought,
        "sell_amount": sold,
    }
    if bought + sold > 0:
        values["trade_flow_share"] = float(flow.net_amount[0]) / (bought + sold)
    is_priced = ~(np.isnan(trades.price) | np.isnan(trades.amount))
    amount = trades.amount[is_priced]
    if amount.sum() > 0:
        values["trade_largest"] = float(amount.max())
        values["trade_vwap"] = float((trades.price[is_priced] * amount).sum() / amount.sum())
    return values | _runs(trades) | _sweeps(trades)


def _runs(trades: TradeSeries) -> dict[str, float | int | None]:
    side = trades.side[(trades.side == _BUY) | (trades.side == _SELL)]
    first, last = _stretches(side[1:] != side[:-1], len(side))
    lengths = last - first

    def longest(of: int) -> int:
        return int(lengths[side[first] == of].max(initial=0))

    values: dict[str, float | int | None] = {
        "runs": len(first),
        "run_longest_buy": longest(_BUY),
        "run_longest_sell": longest(_SELL),
    }
    if len(first):
        values["run_mean"] = float(lengths.mean())
    return values


def _sweeps(trades: TradeSeries) -> dict[str, float | int | None]:
    """Count the sweeps, and measure the largest."""
    tape = _taken(trades)
    first, last = _swept(tape)
    values: dict[str, float | int | None] = {
        "sweeps_buy": int(np.count_nonzero(tape.side[first] == _BUY)),
        "sweeps_sell": int(np.count_nonzero(tape.side[first] == _SELL)),
    }
    if len(first):
        sizes = _sizes(tape, first, last)
        largest = int(np.argmax(sizes))
        begun, ended = float(tape.price[first[largest]]), float(tape.price[last[largest] - 1])
        values["sweep_amount"] = float(sizes[largest])
        if begun > 0:
            values["sweep_move"] = BPS * (ended - begun) / begun
    return values


def tape_moments(trades: TradeSeries) -> dict[str, int]:
    """Give the microseconds of the largest trade, and of the last one of longest runs and largest sweep."""
    found: dict[str, int] = {}
    is_priced = ~(np.isnan(trades.price) | np.isnan(trades.amount))
    if trades.amount[is_priced].sum() > 0:
        found["trade_largest"] = int(trades.time_us[is_priced][np.argmax(trades.amount[is_priced])])
    is_sided = (trades.side == _BUY) | (trades.side == _SELL)
    side, time_us = trades.side[is_sided], trades.time_us[is_sided]
    first, last = _stretches(side[1:] != side[:-1], len(side))
    for name, of in (("run_longest_buy", _BUY), ("run_longest_sell", _SELL)):
        lengths = np.where(side[first] == of, last - first, 0)
        if lengths.any():
            found[name] = int(time_us[last[np.argmax(lengths)] - 1])
    tape = _taken(trades)
    first, last = _swept(tape)
    if len(first):
        at_us = int(tape.time_us[last[np.argmax(_sizes(tape, first, last))] - 1])
        found["sweep_amount"] = found["sweep_move"] = at_us
    return found


def sweep_moments(before: TradeSeries, trades: TradeSeries) -> tuple[NDArray[np.int64], TradeSeries]:
    """Give the moments at which a sweep took its last price that makes it one, among *trades*.

    *before* is what the call for the trades before these gave back, none at first: the stretch that may
    still become a sweep.
    """
    tape = _taken(TradeSeries.joined([before, trades]))
    first, _, prices = _sweeping(tape)
    reached = np.flatnonzero(prices == SWEEP_PRICES)
    # Later trades at that price reach it no more, and what *before* reached was told of already.
    is_new = (reached >= len(before)) & (prices[reached - 1] < SWEEP_PRICES)
    return tape.time_us[reached[is_new]], _from(tape, int(first[-1]) if len(first) else 0)


def _swept(tape: TradeSeries) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find quick trades of one side whose price goes its way; give first and last of each sweep."""
    first, last, prices = _sweeping(tape)
    is_sweep = prices[last - 1] >= SWEEP_PRICES
    return first[is_sweep], last[is_sweep]


def _sizes(tape: TradeSeries, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
    amount = np.nan_to_num(tape.amount)
    return np.array([amount[low:high].sum() for low, high in zip(first, last, strict=True)])


def _taken(trades: TradeSeries) -> TradeSeries:
    """Leave out trades without a side or a price."""
    is_taken = ((trades.side == _BUY) | (trades.side == _SELL)) & ~np.isnan(trades.price)
    return TradeSeries(
        trades.time_us[is_taken], trades.side[is_taken], trades.price[is_taken], trades.amount[is_taken]
    )


def _from(trades: TradeSeries, start: int) -> TradeSeries:
    return TradeSeries(
        trades.time_us[start:], trades.side[start:], trades.price[start:], trades.amount[start:]
    )


def _sweeping(tape: TradeSeries) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Cut trades where no sweep can go on; give first and last of each stretch, and its prices up to each."""
    onward = np.diff(tape.price) * _DIRECTION[tape.side[1:]]
    first, last = _stretches(
        (tape.side[1:] != tape.side[:-1]) | (np.diff(tape.time_us) > SWEEP_US) | (onward < 0), len(tape)
    )
    # A price never goes back inside a stretch, so that each change is another price.
    changes = np.concatenate(([0], np.cumsum(onward > 0)))[: len(tape)]
    return first, last, changes - np.repeat(changes[first], last - first) + 1


def _stretches(is_cut: NDArray[np.bool_], length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the first place of each stretch between cuts, and the place after its last."""
    if not length:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    cuts = np.flatnonzero(is_cut) + 1
    return np.concatenate(([0], cuts)), np.append(cuts, length)
