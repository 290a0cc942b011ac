"""Measures the figures of a snapshot from what was observed, by formulas that stand elsewhere where they do.

Each function gives values by the figure's name, NaN or None where one has no meaning in this window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.analysis.figures import LEANING, PARTS, RATIO_STEPS, TIGHT, WALL_LEVELS, WALL_TIMES, WIDE
from tickreel.analysis.tape import measure_tape
from tickreel.book.features import BPS, microprice, mid, order_flow_imbalance, spread_bps
from tickreel.book.flow import Windows, annualise, order_flow, realised_volatility, time_weighted_mean
from tickreel.market.time import US_PER_SECOND
from tickreel.replay.bands import BandKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.analysis.observation import Observation, Weights
    from tickreel.book import Book
    from tickreel.book.series import Touch

    Series = NDArray[np.float64]

Value = float | int | str | None
_STEPS_US = (1_000_000, 100_000, 10_000, 1_000, 100, 10, 1)
_FEWEST_STEPS = 60
_NO_DOUBTS = {BandKind.GAP, BandKind.RESET, BandKind.PRECISION_CHANGE}
"""Gaps are counted by themselves; the others are met in every sound feed."""


def measure(seen: Observation) -> dict[str, Value]:
    """Measure every figure that the window has; those left out have no value."""
    values: dict[str, Value] = {"duration": (seen.end_us - seen.start_us) / US_PER_SECOND}
    if seen.end_us > seen.start_us:
        if seen.touch is not None and seen.weights is not None:
            values |= _touch(seen, seen.touch)
            values |= _weights(seen, seen.weights)
            values |= _clock(seen, seen.touch)
            values |= {"book_messages": seen.messages, "resets": seen.resets}
        if seen.book is not None:
            values |= dict(_walls(seen.book))
        if seen.trades is not None:
            values |= measure_tape(seen.trades, seen.start_us, seen.end_us)
    values |= _health(seen)
    return values


def _touch(seen: Observation, touch: Touch) -> dict[str, Value]:
    price, gap = mid(touch), spread_bps(touch)
    first, last = _first_known(price), float(price[-1])
    whole = _window(seen, 1)
    third = _last_third(seen)
    gaps = time_weighted_mean(touch.time_us, gap, _window(seen, 3))
    mean = float(time_weighted_mean(touch.time_us, gap, whole)[0])
    parts = time_weighted_mean(touch.time_us, gap, _window(seen, PARTS)) / mean
    regimes = np.where(parts < TIGHT, -1, np.where(parts > WIDE, 1, 0))[~np.isnan(parts)]
    flow = np.abs(order_flow_imbalance(touch))
    total_flow = float(order_flow(touch, whole)[0])
    offset = (microprice(touch)[-1] - last) / last if last > 0 else np.nan
    return {
        "mid_first": first,
        "mid_last": last,
        "mid_low": _least(price),
        "mid_high": -_least(-price),
        "spread_mean": mean,
        "spread_last": float(gap[-1]),
        "spread_low": _least(gap[1:]),
        "spread_high": -_least(-gap[1:]),
        "spread_first_third": float(gaps[0]),
        "spread_last_third": float(gaps[2]),
        "spread_change": _ratio(gaps[2] - gaps[0], abs(gaps[0])) * 100,
        "spread_regime": ("normal", "wide", "tight")[regimes[-1]] if len(regimes) else None,
        "spread_regime_changes": int(np.count_nonzero(np.diff(regimes))) if len(regimes) else None,
        "microprice_offset": float(BPS * offset),
        "order_flow": total_flow,
        "order_flow_share": _ratio(total_flow, float(np.nansum(flow))),
        "order_flow_last_third": float(order_flow(touch, third)[0]),
        "range": _ratio(-_least(-price) - _least(price), first) * BPS,
        "move": _ratio(last - first, first) * BPS,
        "silence": _silence(seen, touch),
        "crossed": _crossed(touch),
    }


def _weights(seen: Observation, weights: Weights) -> dict[str, Value]:
    def mean(value: Series, windows: Windows) -> float:
        return float(time_weighted_mean(weights.time_us, value, windows)[0])

    def share(is_so: NDArray[np.bool_]) -> Series:
        return np.where(np.isnan(weights.imbalance), np.nan, is_so)

    whole, third = _window(seen, 1), _last_third(seen)
    bids, asks = mean(weights.bid_slope, whole), mean(weights.ask_slope, whole)
    return {
        "imbalance_mean": mean(weights.imbalance, whole),
        "imbalance_last": float(weights.imbalance[-1]),
        "imbalance_last_third": mean(weights.imbalance, third),
        "imbalance_bid_share": mean(share(weights.imbalance > LEANING), whole) * 100,
        "imbalance_ask_share": mean(share(weights.imbalance < -LEANING), whole) * 100,
        "depth_slope_bid": bids,
        "depth_slope_ask": asks,
        "depth_skew": _ratio(bids - asks, bids + asks),
    }


def _clock(seen: Observation, touch: Touch) -> dict[str, Value]:
    """Measure how the mid moved on a clock whose whole steps end with the window."""
    width_us = seen.end_us - seen.start_us
    step_us = next((step for step in _STEPS_US if width_us // step >= _FEWEST_STEPS), 1)
    steps = width_us // step_us
    begin_us = seen.end_us - steps * step_us
    clock = Windows(begin_us, steps * step_us, 1)
    price = mid(touch)
    volatility = realised_volatility(touch, clock, step_us)
    sample = _standing(touch.time_us, price, Windows(begin_us, step_us, steps).edges())
    at_third = _standing(touch.time_us, price, np.array([_last_third(seen).start_us]))[0]
    mean = float(time_weighted_mean(touch.time_us, price, _window(seen, 1))[0])
    change = np.diff(sample)
    above = np.sign(sample - mean)
    above = above[above != 0]
    move = _ratio(price[-1] - _first_known(price), _first_known(price)) * BPS
    is_known = not np.isnan(sample).any() and bool((sample > 0).all())
    returns = np.diff(np.log(sample)) if is_known else np.empty(0)
    return {
        "clock_step": step_us / US_PER_SECOND,
        "volatility": float(volatility[0] * BPS),
        "volatility_year": float(annualise(volatility, clock.width_us)[0] * 100),
        "move_last_third": _ratio(price[-1] - at_third, at_third) * BPS,
        "move_in_volatility": _ratio(move, float(volatility[0] * BPS)),
        "efficiency": _ratio(abs(float(sample[-1] - sample[0])), float(np.abs(change).sum())),
        "autocorrelation": _autocorrelation(returns),
        "variance_ratio": _variance_ratio(returns),
        "mean_distance": _ratio(price[-1] - mean, mean) * BPS,
        "mean_crossings": int(np.count_nonzero(above[1:] != above[:-1])) if is_known else None,
    }


def _walls(book: Book) -> Iterator[tuple[str, Value]]:
    middle = book.mid
    for side, levels in (("bid", book.bids[:WALL_LEVELS]), ("ask", book.asks[:WALL_LEVELS])):
        if not len(levels):
            continue
        place = int(np.argmax(levels[:, 1]))
        price, amount = (float(cell) for cell in levels[place])
        if amount < WALL_TIMES * float(np.median(levels[:, 1])):
            continue
        yield f"wall_{side}_price", price
        yield f"wall_{side}_amount", amount
        if middle is not None:
            yield f"wall_{side}_distance", _ratio(abs(price - middle), middle) * BPS


def _health(seen: Observation) -> dict[str, Value]:
    gaps = sum(band.kind is BandKind.GAP for band in seen.bands)
    return {
        "grade": None if seen.grade is None else seen.grade.value,
        "gaps": gaps,
        "doubts": len({band.kind for band in seen.bands} - _NO_DOUBTS),
    }


def _window(seen: Observation, count: int) -> Windows:
    """Cut the window into equal parts; what does not divide stays out of them, at its beginning."""
    width_us = max((seen.end_us - seen.start_us) // count, 1)
    return Windows(seen.end_us - width_us * count, width_us, count)


def _last_third(seen: Observation) -> Windows:
    thirds = _window(seen, 3)
    return Windows(seen.end_us - thirds.width_us, thirds.width_us, 1)


def _silence(seen: Observation, touch: Touch) -> float:
    times_us = touch.time_us[touch.time_us >= seen.start_us]
    between_us = np.diff(times_us, prepend=seen.start_us, append=seen.end_us)
    return float(between_us.max() / US_PER_SECOND)


def _crossed(touch: Touch) -> float:
    inside = touch.bid[1:] >= touch.ask[1:]
    return float(inside.mean() * 100) if len(inside) else np.nan


def _standing(time_us: NDArray[np.int64], value: Series, instants: NDArray[np.int64]) -> Series:
    """Give the last value before each instant, NaN where there is none."""
    return np.append(value, np.nan)[np.searchsorted(time_us, instants) - 1]


def _autocorrelation(returns: Series) -> float:
    if len(returns) < 3:
        return np.nan
    first, second = returns[:-1] - returns.mean(), returns[1:] - returns.mean()
    return _ratio(float((first * second).sum()), float(np.square(returns - returns.mean()).sum()))


def _variance_ratio(returns: Series) -> float:
    """Compare overlapping sums of returns with single ones, the mean return taken out of both."""
    if len(returns) < 2 * RATIO_STEPS:
        return np.nan
    centred = returns - returns.mean()
    running = np.concatenate(([0.0], np.cumsum(centred)))
    longer = running[RATIO_STEPS:] - running[:-RATIO_STEPS]
    return _ratio(float(np.square(longer).mean()), RATIO_STEPS * float(np.square(centred).mean()))


def _first_known(value: Series) -> float:
    known = value[~np.isnan(value)]
    return float(known[0]) if len(known) else np.nan


def _least(value: Series) -> float:
    known = value[~np.isnan(value)]
    return float(known.min()) if len(known) else np.nan


def _ratio(over: float, under: float) -> float:
    return float(over / under) if under > 0 else np.nan
