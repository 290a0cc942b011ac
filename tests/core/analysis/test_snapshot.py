"""A snapshot says what plain counting says, knows nothing later than its end, and is the same every time."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from importlib.resources import files
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.snapshots import snapshot
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.analysis import FIGURES, Group, Snapshot, take_snapshot, take_snapshot_of_replay
from tickreel.analysis.figures import BY_NAME
from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.market.types import DataType
from tickreel.replay import Replay
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAGE = files("tickreel_resources").joinpath("docs", "analysis.md").read_text(encoding="utf-8")
SECOND = 1_000_000


@pytest.fixture
def cache() -> Iterator[Cache]:
    with open_cache() as opened:
        yield opened


def put(cache: Cache, folder: Path, books: Sequence[str], trades: Sequence[str] = ()) -> None:
    for data_type, lines in ((DataType.INCREMENTAL_BOOK_L2, books), (DataType.TRADES, trades)):
        if lines:
            path = write_csv(folder / f"{data_type}.csv", data_type, lines)
            cache.import_file(path, type=data_type, complete=True)


def trade(at_us: int, side: str, price: float, amount: float) -> str:
    return line(DataType.TRADES, at_us, side=side, price=repr(price), amount=repr(amount), id=str(at_us))


def test_the_page_defines_every_figure_as_the_table_does() -> None:
    told = re.findall(r"^\| `(f\d{3})` \| `(\w+)` \| ([\w/]+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert told == [(each.id, each.name, each.unit.value, each.definition) for each in FIGURES]


def test_it_says_what_plain_counting_says(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    seen = take_snapshot(cache, EXCHANGE, SYMBOL, start_us + 10 * SECOND, end_us)
    replay = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us, types=["incremental_book_L2"])
    # The touch as a clock of single microseconds would read it: what stands is what came last.
    standing = [(start_us + 10 * SECOND, replay.seek(start_us + 10 * SECOND - 1))]
    while not replay.is_end:
        frame = replay.advance_messages(1)
        if frame.at_us < end_us - 1:
            standing.append((frame.at_us, frame))
    spread, spread_us, mids, weighed = 0.0, 0, [], 0.0
    for (from_us, frame), (to_us, _) in zip(standing, [*standing[1:], (end_us, None)], strict=True):
        book = frame.symbols[0].book
        assert book is not None
        balance = book.imbalance(5)
        weighed += (math.nan if balance is None else balance) * (to_us - from_us)
        if book.spread is not None and book.mid is not None:
            spread += book.spread / book.mid * 10_000 * (to_us - from_us)
            spread_us += to_us - from_us
            mids.append(book.mid)
    assert seen.number("spread_mean") == pytest.approx(spread / spread_us)
    assert seen.number("imbalance_mean") == pytest.approx(weighed / (50 * SECOND))
    assert (seen["mid_first"], seen["mid_last"]) == pytest.approx((mids[0], mids[-1]))
    assert (seen["mid_low"], seen["mid_high"]) == pytest.approx((min(mids), max(mids)))
    assert seen["book_messages"] == len(standing) - 1
    assert (seen["trades"], seen["trade_rate"], seen["runs"]) == (50, 1.0, 1)
    assert seen.number("buy_amount") == pytest.approx(50 * 0.002)
    book = standing[-1][1].symbols[0].book
    assert book is not None
    amounts = book.asks[:50, 1]
    wall = seen["wall_ask_amount"]
    assert wall == (max(amounts) if max(amounts) >= 5 * median(amounts) else None)
    assert (seen["grade"], seen["gaps"], seen["resets"]) == ("good", 0, 0)


def test_runs_and_sweeps_are_those_of_a_plain_walk_over_the_trades(cache: Cache, tmp_path: Path) -> None:
    sides = "bbbssbsssssbbuubb"
    prices = [10, 11, 12, 11, 11, 12, 11, 10, 10, 9, 8, 9, 9, 9, 9, 10, 12]
    gaps = [0, 10, 10, 10, 60, 10, 10, 10, 10, 10, 51, 10, 10, 10, 10, 10, 10]
    at_us, trades = START_US, []
    for number, (side, price, gap) in enumerate(zip(sides, prices, gaps, strict=True)):
        at_us += gap * 1_000
        word = {"b": "buy", "s": "sell", "u": "unknown"}[side]
        trades.append(trade(at_us, word, float(price), float(number + 1)))
    put(cache, tmp_path, [], trades)
    seen = take_snapshot(cache, EXCHANGE, SYMBOL, START_US, START_US + SECOND)
    runs = [(side, len(list(run))) for side, run in groupby(sides.replace("u", ""))]
    assert seen["runs"] == len(runs)
    assert seen["run_mean"] == pytest.approx(sum(length for _, length in runs) / len(runs))
    assert seen["run_longest_buy"] == max(length for side, length in runs if side == "b")
    assert seen["run_longest_sell"] == max(length for side, length in runs if side == "s")
    # Buys 10, 11, 12; sells 11, 10, 10, 9 (the last came too late); buys 9, 9, 10, 12, unknown ones between.
    assert (seen["sweeps_buy"], seen["sweeps_sell"]) == (2, 1)
    assert seen["sweep_amount"] == 12 + 13 + 16 + 17
    assert seen["sweep_move"] == pytest.approx((12 - 9) / 9 * 10_000)
    assert seen["spread_mean"] is None, "no book is held"
    when = {name: moment(seen, name) for name in ("trade_largest", "run_longest_buy", "run_longest_sell")}
    times_us = [START_US + sum(gaps[: number + 1]) * 1_000 for number in range(len(gaps))]
    assert when == {
        "trade_largest": times_us[16],
        "run_longest_buy": times_us[16],
        "run_longest_sell": times_us[10],
    }
    assert moment(seen, "sweep_amount") == moment(seen, "sweep_move") == times_us[16]
    assert seen.span_of(BY_NAME["sweep_amount"].id) == (times_us[16], times_us[16] + 1)
    assert seen.span_of(BY_NAME["trades"].id) == (seen.from_us, seen.to_us)
    narrowed = seen.only([Group.TRADES])
    assert set(narrowed.moments) == {BY_NAME[name].id for name in when}


def moment(seen: Snapshot, name: str) -> int:
    return seen.moments[BY_NAME[name].id]


def test_at_its_moment_each_figure_is_what_it_tells(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    seen = take_snapshot(cache, EXCHANGE, SYMBOL, start_us + 10 * SECOND, end_us)
    replay = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)

    def book_at(name: str, *, before_us: int = 0) -> Any:
        return replay.seek(moment(seen, name) - before_us).symbols[0].book

    for name in ("mid_low", "mid_high"):
        assert seen[name] == pytest.approx(book_at(name).mid)
    for name in ("spread_low", "spread_high"):
        book = book_at(name)
        assert seen[name] == pytest.approx(book.spread / book.mid * 10_000)
    assert seen.from_us < moment(seen, "mid_low")
    assert book_at("mid_low", before_us=1).mid > seen.number("mid_low"), "it is the first time"
    until_us = moment(seen, "silence")
    silence_us = round((seen.number("silence") or 0) * 1e6)
    quiet = replay.seek(until_us - silence_us + 1).symbols[0].book
    assert quiet is not None
    assert book_at("silence").mid == quiet.mid
    assert all(seen.from_us <= at_us < seen.to_us for at_us in seen.moments.values())


def test_what_stood_before_the_window_is_of_its_beginning(cache: Cache, tmp_path: Path) -> None:
    start_us, _ = import_walk(cache, tmp_path)
    quiet = take_snapshot(cache, EXCHANGE, SYMBOL, start_us + 10 * SECOND + 1, start_us + 10 * SECOND + 5)
    assert quiet["mid_low"] == quiet["mid_high"]
    assert moment(quiet, "mid_low") == quiet.from_us
    assert BY_NAME["spread_high"].id not in quiet.moments, "no message came"


def test_moments_leave_the_digest_as_it_was() -> None:
    seen = snapshot(spread_mean=0.42, trades=7)
    assert seen.digest == "1293aa68d6d768517be5cfc6f7d2299bb9adbaf907f7a4a3df759a484c175f0e"
    assert replace(seen, moments={"f010": seen.from_us}).digest == seen.digest


def test_a_price_that_goes_back_and_forth_reverts_and_one_that_climbs_goes_on(
    cache: Cache, tmp_path: Path
) -> None:
    rows = []
    for number in range(240):
        price = 100 + (number % 2) / 10 if number < 120 else 100 + (number - 120) / 10
        at_us = START_US + number * SECOND - (1 if number else 0)
        rows += [
            l2_line(at_us, side, f"{price + sign:.1f}", "1", snapshot=True)
            for side, sign in (("bid", -0.5), ("ask", 0.5))
        ]
    put(cache, tmp_path, rows)
    back, onward = (
        take_snapshot(cache, EXCHANGE, SYMBOL, START_US + first * SECOND, START_US + (first + 100) * SECOND)
        for first in (10, 130)
    )
    assert (back.number("autocorrelation") or 0) < -0.9
    assert (back.number("variance_ratio") or 9) < 0.3
    assert (back.number("efficiency") or 0) < 0.02
    assert onward.number("efficiency") == pytest.approx(1)
    assert onward.number("move") == pytest.approx(onward.number("range"))
    assert (onward.number("move") or 0) > 900


def test_the_spread_is_told_with_its_regime(cache: Cache, tmp_path: Path) -> None:
    rows = []
    for number in range(120):
        half = 0.1 if number < 110 else 0.5
        rows += [
            l2_line(START_US + number * SECOND, side, f"{100 + sign * half:.1f}", "1", snapshot=True)
            for side, sign in (("bid", -1), ("ask", 1))
        ]
    put(cache, tmp_path, rows)
    seen = take_snapshot(cache, EXCHANGE, SYMBOL, START_US, START_US + 120 * SECOND)
    # Ten seconds are 0.5 away and the others 0.1: 20 and 100 bps, the last part is all of the wide ones.
    assert seen.number("spread_mean") == pytest.approx((110 * 20 + 10 * 100) / 120)
    assert (seen["spread_regime"], seen["spread_regime_changes"]) == ("wide", 1)
    assert seen.number("spread_change") == pytest.approx(((30 * 20 + 10 * 100) / 40 / 20 - 1) * 100)
    assert seen["resets"] == 120


def test_nothing_later_than_the_replay_has_a_part_in_its_snapshot(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    replay = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
    replay.advance(start_us + 30 * SECOND)
    seen = take_snapshot_of_replay(cache, replay, EXCHANGE, SYMBOL, 20 * SECOND)
    assert (seen.from_us, seen.to_us) == (start_us + 10 * SECOND + 1, start_us + 30 * SECOND + 1)
    book = replay.book(EXCHANGE, SYMBOL)
    assert seen["mid_last"] == book.mid
    assert seen["imbalance_last"] == pytest.approx(book.imbalance(5))


def test_it_is_the_same_every_time_and_comes_back_from_its_form(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    first, second = (take_snapshot(cache, EXCHANGE, SYMBOL, start_us, end_us) for _ in range(2))
    assert first.digest == second.digest
    form: dict[str, Any] = json.loads(json.dumps(first.to_form(), allow_nan=False))
    assert Snapshot.from_form(form) == first
    assert {one["type"] for one in form["data"]} == {"incremental_book_L2", "trades"}
    assert take_snapshot(cache, EXCHANGE, SYMBOL, start_us, end_us - 1).digest != first.digest
    with pytest.raises(DataError, match="schema_version 99 is not known"):
        Snapshot.from_form(form | {"schema_version": 99})
    with pytest.raises(DataError, match="no snapshot"):
        Snapshot.from_form(form | {"figures": []})


def test_an_empty_range_is_an_empty_snapshot_and_what_is_not_held_is_refused(
    cache: Cache, tmp_path: Path
) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    empty = take_snapshot(cache, EXCHANGE, SYMBOL, start_us, start_us)
    assert empty.is_empty
    assert {name for name in ("trades", "spread_mean", "mid_last") if empty[name] is not None} == set()
    assert not take_snapshot(cache, EXCHANGE, SYMBOL, start_us, end_us).is_empty
    with pytest.raises(UsageError, match="more than 24 hours"):
        take_snapshot(cache, EXCHANGE, SYMBOL, start_us, start_us + 86_400 * SECOND + 1)
    with pytest.raises(NotHeldError, match="neither an order book nor trades are held"):
        take_snapshot(cache, EXCHANGE, "OTHER", start_us, end_us)
    with pytest.raises(NotHeldError):
        take_snapshot(cache, EXCHANGE, SYMBOL, end_us + 86_400 * SECOND, end_us + 86_401 * SECOND)


def test_the_window_of_a_replay_begins_with_what_is_held(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    replay = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
    replay.advance(start_us + 5 * SECOND)
    seen = take_snapshot_of_replay(cache, replay, EXCHANGE, SYMBOL, 3_600 * SECOND)
    assert (seen.from_us, seen.to_us) == (start_us, start_us + 5 * SECOND + 1)
