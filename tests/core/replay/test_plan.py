"""The plan of a replay: one value that survives being written down, and refuses what it does not know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.vendorfiles import START_US

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.replay import BandAction, BandKind, Bookmark, Loop, Order, Replay, ReplayPlan

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import Cache

END_US = START_US + US_PER_DAY
BTC = ("binance-futures", "BTCUSDT")


def plan(**changes: Any) -> ReplayPlan:
    return ReplayPlan.of([BTC], START_US, END_US, **changes)


FULL = ReplayPlan.of(
    [BTC, ("deribit", "ETH-PERPETUAL"), BTC],
    "2024-07-23",
    "2024-07-24",
    types=["trades", "incremental_book_L2"],
    speed="1,000x",
    order="exchange",
    allow_missing=True,
    health={"missing": "warn", "gap": "skip", "bad": "stop"},
    loop=("2024-07-23T10:00", "2024-07-23T11:00"),
    skip_quiet_us=5_000_000,
    latency_us=25_000,
    bookmarks={"open": "2024-07-23T09:30", "Überraschung": END_US},
)


def test_a_plan_reads_what_people_write() -> None:
    written = ReplayPlan(
        symbols=(BTC, ("deribit", "ETH-PERPETUAL")),
        start_us=START_US,
        end_us=END_US,
        types=(DataType.TRADES, DataType.INCREMENTAL_BOOK_L2),
        speed=1_000.0,
        order=Order.EXCHANGE,
        allow_missing=True,
        health=(
            (BandKind.GAP, BandAction.SKIP),
            (BandKind.BAD, BandAction.STOP),
            (BandKind.MISSING, BandAction.WARN),
        ),
        loop=Loop(START_US + 36_000_000_000, START_US + 39_600_000_000),
        skip_quiet_us=5_000_000,
        latency_us=25_000,
        bookmarks=(Bookmark("open", START_US + 34_200_000_000), Bookmark("Überraschung", END_US)),
    )
    assert written == FULL
    assert plan().speed is None
    assert plan(speed=20).speed == 20.0
    assert hash(FULL) == hash(ReplayPlan.from_form(FULL.to_form()))


@given(
    types=st.none() | st.lists(st.sampled_from(list(DataType)), min_size=1),
    speed=st.just("max") | st.floats(1e-3, 1e9),
    order=st.sampled_from(list(Order)),
    allow_missing=st.booleans(),
    health=st.dictionaries(st.sampled_from(list(BandKind)), st.sampled_from(list(BandAction))),
    loop=st.none() | st.tuples(st.integers(0, 10), st.integers(11, 20)),
    skip_quiet_us=st.none() | st.integers(1, 10**12),
    bookmarks=st.dictionaries(st.text(min_size=1), st.integers(START_US - 1, END_US)),
)
def test_every_plan_is_the_same_after_being_written_down(loop: Any, **parts: Any) -> None:
    if loop is not None:
        loop = (START_US + loop[0], START_US + loop[1])
    made = plan(loop=loop, **parts)
    form = json.loads(json.dumps(made.to_form()))
    assert ReplayPlan.from_form(form) == made
    assert ReplayPlan.from_form(form).to_form() == form


def test_what_a_form_leaves_out_is_as_by_default() -> None:
    form = {"symbols": [list(BTC)], "from_us": START_US, "to_us": END_US}
    assert ReplayPlan.from_form(form) == plan()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sped": 1, "lop": None}, "a replay plan has no lop, sped: it has version, symbols"),
        ({"version": 2}, "of version 2, and only 1 is read"),
        ({"symbols": ["BTCUSDT"]}, r"symbols of a replay plan is a list of \[exchange, symbol\]"),
        ({"symbols": []}, "at least one symbol"),
        ({"from_us": "2024-07-23"}, "from_us of a replay plan is microseconds"),
        ({"from_us": True}, "from_us of a replay plan is microseconds"),
        ({"to_us": START_US - 1}, "ends before it starts"),
        ({"speed": "fast"}, "'fast' is not a speed"),
        ({"speed": 0}, "not a speed"),
        ({"speed": None}, "speed of a replay plan is a number"),
        ({"order": "random"}, "'random' is not an order of events: choose local, exchange"),
        ({"types": ["candles"]}, "'candles' is not a data type"),
        ({"types": "trades"}, "types of a replay plan is a list"),
        ({"allow_missing": 1}, "allow_missing of a replay plan is true or false"),
        ({"health": {"gap": "explode"}}, "'explode' is not an action for a band: choose play, skip"),
        ({"health": {"hole": "skip"}}, "'hole' is not a kind of band"),
        ({"loop": [START_US, END_US + 1]}, "a loop needs a beginning before its end"),
        ({"loop": [START_US + 5, START_US + 5]}, "a loop needs a beginning before its end"),
        ({"loop": [START_US]}, "loop of a replay plan is"),
        ({"skip_quiet_us": 0}, "length above zero"),
        ({"bookmarks": {"": START_US}}, "a bookmark needs a name"),
        ({"bookmarks": {"late": END_US + 1}}, "bookmark 'late' lies outside the range"),
    ],
)
def test_what_a_plan_cannot_have_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ReplayPlan.from_form({**plan().to_form(), **changes})


def test_a_form_that_is_no_form_is_refused() -> None:
    with pytest.raises(UsageError, match="a replay plan is a table"):
        ReplayPlan.from_form([1, 2])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="needs symbols, to_us"):
        ReplayPlan.from_form({"from_us": START_US})


def test_a_session_is_made_from_a_plan_and_gives_it_back(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    asked = ReplayPlan.of([(EXCHANGE, SYMBOL)], start_us, end_us, speed=20, types=["trades"])
    session = Replay.from_plan(cache, asked)
    assert session.plan == asked
    direct = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us, speed="20x", types=["trades"])
    assert direct.plan == asked
    assert direct.advance_to_end().rows_since == session.advance_to_end().rows_since == 60
    with pytest.raises(UsageError, match="'quick' is not a speed"):
        Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us, speed="quick")


def test_what_a_session_is_told_goes_into_its_plan(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
    session.set_speed("50x")
    session.set_loop(start_us + 10, start_us + 20)
    session.advance(start_us + 5)
    session.bookmark("here")
    session.bookmark("there", start_us + 30_000_000)
    session.bookmark("here", start_us + 6)
    again = Replay.from_plan(cache, ReplayPlan.from_form(session.plan.to_form()))
    assert again.plan.speed == 50.0
    assert again.plan.loop == Loop(start_us + 10, start_us + 20)
    assert again.go_to("there").at_us == start_us + 30_000_000
    assert again.go_to("here").at_us == start_us + 6
    assert (
        again.book(EXCHANGE, SYMBOL).state_hash() == cache.book(EXCHANGE, SYMBOL, start_us + 6).state_hash()
    )
    again.remove_bookmark("there")
    for call in (again.go_to, again.remove_bookmark):
        with pytest.raises(UsageError, match="no bookmark 'there': it has here"):
            call("there")
    with pytest.raises(UsageError, match="outside the range"):
        again.bookmark("nowhere", end_us + 1)
    again.set_loop(None)
    assert again.plan == replace(session.plan, loop=None, bookmarks=again.plan.bookmarks)
    with pytest.raises(UsageError, match="a beginning and an end"):
        again.set_loop(start_us)
