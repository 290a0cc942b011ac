"""A plan spelt as a command line, read back by the command itself."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.cli.replay import add_arguments, plan_of
from tickreel.market.time import EARLIEST_US, LATEST_US
from tickreel.market.types import DataType
from tickreel.replay import BandAction, BandKind, Loop, Order, ReplayPlan, spell_plan
from tickreel.replay.spelling import short_instant, spell_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_US = 1_722_816_000_000_000
exchanges = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True)
symbols = st.from_regex(r"[A-Z0-9&_/:.-]{1,12}", fullmatch=True).filter(
    lambda name: not name.startswith((":", "-"))
)
ranges = st.tuples(*[st.integers(EARLIEST_US, LATEST_US - 1)] * 2).map(sorted)


@st.composite
def plans(draw: st.DrawFn) -> ReplayPlan:
    start_us, end_us = draw(ranges)
    types = st.lists(st.sampled_from(DataType), min_size=1, unique=True).map(tuple)
    return ReplayPlan(
        tuple(draw(st.lists(st.tuples(exchanges, symbols), min_size=1, max_size=3, unique=True))),
        start_us,
        end_us,
        types=draw(st.none() | types),
        speed=draw(st.none() | st.floats(1e-3, 1e9)),
        order=draw(st.sampled_from(Order)),
        allow_missing=draw(st.booleans()),
        health=tuple((kind, BandAction.SKIP) for kind in BandKind if draw(st.booleans())),
        skip_quiet_us=draw(st.none() | st.integers(1, 10**12)),
    )


def read(words: Sequence[str]) -> ReplayPlan:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return plan_of(parser.parse_args(words))


@given(plans())
def test_the_command_plays_the_plan(plan: ReplayPlan) -> None:
    program, command, *words = shlex.split(spell_plan(plan))
    assert (program, command) == ("tickreel", "replay")
    assert read(words) == plan


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("bybit", "BTCUSDT")], "bybit BTCUSDT"),
        ([("bybit", "BTCUSDT"), ("bybit", "ETHUSDT")], "bybit BTCUSDT,ETHUSDT"),
        ([("bybit", "BTCUSDT"), ("deribit", "BTC&ETH")], "'bybit:BTCUSDT,deribit:BTC&ETH'"),
        ([("bitfinex", "BTCF0:USTF0")], "bitfinex:BTCF0:USTF0"),
    ],
)
def test_a_command_is_as_short_as_it_can_be(pairs: list[tuple[str, str]], words: str) -> None:
    plan = ReplayPlan.of(pairs, DAY_US, DAY_US + 1_000_000, speed=100)
    end = "2024-08-05T00:00:01Z"
    assert spell_plan(plan) == f"tickreel replay {words} 2024-08-05 {end} --speed 100"
    looped = replace(plan, loop=Loop(DAY_US, DAY_US + 1))
    assert spell_plan(looped) == spell_plan(plan), "a loop is for a screen"


def test_times_are_spelt_to_the_microsecond() -> None:
    assert short_instant(DAY_US + 1) == "2024-08-05T00:00:00.000001Z"
    assert [spell_seconds(length_us) for length_us in (10_000_000, 250_000, 1)] == ["10", "0.25", "0.000001"]
