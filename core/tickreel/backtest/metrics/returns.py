"""What equity earned: returns, drawdown, and ratios of return to risk with the period that they rest on.

Equity is profit and loss since the start, in the currency of settlement; with a capital K its value is
K + equity. Ratios are of returns over equal periods, which are stated beside them. They are annualised, by a
year of 365 days as these markets never close, where they rest on a month of daily returns or more. What
happened within hours is no sample of a year: multiplied up to one, half an hour of fees becomes a ratio of
minus thousands. So a shorter range has its ratios per period, and a reason in place of the annual ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

US_PER_YEAR = 365 * 86_400 * 1_000_000
PERIODS_US = (86_400 * 1_000_000, 3_600 * 1_000_000, 60 * 1_000_000, 1_000_000)
"""Periods of which the longest is taken that gives :data:`FEWEST_PERIODS` of them."""
FEWEST_PERIODS = 30
ANNUAL_FROM_US = PERIODS_US[0]
"""Returns over so long, and that many of them, are what is multiplied up to a year."""


def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let what was last known hold where nothing is, and 0 before anything was; (n, k) by columns."""
    places = np.where(np.isfinite(values), np.arange(len(values))[:, None], -1)
    places = np.maximum.accumulate(places, axis=0)
    return np.where(places >= 0, np.take_along_axis(values, np.maximum(places, 0), axis=0), 0.0)


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The largest fall of equity from a height that it had reached before."""

    amount: float
    """In the currency of settlement, 0 or more."""
    peak_us: int | None
    trough_us: int | None
    """Both None where equity never fell."""
    longest_us: int
    """The longest time that equity stood below an earlier height."""


def drawdown(at_us: NDArray[np.int64], equity: NDArray[np.float64], end_us: int) -> Drawdown:
    """Find max over t of (max of equity up to t, and 0) - equity(t), and the longest time below a height.

    *at_us* int64 (n,) ascending, *equity* float64 (n,); the height begins at 0, where a run begins.
    """
    if not len(equity):
        return Drawdown(0.0, None, None, 0)
    heights = np.maximum.accumulate(np.maximum(equity, 0.0))
    falls = heights - equity
    is_below = falls > 0
    if not is_below.any():
        return Drawdown(0.0, None, None, 0)
    trough = int(np.argmax(falls))
    reached = np.flatnonzero(equity[: trough + 1] == heights[trough])
    peak = int(reached[-1]) if len(reached) else 0
    edges = np.diff(np.concatenate(([0], is_below.view(np.int8), [0])))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    ended_us = np.where(ends < len(at_us), at_us[np.minimum(ends, len(at_us) - 1)], end_us)
    return Drawdown(
        float(falls[trough]), int(at_us[peak]), int(at_us[trough]), int((ended_us - at_us[begins]).max())
    )


def period_of(start_us: int, end_us: int) -> int:
    """Choose the period of the ratios for a range: the longest that fits it often enough, else a second."""
    fitting = (period for period in PERIODS_US if (end_us - start_us) // period >= FEWEST_PERIODS)
    return next(fitting, PERIODS_US[-1])


def at_period_ends(
    at_us: NDArray[np.int64], equity: NDArray[np.float64], start_us: int, end_us: int, period_us: int
) -> NDArray[np.float64]:
    """Give equity at the start and at the end of every whole period of [start_us, end_us).

    float64 (periods + 1,); what was last known before an instant holds at it, and 0 before anything was.
    """
    count = max(0, (end_us - start_us) // period_us)
    instants = start_us + period_us * np.arange(count + 1, dtype=np.int64)
    places = np.searchsorted(at_us, instants, side="left") - 1
    known = np.concatenate((equity, [0.0]))  # place -1 is before the first
    return np.asarray(known[places], np.float64)


def period_returns(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Give simple returns v(i) / v(i - 1) - 1; None where capital was used up, so that there are none."""
    if len(values) < 2 or bool((values[:-1] <= 0).any()):
        return None
    return np.asarray(np.diff(values) / values[:-1], np.float64)


def sharpe(returns: NDArray[np.float64]) -> float | None:
    """Give mean(r) / sd(r) of returns, per period, sd with n - 1; None for too few, or all alike."""
    # Of returns that are all alike the spread is not 0 but a slip of rounding.
    if len(returns) < FEWEST_PERIODS or bool((returns == returns[0]).all()):
        return None
    return float(np.mean(returns)) / float(np.std(returns, ddof=1))


def sortino(returns: NDArray[np.float64]) -> float | None:
    """Give mean(r) / sqrt(mean(min(r, 0)^2)), per period; None for too few, or where nothing was lost."""
    if len(returns) < FEWEST_PERIODS:
        return None
    below = sqrt(float(np.mean(np.square(np.minimum(returns, 0.0)))))
    return None if below <= 0 else float(np.mean(returns)) / below


def why_not_annual(period_us: int) -> str | None:
    """Say why ratios per period are not multiplied up to a year; None where they are."""
    if period_us >= ANNUAL_FROM_US:
        return None
    return f"annualised from {FEWEST_PERIODS} daily returns on; this range has fewer"


def ratios(returns: NDArray[np.float64] | None, period_us: int) -> dict[str, float | str | None]:
    """Give Sharpe and Sortino ratio per period, and annualised or why not."""
    why_not = why_not_annual(period_us)
    found: dict[str, float | str | None] = {"ratios_why_not": why_not}
    for name, ratio in (("sharpe", sharpe), ("sortino", sortino)):
        one = None if returns is None else ratio(returns)
        found[f"{name}_per_period"] = one
        found[name] = one * sqrt(US_PER_YEAR / period_us) if one is not None and why_not is None else None
    return found


def earnings(
    at_us: NDArray[np.int64],
    equity: NDArray[np.float64],
    start_us: int,
    end_us: int,
    capital: float | None,
) -> dict[str, float | int | str | None]:
    """Sum up equity over [start_us, end_us) as the card tells it.

    *at_us* int64 (n,) ascending, *equity* float64 (n,). What needs a capital is None without one.
    """
    fall = drawdown(at_us, equity, end_us)
    pnl = float(equity[-1]) if len(equity) else 0.0
    period_us = period_of(start_us, end_us)
    returns = None
    if capital is not None:
        values = capital + at_period_ends(at_us, equity, start_us, end_us, period_us)
        returns = period_returns(values)
    return {
        "pnl": pnl,
        "return": None if capital is None else pnl / capital,
        **ratios(returns, period_us),
        "period_s": period_us // 1_000_000,
        "periods": (end_us - start_us) // period_us,
        "max_drawdown": fall.amount,
        "max_drawdown_share": None
        if capital is None
        else fall.amount / _height(equity, at_us, fall, capital),
        "max_drawdown_from_us": fall.peak_us,
        "max_drawdown_to_us": fall.trough_us,
        "longest_drawdown_us": fall.longest_us,
    }


def _height(equity: NDArray[np.float64], at_us: NDArray[np.int64], fall: Drawdown, capital: float) -> float:
    """Give the value from which the largest fall began."""
    if fall.trough_us is None:
        return capital
    trough = int(np.searchsorted(at_us, fall.trough_us, side="right"))
    return capital + max(0.0, float(equity[:trough].max()))
