"""The compiled exchange: what happens to orders while the market goes by as it was recorded.

The market never reacts to orders: no impact is simulated, levels that an order took are still there
for the next one, and nobody follows or flees. What the kernels do at an instant, in this order:
market messages reach the exchange's book; funding is paid; orders and cancellations arrive;
equity is sampled; answers reach the strategy; market messages reach the strategy; its timer rings.
So an order is held against everything that was published up to and including its arrival.

**Arrival.** Prices and amounts off their grid, and amounts too small, are rejected. An order at or
beyond the other side's best price takes what the book shows, level by level from the best, up to its
price: post-only is rejected instead, what IOC and market orders cannot fill expires, and what a
limit order cannot fill joins the book at its price with nothing ahead.

**Queue.** An order that joins finds the whole amount that its price then has ahead of it.
*ahead* falls by every trade at its price with the other side as taker. Whenever the amount at its price
changes from *before* to *after* in a message of the book (RiskAdverseQueueModel and ProbQueueModel of
hftbacktest have the same rules; the probabilities are those of Rigtorp, "Estimating order queue
position", 2013, https://rigtorp.se/2013/06/08/estimating-order-queue-position.html):

- risk averse: ``ahead = min(ahead, after)``: what is cancelled lay behind, as far as it can have.
- probability: trades since the last change are taken out of the fall, ``fell = before - after - traded``.
  If that is below 0, ``ahead = min(ahead, after)``. Else, with ``behind = before - ahead`` and *p* the
  chance that it fell behind, ``ahead = min(ahead - (1 - p) fell + min(behind - p fell, 0), after)``.
  *p* is f(behind) / (f(behind) + f(ahead)) with f(x) = x**n (power) or log(1 + x) (log);
  f(behind) / f(behind + ahead) with the same f (power2, log2); or 1 - (ahead / (ahead + behind))**n (power3).

**Fills in the book** are at the order's own price, as maker:

- a trade at its price, by as much as goes beyond *ahead*, in whole lots: in part, perhaps;
- a trade at a price worse for the order: all of it, since its own price must have been used up first;
- a best price of the other side, after a message, at or beyond its own: all of it, for the same reason.
  For what is left of an order that took, that best price must have got better since, or have been away.

A trade of unknown side counts as a buy at or above the best ask, as a sell at or below the best bid,
and else not at all.

Requests and answers of one instrument never overtake one another. Numbers are kept on their grid
(``_on_grid``), so that equal prices are equal and sums of lots are exact.

Constants are spelled here: Numba's cache on disk looks at this file alone. For the same reason what is
compiled into one kernel shares this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

# What a step ends with.
OVER = 0  # all that is at hand was played
BOOK_WANTED = 1  # an order that arrives must see more of the book than its best prices
ROOM_WANTED = 2
NEWS = 3  # a market message is known
ANSWER = 4
TIMER = 5

# Slots of the clock.
NOW = 0
HORIZON = 1  # everything before it is at hand
MARKET_AT = 2
MARKET_END = 3
NEWS_AT = 4
NEWS_END = 5
POST_AT = 6
POST_END = 7
ANSWER_AT = 8
ANSWER_END = 9
ORDERS = 10
FILLS = 11
LIVE = 12
TRACES = 13
SAMPLES = 14
SAMPLE_US = 15
SAMPLE_STEP_US = 16
TIMER_US = 17
TIMER_STEP_US = 18
FUNDING_US = 19  # the next of any instrument
LADDER = 20  # rows of the ladder, and one more; 0 while there is none
WANTED_ORDER = 21
TELLS_BOOK = 22  # 0 never, 1 when the touch changed, 2 always
TELLS_TRADES = 23
TELLS_FILLS = 24
TELLS_ORDERS = 25
SEED = 26
ENTRY_KIND = 27
RESPONSE_KIND = 28
ENTRY_DRAWS = 29
RESPONSE_DRAWS = 30
QUEUE_KIND = 31
MESSAGES = 32
ROWS = 33  # played; a message of a ticker counts as one
TRADES_PLAYED = 34
IS_OVER = 35  # nothing reaches the exchange any more
CLOCK_SIZE = 36

FAR = 2**62
"""A time that never comes."""

# Columns of the market as it is published, and as it is known.
TIME = 0
WHO = 1
WHAT = 2
START = 3
STOP = 4
QUAD = 5
LATENCY = 6  # from being published to being known
LINE_SIZE = 7

# What a message is.
BOOK = 0
TRADES = 1
TICKER = 2
BREAK = 3

# Columns of an instrument.
TICK_STEP = 0  # the tick is step / scale, both whole numbers
TICK_SCALE = 1
LOT_STEP = 2
LOT_SCALE = 3
LEAST_AMOUNT = 4
LEAST_VALUE = 5
MULTIPLIER = 6
INVERSE = 7
MAKER_FEE = 8
TAKER_FEE = 9
BID = 10  # at the exchange
ASK = 11
BID_AMOUNT = 12
ASK_AMOUNT = 13
MID = 14  # the last there was
KNOWN_BID = 15  # to the strategy
KNOWN_ASK = 16
KNOWN_BID_AMOUNT = 17
KNOWN_ASK_AMOUNT = 18
POSITION = 19
KNOWN_POSITION = 20
CASH = 21
FEES = 22
FUNDING = 23
RATE = 24
MARK = 25
NEXT_FUNDING = 26
LAST_ARRIVAL = 27
LAST_ANSWER = 28
FEED_LATENCY = 29  # of the last message published
KNOWN_FEED_LATENCY = 30  # of the last message known
PLAYED = 31  # quad of the last message of the exchange's book, -1 before any
KNOWN_PLAYED = 32
DESK_SIZE = 33

# Columns of the whole numbers of an order.
INSTRUMENT = 0
SIDE = 1
KIND = 2
FORCE = 3
STATUS = 4
REASON = 5
SUBMIT = 6
ARRIVE = 7
ACK = 8
CANCEL = 9
END = 10
KNOWN_END = 11
KNOWN_STATUS = 12
TRACED = 13
MENTIONED = 14  # by the message that is being played
ORDER_INTS = 15

# Columns of the other numbers of an order.
PRICE = 0
AMOUNT = 1
FILLED = 2
QUEUE_AHEAD = 3
AHEAD = 4
TRADED = 5  # at its price since that level changed last
LEVEL = 6
NEXT_LEVEL = 7
KNOWN_FILLED = 8
ARRIVAL_BID = 9
ARRIVAL_ASK = 10
MID_SENT = 11
REACH = 12  # the other side's best price at which it is crossed
ORDER_NUMBERS = 13

# Columns of a fill.
FILL_ORDER = 0
FILL_MAKER = 1
FILL_RULE = 2
FILL_TIME = 3
FILL_KNOWN = 4
FILL_INTS = 5
FILL_PRICE = 0
FILL_AMOUNT = 1
FILL_FEE = 2
FILL_POSITION = 3
FILL_MID = 4
FILL_NUMBERS = 5

# Columns of requests and answers.
AT = 0
ORDER = 1
DOES = 2
FILL = 3
MAIL_SIZE = 4

# What requests and answers do.
SUBMITS = 0
CANCELS = 1
OPENS = 0
FILLS_IT = 1
ENDS = 2

TRACE_SIZE = 9
SAMPLE_FIELDS = 6

# As tickreel.backtest.outcome has them.
LIMIT, MARKET_ORDER = 0, 1
GTC, POST_ONLY, IOC = 0, 1, 2
SENT, OPEN, FILLED_UP, CANCELLED, EXPIRED, REJECTED = 0, 1, 2, 3, 4, 5
NO_REASON, WOULD_TAKE, OFF_TICK, OFF_LOT, TOO_SMALL, TOO_CHEAP, NO_BOOK, NOT_FILLED, BOOK_LOST = range(9)
TAKEN, TRADED_AT, TRADED_THROUGH, CROSSED, ARRIVED, LEVEL_CHANGED, ENDED = range(7)
NEVER = -(2**63)

# Models.
RISK_AVERSE, POWER, POWER2, POWER3, LOG, LOG2 = range(6)
STEPS, DRAWN, AS_FEED = 0, 1, 2
DRAW_BITS = 16
"""A random latency is one of 2**16 quantiles, equally likely."""

OFF_GRID = 1e-6
"""Of a step: a price or amount further from its grid is no slip of rounding."""

_LEAN: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""No kernel here makes an array, so none need count who holds one, which would take longer than its work."""

