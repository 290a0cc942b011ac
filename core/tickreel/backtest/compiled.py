"""Strategies for Numba: told the same, in the same order, by the same kernels, but without the interpreter.

Such a class says ``compiled = True``, and its methods are static functions that Numba can compile. They
get a hand, which is everything the strategy may look at and send with, the parameters by name, and
``memory`` numbers that it keeps between calls, zeros at first. With ``levels`` it sees so many levels of each
side, else the best prices alone::

    class Lean:
        compiled = True
        memory = 1
        amount = Param(1.0, "Amount of an order")

        @staticmethod
        def on_book(hand, who, params, memory):
            if memory[0] == 0 and bid_amount(hand, who) > 9 * ask_amount(hand, who):
                buy(hand, who, params.amount, ask(hand, who), IOC)
                memory[0] = 1

``who`` is the number of an instrument in the run. The methods are ``on_start(hand, params, memory)``,
``on_book(hand, who, params, memory)``, ``on_trade(hand, who, side, price, amount, params, memory)`` with
a side of 1, -1 or 0, ``on_timer(hand, params, memory)``,
``on_fill(hand, order, price, amount, params, memory)``, ``on_order(hand, order, params, memory)``,
``on_stop(hand, params, memory)``, after which nothing is sent. What is known of an order, a number, is asked
of the hand. Numba compiles a strategy at its first run in a process, which takes some seconds; globals of
its file are constants to it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.floor import MOST_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tickreel.backtest.floor import Floor
    from tickreel.backtest.request import Value
    from tickreel.backtest.strategy import Param, StrategyClass

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_njit: Any = importlib.import_module("numba").njit
"""Without signatures and without a cache, so that this is no module of kernels that are kept: what stands
here is compiled as a part of each strategy."""

GTC, POST_ONLY, IOC = kernels.GTC, kernels.POST_ONLY, kernels.IOC


class Hand(NamedTuple):
    """What a compiled strategy looks at and sends with, through the functions of this module alone."""

    clock: Ints
    desk: Floats
    orders: Ints
    numbers: Floats
    post: Ints
    legs: Ints
    depth: Floats
    """(messages, 4 * levels): what was laid out of the books after each message of this stretch of time."""
    known_depth: Floats
    """(instruments, 4 * levels): as known when it began."""


@_njit
def now_us(hand: Hand) -> int:
    """Give the clock: microseconds since 1970 UTC."""
    return int(hand.clock[kernels.NOW])


@_njit
def bid(hand: Hand, who: int) -> float:
    """Give the best bid that is known; NaN without one."""
    return float(hand.desk[who, kernels.KNOWN_BID])


@_njit
def ask(hand: Hand, who: int) -> float:
    """Give the best ask that is known; NaN without one."""
    return float(hand.desk[who, kernels.KNOWN_ASK])


@_njit
def bid_amount(hand: Hand, who: int) -> float:
    """Give the amount of the best bid that is known."""
    return float(hand.desk[who, kernels.KNOWN_BID_AMOUNT])


@_njit
def ask_amount(hand: Hand, who: int) -> float:
    """Give the amount of the best ask that is known."""
    return float(hand.desk[who, kernels.KNOWN_ASK_AMOUNT])


@_njit
def _level(hand: Hand, who: int, column: int, level: int) -> float:
    levels = hand.known_depth.shape[1] // 4
    if level < 0 or level >= levels:
        raise IndexError("a level that was not asked for: say levels = N in the class")
    played = int(hand.desk[who, kernels.KNOWN_PLAYED])
    place = column * levels + level
    if played < 0:
        return float(hand.known_depth[who, place])
    return float(hand.depth[played, place])


@_njit
def bid_at(hand: Hand, who: int, level: int) -> float:
    """Give the price of a level of the bids that are known, 0 the best; NaN where there is none."""
    return float(_level(hand, who, 0, level))


@_njit
def ask_at(hand: Hand, who: int, level: int) -> float:
    """Give the price of a level of the asks that are known, 0 the best; NaN where there is none."""
    return float(_level(hand, who, 1, level))


@_njit
def bid_amount_at(hand: Hand, who: int, level: int) -> float:
    """Give the amount of a level of the bids that are known; 0 where there is none."""
    return float(_level(hand, who, 2, level))


@_njit
def ask_amount_at(hand: Hand, who: int, level: int) -> float:
    """Give the amount of a level of the asks that are known; 0 where there is none."""
    return float(_level(hand, who, 3, level))


@_njit
def position(hand: Hand, who: int) -> float:
    """Give the position by the fills that are known."""
    return float(hand.desk[who, kernels.KNOWN_POSITION])


@_njit
def tick(hand: Hand, who: int) -> float:
    """Give the smallest step of a price."""
    return float(hand.desk[who, kernels.TICK_STEP] / hand.desk[who, kernels.TICK_SCALE])


@_njit
def _sent(hand: Hand, who: int, side: int, kind: int, force: int, price: float, amount: float) -> int:
    if hand.clock[kernels.IS_OVER]:
        raise RuntimeError("the run is over: no order reaches the exchange any more")
    if hand.clock[kernels.ORDERS] >= len(hand.orders) or hand.clock[kernels.POST_END] >= len(hand.post):
        raise IndexError("more requests in one moment than a run takes")
    number: int = kernels.send(
        who, side, kind, force, price, amount, hand.clock, hand.desk, hand.orders, hand.numbers, hand.post,
        hand.legs,
    )  # fmt: skip
    return number


@_njit
def buy(hand: Hand, who: int, amount: float, price: float, force: int) -> int:
    """Send an order to buy at a price, GTC, POST_ONLY or IOC; give its number."""
    return int(_sent(hand, who, 1, kernels.LIMIT, force, price, amount))


@_njit
def sell(hand: Hand, who: int, amount: float, price: float, force: int) -> int:
    """Send an order to sell at a price, GTC, POST_ONLY or IOC; give its number."""
    return int(_sent(hand, who, -1, kernels.LIMIT, force, price, amount))


@_njit
def buy_market(hand: Hand, who: int, amount: float) -> int:
    """Send an order to buy at any price; give its number."""
    return int(_sent(hand, who, 1, kernels.MARKET_ORDER, kernels.IOC, np.nan, amount))


@_njit
def sell_market(hand: Hand, who: int, amount: float) -> int:
    """Send an order to sell at any price; give its number."""
    return int(_sent(hand, who, -1, kernels.MARKET_ORDER, kernels.IOC, np.nan, amount))


@_njit
def cancel(hand: Hand, order: int) -> bool:
    """Ask the exchange to cancel an order; False where that was asked, or its end is known."""
    if hand.clock[kernels.IS_OVER]:
        return False
    if hand.clock[kernels.POST_END] >= len(hand.post):
        raise IndexError("more requests in one moment than a run takes")
    return bool(kernels.cancel(order, hand.clock, hand.desk, hand.orders, hand.post, hand.legs))


@_njit
def is_live(hand: Hand, order: int) -> bool:
    """Tell whether nothing is known of the end of an order."""
    return bool(hand.orders[order, kernels.KNOWN_STATUS] <= kernels.OPEN)


@_njit
def filled(hand: Hand, order: int) -> float:
    """Give the amount of an order that is known to be filled."""
    return float(hand.numbers[order, kernels.KNOWN_FILLED])


@_njit
def price_of(hand: Hand, order: int) -> float:
    """Give the price of an order; NaN of a market order."""
    return float(hand.numbers[order, kernels.PRICE])


_MODES = {None: 0, "touch": 1, "message": 2}


class Driver(NamedTuple):
    """What was compiled of a strategy: how it begins, the loop that tells it of everything, how it ends."""

    begin: Callable[..., None]
    drive: Callable[..., int]
    end: Callable[..., None]

    @classmethod
    def of(cls, strategy: type) -> Driver:
        """Make one; Numba compiles it when it is called first."""
        return cls(
            _method(strategy, "on_start", _nothing3.py_func),
            _loop(strategy),
            _method(strategy, "on_stop", _nothing3.py_func),
        )


_drivers: dict[tuple[str, str], Driver] = {}
"""Of the strategies that were run in this process, by file and class: what was compiled keeps no state."""


def run_compiled(
    found: StrategyClass,
    params: Mapping[str, Value],
    floor: Floor,
    *,
    books: str | None,
    timer_us: int | None,
    start_us: int,
) -> None:
    """Run a strategy for Numba to the end of the range.

    Raises:
        TickreelError: rows cannot be read.
        Exception: whatever Numba or the strategy raises.
    """
    strategy = found.type
    given = _record(found.params, params)
    memory = np.zeros(max(1, int(getattr(strategy, "memory", 0))))
    clock = floor.clock
    clock[kernels.TELLS_BOOK] = _MODES[books]
    for slot, name in (
        (kernels.TELLS_TRADES, "on_trade"),
        (kernels.TELLS_FILLS, "on_fill"),
        (kernels.TELLS_ORDERS, "on_order"),
    ):
        clock[slot] = hasattr(strategy, name)
    if timer_us is not None:
        floor.set_timer(start_us + timer_us, timer_us)
    key = found.sha256, found.name
    if key not in _drivers:
        _drivers[key] = Driver.of(strategy)
    driver = _drivers[key]
    floor.ensure_sendable()
    driver.begin(_hand(floor), given, memory)
    floor.go_on(lambda *arguments: driver.drive(*arguments, *_depths(floor), given, memory))
    clock[kernels.IS_OVER] = 1
    driver.end(_hand(floor), given, memory)


def _hand(floor: Floor) -> Hand:
    own = (floor.clock, floor.desk, floor.orders, floor.numbers, floor.post, floor.legs)
    return Hand(*own, *_depths(floor))


def _depths(floor: Floor) -> tuple[Floats, Floats]:
    at_hand = np.empty((0, floor.known_depth.shape[1])) if floor.stretch is None else floor.stretch.depth
    return at_hand, floor.known_depth


_WIDTHS: dict[type, str] = {bool: "?", int: "<i8", float: "<f8"}


def _record(declared: Mapping[str, Param[Any]], params: Mapping[str, Value]) -> Any:
    """Lay parameters out as one record, whose type is the same in every run: Numba compiles for types."""
    fields = []
    for name, value in params.items():
        words = [value, *declared[name].choices]
        width = f"<U{max(1, *(len(str(word)) for word in words))}"
        fields.append((name, _WIDTHS.get(type(value), width)))
    # Numba knows no record without fields, and no name that a class may have begins with a digit.
    record = np.zeros(1, [*fields, ("0", "?")])[0]
    for name, value in params.items():
        record[name] = value
    return record


@_njit
def _nothing4(_hand, _who, _params, _memory):  # type: ignore[no-untyped-def]
    pass


@_njit
def _nothing7(_hand, _who, _side, _price, _amount, _params, _memory):  # type: ignore[no-untyped-def]
    pass


@_njit
def _nothing3(_hand, _params, _memory):  # type: ignore[no-untyped-def]
    pass


@_njit
def _nothing6(_hand, _order, _price, _amount, _params, _memory):  # type: ignore[no-untyped-def]
    pass


def _method(strategy: type, name: str, otherwise: Any) -> Any:
    own = getattr(strategy, name, None)
    return otherwise if own is None else _njit(own)


def _loop(strategy: type) -> Callable[..., int]:
    """Make the loop that tells a strategy of everything; it gives back what it cannot do alone."""
    on_book = _method(strategy, "on_book", _nothing4)
    on_trade = _method(strategy, "on_trade", _nothing7)
    on_timer = _method(strategy, "on_timer", _nothing3)
    on_fill = _method(strategy, "on_fill", _nothing6)
    on_order = _method(strategy, "on_order", _nothing4)
    step = kernels.step

    @_njit(nogil=True, error_model="numpy")
    def drive(  # type: ignore[no-untyped-def]  # Numba finds the types
        clock, market, news, price, amount, mark, quads, ladder, power, desk, orders, numbers, fill_ints,
        fill_numbers, live, post, answers, samples, traces, legs, depth, known_depth, params, memory,
    ):  # fmt: skip
        hand = Hand(clock, desk, orders, numbers, post, legs, depth, known_depth)
        while True:
            room = min(len(orders) - clock[kernels.ORDERS], len(post) - clock[kernels.POST_END])
            if room < MOST_AT_ONCE:
                return kernels.ROOM_WANTED
            code = step(
                clock, market, news, price, amount, mark, quads, ladder, power, desk, orders, numbers,
                fill_ints, fill_numbers, live, post, answers, samples, traces, legs,
            )  # fmt: skip
            if code == kernels.NEWS:
                line = news[clock[kernels.NEWS_AT] - 1]
                who = line[kernels.WHO]
                if line[kernels.WHAT] == kernels.BOOK:
                    on_book(hand, who, params, memory)
                else:
                    for row in range(line[kernels.START], line[kernels.STOP]):
                        side = 1 - 2 * mark[row] if mark[row] < 2 else 0
                        on_trade(hand, who, side, price[row], amount[row], params, memory)
            elif code == kernels.ANSWER:
                mail = answers[clock[kernels.ANSWER_AT] - 1]
                order, fill = mail[kernels.ORDER], mail[kernels.FILL]
                if mail[kernels.DOES] == kernels.FILLS_IT:
                    at, size = fill_numbers[fill, kernels.FILL_PRICE], fill_numbers[fill, kernels.FILL_AMOUNT]
                    on_fill(hand, order, at, size, params, memory)
                else:
                    on_order(hand, order, params, memory)
            elif code == kernels.TIMER:
                on_timer(hand, params, memory)
            else:
                return code

    made: Callable[..., int] = drive
    return made
