"""Crossings of a level of the spread, against a walk over every message of the range."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US

from tickreel.errors import Cancelled, NotHeldError
from tickreel.replay import CrossingSearch, Order, ReplayPlan, Threshold, crossings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Cache

    Put = Callable[..., None]

EXCHANGE = "binance-futures"
BTC = (EXCHANGE, "BTCUSDT")
DAY_US = 86_400_000_000
LEVEL = 2.0
BPS = 200.0


def walk(seed: int, messages: int = 300) -> list[Row]:
    """A book of few levels, of which a side is empty now and then."""
    chance, rows, now_us = random.Random(seed), [], START_US + 3
    for number in range(messages):
        is_snapshot = number % 90 == 0
        for side in ("bid", "ask") if is_snapshot else (chance.choice(("bid", "ask")),):
            steps = chance.randint(1, 4)
            price = 100 - steps / 2 if side == "bid" else 100 + steps / 2
            rows.append(Row(now_us, is_snapshot, side, price, float(chance.choice((0, 1)) or is_snapshot)))
        now_us += chance.randint(1, 9)
    return rows


def states(rows: list[Row], is_bps: bool) -> dict[int, bool | None]:
    """Say after each message whether the spread is above the level; None where a side is empty."""
    book = DictBook()
    found: dict[int, bool | None] = {}
    for local_us in sorted({row.local_us for row in rows}):
        book.apply(row for row in rows if row.local_us == local_us)
        bids, asks = book.bids(), book.asks()
        found[local_us] = None
        if bids and asks:
            spread, mid = asks[0][0] - bids[0][0], (asks[0][0] + bids[0][0]) / 2
            found[local_us] = 1e4 * spread / mid > BPS if is_bps else spread > LEVEL
    return found


def expected(moments: dict[int, bool | None]) -> list[int]:
    known = [(us, is_above) for us, is_above in moments.items() if is_above is not None]
    return [us for (_, before), (us, is_above) in pairwise(known) if before is not is_above]


def ask_everywhere(search: CrossingSearch, threshold: Threshold, found: list[int], span: range) -> None:
    for at_us in span:
        assert search.after(at_us, threshold) == next((us for us in found if us > at_us), None)
        assert search.before(at_us, threshold) == next((us for us in reversed(found) if us < at_us), None)


@pytest.mark.parametrize("is_bps", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_they_are_those_of_a_walk_over_every_message(
    cache: Cache, put_l2: Put, monkeypatch: pytest.MonkeyPatch, seed: int, is_bps: bool
) -> None:
    monkeypatch.setattr(crossings, "_MESSAGES_BACK", 1)
    # So far apart that what is looked through at once holds few messages.
    rows = [row._replace(local_us=START_US + 3_000 * (row.local_us - START_US)) for row in walk(seed)]
    put_l2(rows)
    found = expected(states(rows, is_bps))
    assert len(found) > 15
    end_us = rows[-1].local_us + 1
    search = CrossingSearch(cache, ReplayPlan((BTC,), START_US, end_us), *BTC)
    threshold = Threshold(BPS if is_bps else LEVEL, is_bps=is_bps)
    ask_everywhere(search, threshold, found, range(START_US - 1, end_us, 21_001))


def test_by_the_clock_of_the_exchange_they_are_when_they_are_played(cache: Cache, put_l2: Put) -> None:
    rows, chance = walk(4), random.Random(4)
    lag_of = {us: chance.randint(-5, 30) for us in {row.local_us for row in rows}}
    put_l2(rows, exchange_us=[row.local_us - lag_of[row.local_us] for row in rows])
    end_us = rows[-1].local_us + 100
    played, newest_us = {}, 0
    for local_us in sorted(lag_of):
        newest_us = max(newest_us, local_us - lag_of[local_us], START_US)
        played[local_us] = newest_us
    found = [played[us] for us in expected(states(rows, False))]
    plan = ReplayPlan((BTC,), START_US, end_us, order=Order.EXCHANGE)
    ask_everywhere(CrossingSearch(cache, plan, *BTC), Threshold(LEVEL), found, range(START_US, end_us, 11))


def test_over_a_day_that_is_not_held_the_last_that_was_known_counts(cache: Cache, put_l2: Put) -> None:
    later = [row._replace(local_us=row.local_us + 2 * DAY_US) for row in walk(6)]
    early = walk(5)
    put_l2(early, complete=True)
    put_l2(later, complete=True)
    found = expected({**states(early, False), **states(later, False)})
    plan = ReplayPlan((BTC,), START_US, START_US + 3 * DAY_US, allow_missing=True)
    search, threshold = CrossingSearch(cache, plan, *BTC), Threshold(LEVEL)
    for at_us in (START_US + DAY_US - 1, START_US + DAY_US, START_US + 2 * DAY_US - 1, START_US + 2 * DAY_US):
        assert search.after(at_us, threshold) == next(us for us in found if us > at_us)
        assert search.before(at_us, threshold) == next(us for us in reversed(found) if us < at_us)
    first_later_us = next(us for us in found if us > START_US + DAY_US)
    assert search.before(first_later_us + 1, threshold) == first_later_us


def test_the_whole_range_is_searched_and_nothing_else(cache: Cache, put_l2: Put) -> None:
    rows = walk(1)
    put_l2(rows)
    found = expected(states(rows, False))
    plan = ReplayPlan((BTC,), found[3], found[-3])
    search, threshold = CrossingSearch(cache, plan, *BTC), Threshold(LEVEL)
    assert search.after(found[3] - 1, threshold) == found[3]
    assert search.before(found[4], threshold) == found[3]
    assert search.before(found[3], threshold) is None
    assert search.after(found[-4], threshold) is None
    assert search.after(START_US, Threshold(1e6)) is None


class _Impatient:
    def __init__(self) -> None:
        self.heard: list[tuple[int, int | None]] = []

    def report(self, done: int, total: int | None, note: str = "") -> None:
        self.heard.append((done, total))
        raise Cancelled("enough")


@pytest.mark.parametrize("way", ["after", "before"])
def test_it_can_be_stopped_and_tells_how_far_it_is(cache: Cache, put_l2: Put, way: str) -> None:
    rows = walk(1)
    put_l2(rows)
    end_us = rows[-1].local_us + 1
    search = CrossingSearch(cache, ReplayPlan((BTC,), START_US, end_us), *BTC)
    monitor = _Impatient()
    with pytest.raises(Cancelled):
        getattr(search, way)(START_US - 1 if way == "after" else end_us, Threshold(1e6), monitor)
    ((done, total),) = monitor.heard
    assert total is not None
    assert 0 <= done <= total == end_us - START_US + (way == "after")


def test_without_a_book_there_is_nothing_to_search(cache: Cache) -> None:
    with pytest.raises(NotHeldError):
        CrossingSearch(cache, ReplayPlan((BTC,), START_US, START_US + 1), *BTC)