_INTS1 = types.int64[::1]
_INTS2 = types.int64[:, ::1]
_FLOATS1 = types.float64[::1]
_FLOATS2 = types.float64[:, ::1]


@njit(**_LEAN)
def _steps_of(value: float, step: float, scale: float) -> float:
    """Count the steps in a value, rounded to whole ones."""
    return float(np.rint(value * scale / step))


@njit(**_LEAN)
def _on_grid(value: float, step: float, scale: float) -> float:
    """Give the float64 that is nearest to the decimal number on the grid, as a parsed text is."""
    return float(np.rint(value * scale / step) * step / scale)


@njit(**_LEAN)
def _is_off(value: float, step: float, scale: float) -> bool:
    steps = value * scale / step
    return bool(abs(steps - np.rint(steps)) > OFF_GRID)


@njit(**_LEAN)
def _floor_on_grid(value: float, step: float, scale: float) -> float:
    """Give the greatest number of the grid that is not above a value."""
    return float(np.floor(value * scale / step + OFF_GRID) * step / scale)


@njit(**_LEAN)
def _draw(seed: int, number: int) -> int:
    """Draw one of 2**DRAW_BITS by a seed and a number: SplitMix64, as in tickreel.replay.draws."""
    word = np.uint64(seed) + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word = word ^ (word >> np.uint64(31))
    return int(word >> np.uint64(64 - DRAW_BITS))


@njit(**_LEAN)
def _latency(leg: int, at_us: int, feed_us: float, clock: Ints, legs: Ints) -> int:
    """Say how long a request (leg 0) or an answer (leg 1) takes that leaves at an instant."""
    kind = clock[ENTRY_KIND + leg]
    if kind == AS_FEED:
        return int(feed_us)
    if kind == DRAWN:
        number = 2 * clock[ENTRY_DRAWS + leg] + leg
        clock[ENTRY_DRAWS + leg] += 1
        return int(legs[2 * leg + 1, _draw(clock[SEED], number)])
    place = int(np.searchsorted(legs[2 * leg], at_us, side="right")) - 1
    return int(legs[2 * leg + 1, max(place, 0)])


