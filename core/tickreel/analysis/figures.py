"""What a snapshot tells of a window of market: every figure with its id, unit and definition, once.

An id means the same figure for ever: a new figure is added at the end, one that goes leaves its id
unused, and a changed definition is a new figure. The page ``analysis.md`` is checked against this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What figures are about; whoever asks an analyst chooses by groups what it is told."""

    WINDOW = "window"
    """Length, messages and mids: always there."""
    SPREAD = "spread"
    BOOK = "book"
    """Balance and depth of the best levels."""
    FLOW = "flow"
    TRADES = "trades"
    MOVEMENT = "movement"
    WALLS = "walls"
    """Walls of the book, and sweeps of trades."""
    HEALTH = "health"


class Part(StrEnum):
    """Which part of its window a figure speaks of."""

    WHOLE = "whole"
    BEGIN = "begin"
    END = "end"
    FIRST_THIRD = "first_third"
    LAST_THIRD = "last_third"

    def span(self, from_us: int, to_us: int) -> tuple[int, int]:
        """Give that part of the window [from_us, to_us), a microsecond of it for a moment."""
        third_us = (to_us - from_us) // 3
        match self:
            case Part.BEGIN:
                return from_us, min(from_us + 1, to_us)
            case Part.END:
                return max(to_us - 1, from_us), to_us
            case Part.FIRST_THIRD:
                return to_us - 3 * third_us, to_us - 2 * third_us
            case Part.LAST_THIRD:
                return to_us - third_us, to_us
            case _:
                return from_us, to_us


class Unit(StrEnum):
    """What a value is counted in."""

    PRICE = "price"
    AMOUNT = "amount"
    """In the unit of the feed: coins, contracts or USD."""
    BPS = "bps"
    """Basis points, of the mid unless the definition says otherwise."""
    PERCENT = "percent"
    RATIO = "ratio"
    COUNT = "count"
    SECONDS = "s"
    PER_SECOND = "1/s"
    AMOUNT_PER_BPS = "amount/bps"
    WORD = "word"
    """One of the words that the definition lists."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of every snapshot."""

    id: str
    name: str
    unit: Unit
    definition: str
    group: Group
    part: Part


LEVELS = 5
"""Levels a side that imbalance and depth slopes weigh."""
WALL_LEVELS = 50
"""Levels a side among which walls are looked for."""
WALL_TIMES = 5.0
"""A wall is at least this many times the median amount of those levels."""
PARTS = 12
"""Equal parts into which a window is cut to see its spread change."""
TIGHT, WIDE = 0.8, 1.25
"""A part's spread against the window's: below the one it is tight, above the other wide."""
LEANING = 0.3
"""An imbalance beyond this leans to a side."""
SWEEP_US = 50_000
"""The longest time between two trades of one sweep."""
SWEEP_PRICES = 3
"""The fewest prices that a sweep takes."""
RATIO_STEPS = 5
"""Steps of the longer return in the variance ratio."""


_AT_END = ("microprice_offset", "mean_distance", "wall_")
"""Figures of the end of the window whose names do not say so, by how they begin."""


def _part(name: str) -> Part:
    for part in (Part.FIRST_THIRD, Part.LAST_THIRD):
        if name.endswith(part.value):
            return part
    if name.endswith("_first"):
        return Part.BEGIN
    return Part.END if name.endswith("_last") or name.startswith(_AT_END) else Part.WHOLE


def _table(*groups: tuple[Group, tuple[tuple[str, Unit, str], ...]]) -> tuple[Figure, ...]:
    rows = [(group, row) for group, rows in groups for row in rows]
    return tuple(
        Figure(f"f{number:03}", *row, group, _part(row[0])) for number, (group, row) in enumerate(rows, 1)
    )


