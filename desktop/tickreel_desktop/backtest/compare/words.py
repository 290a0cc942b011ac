"""Figures of compared runs with their differences, settings, and the first event that differs, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.market.units import ABSENT, MINUS, format_amount, format_full, format_percent
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.comparing import Divergence
    from tickreel.market.zone import Zone

_MOST_APART = 3
_SAID = frozenset({"side", "amount", "price"})
"""Columns that a sentence names in any case."""
_LETTERS = "ABCDEFGHIJKL"


def letter(number: int) -> str:
    """Name a run by its place: ``A``."""
    return _LETTERS[number]


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One figure of all runs; numbers are None where unknown."""

    name: str
    numbers: tuple[float | None, ...]
    values: tuple[str, ...]
    difference: str
    """Of the first run less the second, where there are two."""


_Text = Callable[[float], str]
_Number = Callable[["RunCard"], float | None]


def metric_rows(cards: Sequence[RunCard]) -> list[MetricRow]:
    """Give the figures of runs."""
    currencies = {str(card.metrics.get("currency") or "") for card in cards}
    unit = f", {currencies.pop()}" if len(currencies) == 1 and "" not in currencies else ""

    def figure(name: str) -> _Number:
        return lambda card: _deep(card.metrics, name)

    def minus(name: str) -> _Number:
        def read(card: RunCard) -> float | None:
            value = _deep(card.metrics, name)
            return None if value is None else -value

        return read

    rows: list[tuple[str, _Number, _Text, _Text]] = [
        (f"Net PnL{unit}", figure("pnl"), signed, signed),
        ("Return", figure("return"), signed_percent, _points),
        ("Sharpe, annual", figure("sharpe"), unsigned, signed),
        ("Sharpe per period", figure("sharpe_per_period"), _ratio, _ratio_difference),
        ("Sortino, annual", figure("sortino"), unsigned, signed),
        ("Max drawdown", minus("max_drawdown_share"), signed_percent, _points),
        (f"Max drawdown{unit}", minus("max_drawdown"), signed, signed),
        ("Trades", lambda card: card.total_trades, _count, _count_difference),
        ("Orders", lambda card: card.orders, _count, _count_difference),
        ("Fill rate", figure("fill_ratio"), format_percent, _points),
        ("Maker share", figure("maker_share"), format_percent, _points),
        ("Hit rate", figure("hit_rate"), format_percent, _points),
        (f"Fees{unit}", minus("fees"), signed, signed),
        (f"Funding{unit}", figure("funding"), signed, signed),
        (f"Turnover{unit}", figure("turnover"), unsigned, signed),
        (f"Latency cost{unit}", figure("latency_cost"), signed, signed),
        ("Queue ahead, median", figure("queue.ahead_median"), format_amount, _amount_difference),
    ]
    found = []
    for name, read, text, apart in rows:
        numbers = tuple(read(card) for card in cards)
        if all(number is None for number in numbers):
            continue
        values = tuple(ABSENT if number is None else text(number) for number in numbers)
        difference = ""
        if len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None:
            difference = apart(numbers[0] - numbers[1])
        found.append(MetricRow(name, numbers, values, difference))
    return found


def _deep(metrics: Mapping[str, Any], path: str) -> float | None:
    value: Any = metrics
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) else None


def _points(fraction: float) -> str:
    return f"{signed(100 * fraction)} pt"


def _ratio(value: float) -> str:
    return unsigned(value, 3)


def _ratio_difference(value: float) -> str:
    return signed(value, 3)


def _count(value: float) -> str:
    return format_full(int(value))


def _count_difference(value: float) -> str:
    return signed(value, 0)


def _amount_difference(value: float) -> str:
    return f"+{format_amount(value)}" if value > 0 else format_amount(value)


def event_words(found: Divergence, row: Mapping[str, Any] | None, zone: Zone) -> str:
    """Tell of the row of one of the runs in a sentence, with what differs; that it has none of it as well."""
    if row is None:
        return "nothing: it has no such event"
    apart = [
        f"{name.removesuffix('_us').replace('_', ' ')} {_cell(row, name, zone)}" for name in found.columns
    ]
    if found.table == "equity":
        return ", ".join(apart[:_MOST_APART])
    price = "at the market" if row["price"] is None else f"at {_cell(row, 'price', zone)}"
    what = f"{row['side']} {_cell(row, 'amount', zone)} {price} {found.event}"
    apart = [text for name, text in zip(found.columns, apart, strict=True) if name not in _SAID]
    return f"{what}: {', '.join(apart[:_MOST_APART])}" if apart else what


def _cell(row: Mapping[str, Any], name: str, zone: Zone) -> str:
    value = row[name]
    if value is None:
        return "none"
    if name.endswith("_us"):
        return zone.clock(value, 6)
    if isinstance(value, float):
        return f"{value:.10g}".replace("-", MINUS)
    return str(value).replace("_", " ")