@njit(**_LEAN)
def _put(mail: Ints, first: int, end: int, at_us: int, order: int, does: int, fill: int) -> None:
    """Put a request or an answer behind those that are due before or with it."""
    place = end
    while place > first and mail[place - 1, AT] > at_us:
        for column in range(MAIL_SIZE):
            mail[place, column] = mail[place - 1, column]
        place -= 1
    mail[place, AT] = at_us
    mail[place, ORDER] = order
    mail[place, DOES] = does
    mail[place, FILL] = fill


@njit(**_LEAN)
def _answer(
    order: int, does: int, fill: int, clock: Ints, desk: Floats, orders: Ints, answers: Ints, legs: Ints
) -> int:
    """Send an answer to the strategy; give when it is there."""
    who = orders[order, INSTRUMENT]
    due_us = clock[NOW] + _latency(1, clock[NOW], desk[who, FEED_LATENCY], clock, legs)
    due_us = max(due_us, np.int64(desk[who, LAST_ANSWER]))
    desk[who, LAST_ANSWER] = due_us
    _put(answers, clock[ANSWER_AT], clock[ANSWER_END], due_us, order, does, fill)
    clock[ANSWER_END] += 1
    return int(due_us)


@njit(**_LEAN)
def _trace(
    order: int,
    rule: int,
    traded: float,
    filled: float,
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    traces: Floats,
) -> None:
    if not orders[order, TRACED]:
        return
    who = orders[order, INSTRUMENT]
    line = traces[clock[TRACES]]
    clock[TRACES] += 1
    line[0] = order
    line[1] = clock[NOW]
    line[2] = rule
    line[3] = numbers[order, LEVEL]
    line[4] = numbers[order, AHEAD]
    line[5] = traded
    line[6] = filled
    line[7] = desk[who, BID]
    line[8] = desk[who, ASK]


@njit(**_LEAN)
def _fill(
    order: int,
    price: float,
    amount: float,
    rule: int,
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    fill_ints: Ints,
    fill_numbers: Floats,
    answers: Ints,
    legs: Ints,
) -> None:
    """Fill some of an order: position, cash, fee, and the answer."""
    who, side = orders[order, INSTRUMENT], orders[order, SIDE]
    own = desk[who]
    step, scale = own[LOT_STEP], own[LOT_SCALE]
    is_maker = rule != TAKEN
    value = amount * own[MULTIPLIER]
    if own[INVERSE] != 0.0:
        value /= price
        own[CASH] += side * value
    else:
        value *= price
        own[CASH] -= side * value
    fee = abs(value) * (own[MAKER_FEE] if is_maker else own[TAKER_FEE])
    own[FEES] += fee
    own[POSITION] = _on_grid(own[POSITION] + side * amount, step, scale)
    numbers[order, FILLED] = _on_grid(numbers[order, FILLED] + amount, step, scale)
    if _steps_of(numbers[order, AMOUNT] - numbers[order, FILLED], step, scale) <= 0.0:
        orders[order, STATUS] = FILLED_UP
        orders[order, END] = clock[NOW]
    number = clock[FILLS]
    clock[FILLS] += 1
    known_us = _answer(order, FILLS_IT, number, clock, desk, orders, answers, legs)
    fill_ints[number, FILL_ORDER] = order
    fill_ints[number, FILL_MAKER] = is_maker
    fill_ints[number, FILL_RULE] = rule
    fill_ints[number, FILL_TIME] = clock[NOW]
    fill_ints[number, FILL_KNOWN] = known_us
    fill_numbers[number, FILL_PRICE] = price
    fill_numbers[number, FILL_AMOUNT] = amount
    fill_numbers[number, FILL_FEE] = fee
    fill_numbers[number, FILL_POSITION] = own[POSITION]
    fill_numbers[number, FILL_MID] = own[MID]


@njit(**_LEAN)
def _end(
    order: int, status: int, reason: int, clock: Ints, desk: Floats, orders: Ints, answers: Ints, legs: Ints
) -> None:
    """End an order without a fill, and answer so."""
    orders[order, STATUS] = status
    orders[order, REASON] = reason
    orders[order, END] = clock[NOW]
    _answer(order, ENDS, -1, clock, desk, orders, answers, legs)


@njit(**_LEAN)
def _drop_ended(clock: Ints, orders: Ints, live: Ints) -> None:
    """Keep in the list of live orders, in its order, those that are open."""
    kept = 0
    for place in range(clock[LIVE]):
        if orders[live[place], STATUS] == OPEN:
            live[kept] = live[place]
            kept += 1
    clock[LIVE] = kept


@njit(**_LEAN)
def _chance_behind(kind: int, power: float, ahead: float, behind: float) -> float:
    """Give the chance that what left a level had stood behind; the module tells the functions."""
    if kind == POWER:
        front, back = ahead**power, behind**power
        return float(back / (back + front))
    if kind == POWER2:
        return float((behind / (behind + ahead)) ** power)
    if kind == POWER3:
        return float(1.0 - (ahead / (ahead + behind)) ** power)
    if kind == LOG:
        front, back = np.log(1.0 + ahead), np.log(1.0 + behind)
        return float(back / (back + front))
    return float(np.log(1.0 + behind) / np.log(1.0 + behind + ahead))


