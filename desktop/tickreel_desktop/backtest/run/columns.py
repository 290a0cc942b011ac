"""The columns of the tables of trades and orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.outcome import NEVER
from tickreel.market.units import ABSENT, format_amount, format_duration_s, format_price, price_decimals
from tickreel_desktop.backtest.run.array_table import ArrayColumn
from tickreel_desktop.backtest.runs.words import signed
from tickreel_desktop.replay.charttable import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.market.zone import Zone
    from tickreel_desktop.backtest.run.coded import Coded
    from tickreel_desktop.backtest.run.fills import Fills
    from tickreel_desktop.backtest.run.orders import Orders
    from tickreel_desktop.theme import ColourName

_US = 1_000_000
_LOOKED_AT = 10_000
"""Values that tell how many decimals a column needs."""
_SIDES: dict[str, tuple[str, ColourName]] = {"buy": ("▲ buy", "bid"), "sell": ("▼ sell", "ask")}


def trade_columns(
    fills: Fills, instruments: Sequence[Mapping[str, Any]], zone: Zone, currency: str, *, brief: bool
) -> list[ArrayColumn]:
    """Give the columns of trades; *brief* those that stand below the charts."""
    pnl = fills.pnl
    is_long = len(fills) > 0 and int(fills.time_us[-1]) - int(fills.time_us[0]) >= 86_400 * _US
    first = ArrayColumn(
        zone.short_name(int(fills.time_us[0])) if len(fills) else "Time",
        lambda row: _time(zone, int(fills.time_us[row]), with_day=is_long or not brief),
        184 if is_long or not brief else 104,
        fills.time_us,
        plain=lambda row: str(int(fills.time_us[row])),
    )
    columns = [first]
    if len(fills.instrument.words) > 1:
        columns.append(_words("Symbol", fills.instrument, 150))
    columns += [
        _side(fills.side),
        _amounts("Size", fills.amount, 78),
        _prices(fills, instruments),
        ArrayColumn("Role", lambda row: "maker" if fills.is_maker[row] else "taker", 66, fills.is_maker),
        _amounts("Queue ahead", fills.queue_ahead, 96),
        _length("Latency", fills.latency_us, 76),
    ]
    unit = f", {currency}" if currency else ""
    if not brief:
        columns += [
            _signed(f"Fee{unit}", fills.fee, 96),
            _amounts("Position", fills.position, 86),
            _words("Rule", fills.rule, 110),
            _numbers("Order", fills.order, 66),
        ]
    columns.append(_signed(f"PnL{unit}", pnl, 100))
    return columns


def order_columns(orders: Orders, instruments: Sequence[Mapping[str, Any]], zone: Zone) -> list[ArrayColumn]:
    """Give the columns of orders."""
    columns = [
        _numbers("Order", orders.id, 62),
        _moment("Sent", orders.submit_us, zone),
    ]
    if len(orders.instrument.words) > 1:
        columns.append(_words("Symbol", orders.instrument, 150))
    return [
        *columns,
        _side(orders.side),
        _words("Kind", orders.kind, 66),
        _words("In force", orders.force, 84),
        _prices(orders, instruments),
        _amounts("Amount", orders.amount, 78),
        _amounts("Filled", orders.filled, 78),
        _words("Status", orders.status, 84),
        _words("Reason", orders.reason, 92),
        _length("To exchange", orders.way_us, 86),
        _length("Answer", orders.answer_us, 76),
        _amounts("Queue ahead", orders.queue_ahead, 96),
        _moment("Ended", orders.end_us, zone),
    ]


def _prices(rows: Fills | Orders, instruments: Sequence[Mapping[str, Any]]) -> ArrayColumn:
    """Print each price with the decimals of its instrument; a market order has none."""
    decimals = _decimals(rows.instrument, instruments)

    def text(row: int) -> str:
        value = float(rows.price[row])
        return "market" if value != value else format_price(value, decimals[int(rows.instrument.codes[row])])

    return ArrayColumn(
        "Price", text, 96, rows.price, is_number=True, plain=lambda row: plain(float(rows.price[row]))
    )


def _numbers(title: str, numbers: NDArray[np.int64], width: int) -> ArrayColumn:
    return ArrayColumn(title, lambda row: str(int(numbers[row])), width, numbers, is_number=True)


def _decimals(instrument: Coded, instruments: Sequence[Mapping[str, Any]]) -> list[int]:
    ticks = {f"{one['exchange']}:{one['symbol']}": float(one["tick"]) for one in instruments}
    return [price_decimals(np.array([ticks[name]])) for name in instrument.words]


def _time(zone: Zone, at_us: int, *, with_day: bool) -> str:
    if at_us == NEVER:
        return ABSENT
    return zone.stamp(at_us) if with_day else zone.clock(at_us)


def _span(length_us: int) -> str:
    return ABSENT if length_us == NEVER else format_duration_s(length_us / _US)


def _side(side: Coded) -> ArrayColumn:
    return ArrayColumn(
        "Side",
        lambda row: _SIDES[side.at(row)][0],
        66,
        side.codes,
        tone=lambda row: _SIDES[side.at(row)][1],
        plain=side.at,
    )


def _words(title: str, words: Coded, width: int) -> ArrayColumn:
    def text(row: int) -> str:
        return words.at(row).replace("_", " ")

    return ArrayColumn(title, text, width, words.codes, plain=words.at)


def _amounts(title: str, values: NDArray[np.float64], width: int) -> ArrayColumn:
    def text(row: int) -> str:
        value = float(values[row])
        return ABSENT if value != value else format_amount(value)

    return ArrayColumn(
        title, text, width, values, is_number=True, plain=lambda row: plain(float(values[row]))
    )


def _signed(title: str, values: NDArray[np.float64], width: int) -> ArrayColumn:
    places = 2 if float(np.abs(values[:_LOOKED_AT]).max(initial=0.0)) >= 1 else 4

    def text(row: int) -> str:
        return signed(float(values[row]), places)

    return ArrayColumn(
        title, text, width, values, is_number=True, plain=lambda row: plain(float(values[row]))
    )


def _length(title: str, spans_us: NDArray[np.int64], width: int) -> ArrayColumn:
    return _column(title, spans_us, width, lambda row: _span(int(spans_us[row])), is_number=True)


def _moment(title: str, at_us: NDArray[np.int64], zone: Zone) -> ArrayColumn:
    return _column(
        title, at_us, 184, lambda row: _time(zone, int(at_us[row]), with_day=True), is_number=False
    )


def _column(
    title: str, values: NDArray[np.int64], width: int, text: Callable[[int], str], *, is_number: bool
) -> ArrayColumn:
    def digits(row: int) -> str:
        return "" if values[row] == NEVER else str(int(values[row]))

    return ArrayColumn(title, text, width, values, is_number=is_number, plain=digits)