FIGURES: tuple[Figure, ...] = _table(
    (
        Group.WINDOW,
        (
            ("duration", Unit.SECONDS, "length of the window"),
            ("book_messages", Unit.COUNT, "order-book messages in the window"),
            (
                "mid_first",
                Unit.PRICE,
                "mid that stood at the beginning of the window, else the first one in it",
            ),
            ("mid_last", Unit.PRICE, "mid at the end of the window"),
            ("mid_low", Unit.PRICE, "lowest mid in the window"),
            ("mid_high", Unit.PRICE, "highest mid in the window"),
        ),
    ),
    (
        Group.SPREAD,
        (
            ("spread_mean", Unit.BPS, "time-weighted mean of the spread"),
            ("spread_last", Unit.BPS, "spread at the end of the window"),
            ("spread_low", Unit.BPS, "smallest spread after any message"),
            ("spread_high", Unit.BPS, "largest spread after any message"),
            (
                "spread_first_third",
                Unit.BPS,
                "time-weighted mean of the spread in the first third of the window",
            ),
            (
                "spread_last_third",
                Unit.BPS,
                "time-weighted mean of the spread in the last third of the window",
            ),
            (
                "spread_change",
                Unit.PERCENT,
                "spread_last_third against spread_first_third; below 0 it narrowed",
            ),
            (
                "spread_regime",
                Unit.WORD,
                f"tight, normal or wide: the mean spread of the last of {PARTS} equal parts is below "
                f"{TIGHT}, within, or above {WIDE} times spread_mean",
            ),
            ("spread_regime_changes", Unit.COUNT, f"neighbours among the {PARTS} parts whose regimes differ"),
        ),
    ),
    (
        Group.BOOK,
        (
            (
                "imbalance_mean",
                Unit.RATIO,
                f"time-weighted mean imbalance of the best {LEVELS} levels, -1 to 1",
            ),
            ("imbalance_last", Unit.RATIO, f"imbalance of the best {LEVELS} levels at the end of the window"),
            (
                "imbalance_last_third",
                Unit.RATIO,
                "time-weighted mean imbalance in the last third of the window",
            ),
            ("imbalance_bid_share", Unit.PERCENT, f"part of the time with an imbalance above {LEANING}"),
            ("imbalance_ask_share", Unit.PERCENT, f"part of the time with an imbalance below -{LEANING}"),
            (
                "depth_slope_bid",
                Unit.AMOUNT_PER_BPS,
                f"time-weighted mean depth slope of the best {LEVELS} bids",
            ),
            (
                "depth_slope_ask",
                Unit.AMOUNT_PER_BPS,
                f"time-weighted mean depth slope of the best {LEVELS} asks",
            ),
            (
                "depth_skew",
                Unit.RATIO,
                "(depth_slope_bid - depth_slope_ask) / their sum; above 0 the bids are deeper",
            ),
            ("microprice_offset", Unit.BPS, "microprice less mid at the end of the window"),
        ),
    ),
    (
        Group.FLOW,
        (
            ("order_flow", Unit.AMOUNT, "order-flow imbalance, summed over the messages of the window"),
            ("order_flow_share", Unit.RATIO, "order_flow / sum of its messages' absolute values, -1 to 1"),
            (
                "order_flow_last_third",
                Unit.AMOUNT,
                "order-flow imbalance, summed over the last third of the window",
            ),
        ),
    ),
    (
        Group.TRADES,
        (
            ("trades", Unit.COUNT, "trades in the window"),
            ("trade_rate", Unit.PER_SECOND, "trades / duration"),
            ("buy_amount", Unit.AMOUNT, "amount of trades whose taker bought"),
            ("sell_amount", Unit.AMOUNT, "amount of trades whose taker sold"),
            ("trade_flow_share", Unit.RATIO, "(buy_amount - sell_amount) / their sum, -1 to 1"),
            ("trade_largest", Unit.AMOUNT, "largest amount of a single trade"),
            ("trade_vwap", Unit.PRICE, "mean price of the trades, weighted by amount"),
            ("runs", Unit.COUNT, "runs of trades of one taker side; trades of unknown side are left out"),
            ("run_mean", Unit.COUNT, "mean trades of a run"),
            ("run_longest_buy", Unit.COUNT, "most trades of a run of buys"),
            ("run_longest_sell", Unit.COUNT, "most trades of a run of sells"),
        ),
    ),
    (
        Group.MOVEMENT,
        (
            (
                "clock_step",
                Unit.SECONDS,
                "step of the clock on which the mid is sampled for the figures below",
            ),
            (
                "volatility",
                Unit.BPS,
                "realised volatility of the mid over the window, on the clock, not annualised",
            ),
            ("volatility_year", Unit.PERCENT, "volatility, annualised to 365 days"),
            ("range", Unit.BPS, "mid_high less mid_low, of mid_first"),
            ("move", Unit.BPS, "mid_last less mid_first, of mid_first"),
            ("move_last_third", Unit.BPS, "move of the mid over the last third of the window"),
            ("move_in_volatility", Unit.RATIO, "move / volatility"),
            ("efficiency", Unit.RATIO, "absolute net change on the clock / sum of absolute changes, 0 to 1"),
            (
                "autocorrelation",
                Unit.RATIO,
                "correlation of returns on the clock with those one step before, -1 to 1",
            ),
            (
                "variance_ratio",
                Unit.RATIO,
                f"variance of returns over {RATIO_STEPS} steps / {RATIO_STEPS} times that over one: "
                "below 1 moves are taken back, above 1 they go on",
            ),
            (
                "mean_distance",
                Unit.BPS,
                "mid_last less the time-weighted mean mid of the window, of that mean",
            ),
            ("mean_crossings", Unit.COUNT, "times the mid on the clock crossed that mean"),
        ),
    ),
    (
        Group.WALLS,
        (
            (
                "wall_bid_price",
                Unit.PRICE,
                f"bid with the largest amount among the best {WALL_LEVELS} at the end of the window, "
                f"where it is at least {WALL_TIMES:g} times their median",
            ),
            ("wall_bid_amount", Unit.AMOUNT, "amount of wall_bid_price"),
            ("wall_bid_distance", Unit.BPS, "how far wall_bid_price lies below the mid"),
            ("wall_ask_price", Unit.PRICE, "the same of the asks"),
            ("wall_ask_amount", Unit.AMOUNT, "amount of wall_ask_price"),
            ("wall_ask_distance", Unit.BPS, "how far wall_ask_price lies above the mid"),
            (
                "sweeps_buy",
                Unit.COUNT,
                f"sweeps of buys: trades of one side in a row, at most {SWEEP_US / 1000:g} ms apart, whose "
                f"prices never go back and are at least {SWEEP_PRICES}",
            ),
            ("sweeps_sell", Unit.COUNT, "the same of sells"),
            ("sweep_amount", Unit.AMOUNT, "amount of the largest sweep"),
            ("sweep_move", Unit.BPS, "last price of the largest sweep less its first, of the first"),
        ),
    ),
    (
        Group.HEALTH,
        (
            (
                "grade",
                Unit.WORD,
                "good, usable or bad: the worst grade of a day that the window touches, of book or trades",
            ),
            ("gaps", Unit.COUNT, "gaps of the health report that overlap the window, of book and trades"),
            ("silence", Unit.SECONDS, "longest time without a book message in the window, its ends included"),
            (
                "crossed",
                Unit.PERCENT,
                "part of the book messages after which best bid is at or above best ask",
            ),
            ("resets", Unit.COUNT, "times that a snapshot began the book anew"),
            (
                "doubts",
                Unit.COUNT,
                "kinds of interval in the health report, other than gap, reset and precision_change, that "
                "overlap the window",
            ),
        ),
    ),
)
"""Every figure, in the order of a snapshot."""

BY_NAME = {figure.name: figure for figure in FIGURES}
BY_ID = {figure.id: figure for figure in FIGURES}
SIGNED = frozenset(
    BY_NAME[name].id
    for name in (
        *("spread_change", "imbalance_mean", "imbalance_last", "imbalance_last_third", "depth_skew"),
        *("microprice_offset", "order_flow", "order_flow_share", "order_flow_last_third", "trade_flow_share"),
        *("move", "move_last_third", "move_in_volatility", "autocorrelation", "mean_distance", "sweep_move"),
    )
)
"""Ids of the figures that may be below 0."""