@njit(**_LEAN)
def _change_level(order: int, after: float, kind: int, power: float, numbers: Floats) -> None:
    """Move an order in its queue as the amount at its price changes."""
    before, ahead = numbers[order, LEVEL], numbers[order, AHEAD]
    fell = before - after - numbers[order, TRADED]
    numbers[order, TRADED] = 0.0
    numbers[order, LEVEL] = after
    behind = before - ahead
    if kind != RISK_AVERSE and fell >= 0.0 and ahead > 0.0 and behind >= 0.0:
        chance = _chance_behind(kind, power, ahead, behind)
        ahead = ahead - (1.0 - chance) * fell + min(behind - chance * fell, 0.0)
    numbers[order, AHEAD] = max(min(ahead, after), 0.0)


@njit(**_LEAN)
def _play_book(
    line: Ints,
    price: Floats,
    amount: Floats,
    mark: NDArray[np.int8],
    quads: Floats,
    power: float,
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    fill_ints: Ints,
    fill_numbers: Floats,
    live: Ints,
    answers: Ints,
    traces: Floats,
    legs: Ints,
) -> None:
    """Let a message of the book reach the exchange."""
    who = line[WHO]
    own = desk[who]
    for place in range(clock[LIVE]):
        order = live[place]
        if orders[order, INSTRUMENT] != who:
            continue
        is_ask = orders[order, SIDE] < 0
        wanted = numbers[order, PRICE]
        after, is_mentioned = numbers[order, LEVEL], False
        for row in range(line[START], line[STOP]):
            if mark[row] & 2:
                after, is_mentioned = 0.0, True
            if price[row] == wanted and (mark[row] & 1 != 0) == is_ask:
                after, is_mentioned = amount[row], True
        orders[order, MENTIONED] = is_mentioned
        numbers[order, NEXT_LEVEL] = after
    quad = quads[line[QUAD]]
    own[BID], own[ASK], own[BID_AMOUNT], own[ASK_AMOUNT] = quad[0], quad[1], quad[2], quad[3]
    own[PLAYED] = line[QUAD]
    if quad[0] == quad[0] and quad[1] == quad[1]:
        own[MID] = (quad[0] + quad[1]) / 2.0
    ended = False
    for place in range(clock[LIVE]):
        order = live[place]
        if orders[order, INSTRUMENT] != who:
            continue
        if orders[order, MENTIONED]:
            _change_level(order, numbers[order, NEXT_LEVEL], clock[QUEUE_KIND], power, numbers)
            _trace(order, LEVEL_CHANGED, 0.0, 0.0, clock, desk, orders, numbers, traces)
        side = orders[order, SIDE]
        # Prices of the other side, so that a smaller number is a better one for the order.
        best = side * (own[ASK] if side > 0 else own[BID])
        if best <= side * numbers[order, REACH]:
            left = numbers[order, AMOUNT] - numbers[order, FILLED]
            left = _on_grid(left, own[LOT_STEP], own[LOT_SCALE])
            numbers[order, AHEAD] = 0.0
            _fill(
                order, numbers[order, PRICE], left, CROSSED, clock, desk, orders, numbers, fill_ints,
                fill_numbers, answers, legs,
            )  # fmt: skip
            _trace(order, CROSSED, 0.0, left, clock, desk, orders, numbers, traces)
            ended = True
        elif not best <= side * numbers[order, PRICE]:
            numbers[order, REACH] = numbers[order, PRICE]
    if ended:
        _drop_ended(clock, orders, live)


@njit(**_LEAN)
def _play_trades(
    line: Ints,
    price: Floats,
    amount: Floats,
    mark: NDArray[np.int8],
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    fill_ints: Ints,
    fill_numbers: Floats,
    live: Ints,
    answers: Ints,
    traces: Floats,
    legs: Ints,
) -> None:
    """Let a message of trades pass the orders in the book."""
    who = line[WHO]
    own = desk[who]
    step, scale = own[LOT_STEP], own[LOT_SCALE]
    for row in range(line[START], line[STOP]):
        at, size = price[row], amount[row]
        if not size > 0.0 or not np.isfinite(at):
            continue
        if mark[row] == 0:
            maker_side = -1
        elif mark[row] == 1:
            maker_side = 1
        elif at >= own[ASK]:
            maker_side = -1
        elif at <= own[BID]:
            maker_side = 1
        else:
            continue
        ended = False
        for place in range(clock[LIVE]):
            order = live[place]
            if orders[order, INSTRUMENT] != who or orders[order, SIDE] != maker_side:
                continue
            if maker_side * at > maker_side * numbers[order, PRICE] or orders[order, STATUS] != OPEN:
                continue
            left = _on_grid(numbers[order, AMOUNT] - numbers[order, FILLED], step, scale)
            rule = TRADED_THROUGH
            if at == numbers[order, PRICE]:
                rule = TRADED_AT
                beyond = size - numbers[order, AHEAD]
                numbers[order, AHEAD] = max(-beyond, 0.0)
                numbers[order, TRADED] += size
                left = min(left, _floor_on_grid(max(beyond, 0.0), step, scale))
            else:
                numbers[order, AHEAD] = 0.0
            if left > 0.0:
                _fill(
                    order, numbers[order, PRICE], left, rule, clock, desk, orders, numbers, fill_ints,
                    fill_numbers, answers, legs,
                )  # fmt: skip
                ended |= orders[order, STATUS] != OPEN
            _trace(order, rule, size, left, clock, desk, orders, numbers, traces)
        if ended:
            _drop_ended(clock, orders, live)


@njit(**_LEAN)
def _lose_book(
    line: Ints, clock: Ints, desk: Floats, orders: Ints, numbers: Floats, live: Ints, answers: Ints,
    traces: Floats, legs: Ints,
) -> None:  # fmt: skip
    """Pass a moment from which no book is known: what is open ends."""
    own = desk[line[WHO]]
    own[BID] = own[ASK] = own[BID_AMOUNT] = own[ASK_AMOUNT] = np.nan
    own[PLAYED] = line[QUAD]
    for place in range(clock[LIVE]):
        order = live[place]
        if orders[order, INSTRUMENT] == line[WHO]:
            _end(order, EXPIRED, BOOK_LOST, clock, desk, orders, answers, legs)
            _trace(order, ENDED, 0.0, 0.0, clock, desk, orders, numbers, traces)
    _drop_ended(clock, orders, live)


@njit(**_LEAN)
def _find_next_funding(clock: Ints, desk: Floats) -> None:
    earliest = float(FAR)
    for who in range(desk.shape[0]):
        earliest = min(earliest, desk[who, NEXT_FUNDING])
    clock[FUNDING_US] = np.int64(earliest)


@njit(**_LEAN)
def _hear_ticker(line: Ints, quads: Floats, clock: Ints, desk: Floats) -> None:
    """Take rate, time and mark price of the next funding; times that are over, and marks of 0, are none."""
    own, quad = desk[line[WHO]], quads[line[QUAD]]
    if quad[1] > 0.0:
        own[MARK] = quad[1]
    if quad[2] > clock[NOW] and quad[0] == quad[0]:
        own[RATE], own[NEXT_FUNDING] = quad[0], quad[2]
        _find_next_funding(clock, desk)


@njit(**_LEAN)
def _pay_funding(clock: Ints, desk: Floats) -> None:
    """Pay what is due: who is long pays a positive rate on the value of the position at the mark price.

    Where none was told it is the mid, and nothing where there was none of either.
    """
    for who in range(desk.shape[0]):
        own = desk[who]
        if own[NEXT_FUNDING] <= clock[NOW]:
            mark = own[MARK] if own[MARK] == own[MARK] else own[MID]
            if own[POSITION] != 0.0 and mark == mark:
                value = own[POSITION] * own[MULTIPLIER]
                value = value / mark if own[INVERSE] != 0.0 else value * mark
                own[FUNDING] -= value * own[RATE]
            own[NEXT_FUNDING] = float(FAR)
    _find_next_funding(clock, desk)


@njit(**_LEAN)
def _refusal(order: int, desk: Floats, orders: Ints, numbers: Floats) -> int:
    """Say why the exchange does not take an order at all; NO_REASON where it does."""
    own = desk[orders[order, INSTRUMENT]]
    price, amount = numbers[order, PRICE], numbers[order, AMOUNT]
    is_market = orders[order, KIND] == MARKET_ORDER
    if not is_market and (not np.isfinite(price) or _is_off(price, own[TICK_STEP], own[TICK_SCALE])):
        return OFF_TICK
    if not np.isfinite(amount) or _is_off(amount, own[LOT_STEP], own[LOT_SCALE]):
        return OFF_LOT
    if _steps_of(amount, own[LOT_STEP], own[LOT_SCALE]) < 1.0 or amount < own[LEAST_AMOUNT]:
        return TOO_SMALL
    if own[LEAST_VALUE] > 0.0:
        at = own[MID] if is_market else price
        worth = amount * own[MULTIPLIER] * (1.0 if own[INVERSE] != 0.0 else at)
        if worth < own[LEAST_VALUE] * (1.0 - OFF_GRID):
            return TOO_CHEAP
    if own[BID] != own[BID] and own[ASK] != own[ASK]:
        return NO_BOOK
    return NO_REASON


@njit(**_LEAN)
def _wants_book(order: int, desk: Floats, orders: Ints, numbers: Floats) -> bool:
    """Tell whether more of the book than its best prices decides what becomes of an order."""
    own, side = desk[orders[order, INSTRUMENT]], orders[order, SIDE]
    other, other_amount = (own[ASK], own[ASK_AMOUNT]) if side > 0 else (own[BID], own[BID_AMOUNT])
    price = numbers[order, PRICE]
    if orders[order, KIND] == MARKET_ORDER or side * price >= side * other:
        return bool(orders[order, FORCE] != POST_ONLY and numbers[order, AMOUNT] > other_amount)
    same = own[BID] if side > 0 else own[ASK]
    return bool(orders[order, FORCE] != IOC and side * price < side * same)


@njit(**_LEAN)
def _arrive(
    order: int,
    ladder: Floats,
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    fill_ints: Ints,
    fill_numbers: Floats,
    live: Ints,
    answers: Ints,
    traces: Floats,
    legs: Ints,
) -> None:
    """Have an order reach the exchange. The ladder, where it was wanted, is the other side, or the level."""
    who, side = orders[order, INSTRUMENT], orders[order, SIDE]
    own = desk[who]
    orders[order, ARRIVE] = clock[NOW]
    numbers[order, ARRIVAL_BID], numbers[order, ARRIVAL_ASK] = own[BID], own[ASK]
    refusal = _refusal(order, desk, orders, numbers)
    if refusal != NO_REASON:
        _end(order, REJECTED, refusal, clock, desk, orders, answers, legs)
        return
    price, amount = numbers[order, PRICE], numbers[order, AMOUNT]
    is_market = orders[order, KIND] == MARKET_ORDER
    other, other_amount = (own[ASK], own[ASK_AMOUNT]) if side > 0 else (own[BID], own[BID_AMOUNT])
    takes = is_market or side * price >= side * other
    if takes and orders[order, FORCE] == POST_ONLY:
        _end(order, REJECTED, WOULD_TAKE, clock, desk, orders, answers, legs)
        return
    level = 0.0
    if takes:
        levels = 1 if clock[LADDER] == 0 else clock[LADDER] - 1
        for place in range(levels):
            at, size = (other, other_amount) if clock[LADDER] == 0 else (ladder[place, 0], ladder[place, 1])
            if at != at or (not is_market and side * at > side * price):
                break
            left = _on_grid(amount - numbers[order, FILLED], own[LOT_STEP], own[LOT_SCALE])
            taken = min(left, _floor_on_grid(size, own[LOT_STEP], own[LOT_SCALE]))
            if taken > 0.0:
                _fill(
                    order, at, taken, TAKEN, clock, desk, orders, numbers, fill_ints, fill_numbers, answers,
                    legs,
                )  # fmt: skip
                _trace(order, TAKEN, size, taken, clock, desk, orders, numbers, traces)
            if orders[order, STATUS] == FILLED_UP:
                return
    elif clock[LADDER] > 0:
        level = ladder[0, 1]
    elif price == (own[BID] if side > 0 else own[ASK]):
        level = own[BID_AMOUNT] if side > 0 else own[ASK_AMOUNT]
    if is_market or orders[order, FORCE] == IOC:
        _end(order, EXPIRED, NOT_FILLED, clock, desk, orders, answers, legs)
        return
    numbers[order, LEVEL] = numbers[order, AHEAD] = numbers[order, QUEUE_AHEAD] = level
    # What took all there was is not crossed by the same levels once more.
    numbers[order, REACH] = other - side * 0.5 * own[TICK_STEP] / own[TICK_SCALE] if takes else price
    orders[order, STATUS] = OPEN
    live[clock[LIVE]] = order
    clock[LIVE] += 1
    _answer(order, OPENS, -1, clock, desk, orders, answers, legs)
    _trace(order, ARRIVED, 0.0, 0.0, clock, desk, orders, numbers, traces)


@njit(types.void(_INTS1, _FLOATS2, _FLOATS2), cache=True, nogil=True, **_LEAN)
def sample(clock: Ints, desk: Floats, samples: Floats) -> None:
    """Write down what everything is worth."""
    line = samples[clock[SAMPLES]]
    clock[SAMPLES] += 1
    line[0] = clock[NOW]
    count = desk.shape[0]
    for who in range(count):
        own = desk[who]
        line[1 + who] = own[POSITION]
        line[1 + count + who] = own[MID]
        line[1 + 2 * count + who] = own[CASH]
        line[1 + 3 * count + who] = own[FEES]
        line[1 + 4 * count + who] = own[FUNDING]
        worth = 0.0
        if own[POSITION] != 0.0:
            worth = own[POSITION] * own[MULTIPLIER]
            worth = -worth / own[MID] if own[INVERSE] != 0.0 else worth * own[MID]
        line[1 + 5 * count + who] = own[CASH] - own[FEES] + own[FUNDING] + worth


@njit(**_LEAN)
def _has_room(
    clock: Ints, fill_ints: Ints, live: Ints, answers: Ints, samples: Floats, ladder: Floats, traces: Floats
) -> bool:
    """Tell whether the next event, whatever it is, can be written down."""
    most = 2 * clock[LIVE] + ladder.shape[0] + 4
    return bool(
        clock[FILLS] + most <= fill_ints.shape[0]
        and clock[LIVE] + 1 <= live.shape[0]
        and clock[ANSWER_END] + most <= answers.shape[0]
        and clock[SAMPLES] + 1 <= samples.shape[0]
        and clock[TRACES] + 2 * most <= traces.shape[0]
    )


@njit(**_LEAN)
def _hear_answer(
    mail: Ints, clock: Ints, desk: Floats, orders: Ints, numbers: Floats, fill_numbers: Floats
) -> None:
    """Let the strategy know what an answer says."""
    order = mail[ORDER]
    if orders[order, ACK] == NEVER:
        orders[order, ACK] = clock[NOW]
    if mail[DOES] == OPENS:
        if orders[order, KNOWN_STATUS] == SENT:
            orders[order, KNOWN_STATUS] = OPEN
        return
    if mail[DOES] == ENDS:
        orders[order, KNOWN_STATUS] = orders[order, STATUS]
        orders[order, KNOWN_END] = clock[NOW]
        return
    own = desk[orders[order, INSTRUMENT]]
    step, scale = own[LOT_STEP], own[LOT_SCALE]
    filled = fill_numbers[mail[FILL], FILL_AMOUNT]
    own[KNOWN_POSITION] = _on_grid(own[KNOWN_POSITION] + orders[order, SIDE] * filled, step, scale)
    numbers[order, KNOWN_FILLED] = _on_grid(numbers[order, KNOWN_FILLED] + filled, step, scale)
    if _steps_of(numbers[order, AMOUNT] - numbers[order, KNOWN_FILLED], step, scale) <= 0.0:
        orders[order, KNOWN_STATUS] = FILLED_UP
        orders[order, KNOWN_END] = clock[NOW]
    else:
        orders[order, KNOWN_STATUS] = OPEN


@njit(**_LEAN)
def _hear_news(line: Ints, quads: Floats, clock: Ints, desk: Floats) -> bool:
    """Let the strategy know a market message; tell whether it is to be told of it."""
    own = desk[line[WHO]]
    own[KNOWN_FEED_LATENCY] = line[LATENCY]
    what = line[WHAT]
    if what == TRADES:
        return bool(clock[TELLS_TRADES] != 0)
    if what == TICKER:
        return False
    own[KNOWN_PLAYED] = line[QUAD]
    quad = quads[line[QUAD]]
    is_same = True
    for place in range(4):
        before, after = own[KNOWN_BID + place], quad[place]
        is_same &= before == after or (before != before and after != after)
        own[KNOWN_BID + place] = after
    return bool(what == BOOK and (clock[TELLS_BOOK] == 2 or (clock[TELLS_BOOK] == 1 and not is_same)))


@njit(
    types.int64(
        _INTS1, _INTS2, _INTS2, _FLOATS1, _FLOATS1, types.int8[::1], _FLOATS2, _FLOATS2, types.float64,
        _FLOATS2, _INTS2, _FLOATS2, _INTS2, _FLOATS2, _INTS1, _INTS2, _INTS2, _FLOATS2, _FLOATS2, _INTS2,
    ),
    cache=True,
    nogil=True,
    **_LEAN,
)  # fmt: skip
def step(
    clock: Ints,
    market: Ints,
    news: Ints,
    price: Floats,
    amount: Floats,
    mark: NDArray[np.int8],
    quads: Floats,
    ladder: Floats,
    power: float,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    fill_ints: Ints,
    fill_numbers: Floats,
    live: Ints,
    post: Ints,
    answers: Ints,
    samples: Floats,
    traces: Floats,
    legs: Ints,
) -> int:
    """Go on to the next thing that the strategy is to be told of, or that this cannot do alone.

    Gives one of the codes above. What is told is the entry before NEWS_AT or ANSWER_AT. All arrays may
    be replaced between steps by others that hold what these do.
    """
    while True:
        at_us, what = clock[HORIZON], -1
        if clock[MARKET_AT] < clock[MARKET_END] and market[clock[MARKET_AT], TIME] < at_us:
            at_us, what = market[clock[MARKET_AT], TIME], 0
        if clock[FUNDING_US] < at_us:
            at_us, what = clock[FUNDING_US], 1
        if clock[POST_AT] < clock[POST_END] and post[clock[POST_AT], AT] < at_us:
            at_us, what = post[clock[POST_AT], AT], 2
        if clock[SAMPLE_US] < at_us:
            at_us, what = clock[SAMPLE_US], 3
        if clock[ANSWER_AT] < clock[ANSWER_END] and answers[clock[ANSWER_AT], AT] < at_us:
            at_us, what = answers[clock[ANSWER_AT], AT], 4
        if clock[NEWS_AT] < clock[NEWS_END] and news[clock[NEWS_AT], TIME] < at_us:
            at_us, what = news[clock[NEWS_AT], TIME], 5
        if clock[TIMER_US] < at_us:
            at_us, what = clock[TIMER_US], 6
        if what < 0:
            return OVER
        if what < 4 and not _has_room(clock, fill_ints, live, answers, samples, ladder, traces):
            return ROOM_WANTED
        clock[NOW] = at_us
        if what == 0:
            line = market[clock[MARKET_AT]]
            clock[MARKET_AT] += 1
            clock[MESSAGES] += line[WHAT] != BREAK
            clock[ROWS] += 1 if line[WHAT] == TICKER else line[STOP] - line[START]
            clock[TRADES_PLAYED] += line[STOP] - line[START] if line[WHAT] == TRADES else 0
            desk[line[WHO], FEED_LATENCY] = line[LATENCY]
            if line[WHAT] == BOOK:
                _play_book(
                    line, price, amount, mark, quads, power, clock, desk, orders, numbers, fill_ints,
                    fill_numbers, live, answers, traces, legs,
                )  # fmt: skip
            elif line[WHAT] == TRADES:
                if clock[LIVE]:
                    _play_trades(
                        line, price, amount, mark, clock, desk, orders, numbers, fill_ints, fill_numbers,
                        live, answers, traces, legs,
                    )  # fmt: skip
            elif line[WHAT] == TICKER:
                _hear_ticker(line, quads, clock, desk)
            else:
                _lose_book(line, clock, desk, orders, numbers, live, answers, traces, legs)
        elif what == 1:
            _pay_funding(clock, desk)
        elif what == 2:
            mail = post[clock[POST_AT]]
            order = mail[ORDER]
            if mail[DOES] == SUBMITS:
                if clock[LADDER] == 0 and _wants_book(order, desk, orders, numbers):
                    clock[WANTED_ORDER] = order
                    return BOOK_WANTED
                _arrive(
                    order, ladder, clock, desk, orders, numbers, fill_ints, fill_numbers, live, answers,
                    traces, legs,
                )  # fmt: skip
                clock[LADDER] = 0
            elif orders[order, STATUS] == OPEN:
                _end(order, CANCELLED, NO_REASON, clock, desk, orders, answers, legs)
                _trace(order, ENDED, 0.0, 0.0, clock, desk, orders, numbers, traces)
                _drop_ended(clock, orders, live)
            clock[POST_AT] += 1
        elif what == 3:
            sample(clock, desk, samples)
            clock[SAMPLE_US] += clock[SAMPLE_STEP_US]
        elif what == 4:
            mail = answers[clock[ANSWER_AT]]
            clock[ANSWER_AT] += 1
            _hear_answer(mail, clock, desk, orders, numbers, fill_numbers)
            if clock[TELLS_FILLS] if mail[DOES] == FILLS_IT else clock[TELLS_ORDERS]:
                return ANSWER
        elif what == 5:
            line = news[clock[NEWS_AT]]
            clock[NEWS_AT] += 1
            if _hear_news(line, quads, clock, desk):
                return NEWS
        else:
            clock[TIMER_US] += clock[TIMER_STEP_US]
            return TIMER


@njit(**_LEAN)
def _request(order: int, does: int, clock: Ints, desk: Floats, orders: Ints, post: Ints, legs: Ints) -> None:
    own = desk[orders[order, INSTRUMENT]]
    due_us = clock[NOW] + _latency(0, clock[NOW], own[KNOWN_FEED_LATENCY], clock, legs)
    due_us = max(due_us, np.int64(own[LAST_ARRIVAL]))
    own[LAST_ARRIVAL] = due_us
    _put(post, clock[POST_AT], clock[POST_END], due_us, order, does, -1)
    clock[POST_END] += 1


@njit(
    types.int64(
        types.int64, types.int64, types.int64, types.int64, types.float64, types.float64, _INTS1, _FLOATS2,
        _INTS2, _FLOATS2, _INTS2, _INTS2,
    ),
    cache=True,
    nogil=True,
    **_LEAN,
)  # fmt: skip
def send(
    who: int,
    side: int,
    kind: int,
    force: int,
    price: float,
    amount: float,
    clock: Ints,
    desk: Floats,
    orders: Ints,
    numbers: Floats,
    post: Ints,
    legs: Ints,
) -> int:
    """Send an order to the exchange; give its number. There must be room for it and its cancellation."""
    own = desk[who]
    order = clock[ORDERS]
    clock[ORDERS] += 1
    for place in range(ORDER_INTS):
        orders[order, place] = 0
    for place in range(ORDER_NUMBERS):
        numbers[order, place] = 0.0
    for place in (ARRIVE, ACK, CANCEL, END, KNOWN_END):
        orders[order, place] = NEVER
    for place in (QUEUE_AHEAD, ARRIVAL_BID, ARRIVAL_ASK):
        numbers[order, place] = np.nan
    orders[order, INSTRUMENT] = who
    orders[order, SIDE] = side
    orders[order, KIND] = kind
    orders[order, FORCE] = force
    orders[order, SUBMIT] = clock[NOW]
    if not _is_off(price, own[TICK_STEP], own[TICK_SCALE]):
        price = _on_grid(price, own[TICK_STEP], own[TICK_SCALE])
    if not _is_off(amount, own[LOT_STEP], own[LOT_SCALE]):
        amount = _on_grid(amount, own[LOT_STEP], own[LOT_SCALE])
    numbers[order, PRICE] = np.nan if kind == MARKET_ORDER else price
    numbers[order, AMOUNT] = amount
    numbers[order, MID_SENT] = (own[KNOWN_BID] + own[KNOWN_ASK]) / 2.0
    _request(order, SUBMITS, clock, desk, orders, post, legs)
    return int(order)


@njit(
    types.boolean(types.int64, _INTS1, _FLOATS2, _INTS2, _INTS2, _INTS2),
    cache=True,
    nogil=True,
    **_LEAN,
)
def cancel(order: int, clock: Ints, desk: Floats, orders: Ints, post: Ints, legs: Ints) -> bool:
    """Ask the exchange to cancel; False where that was done already, or the end of the order is known."""
    if orders[order, CANCEL] != NEVER or orders[order, KNOWN_STATUS] > OPEN:
        return False
    orders[order, CANCEL] = clock[NOW]
    _request(order, CANCELS, clock, desk, orders, post, legs)
    return True
