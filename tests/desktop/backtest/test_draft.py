"""What is typed into the form becomes a request, or says what is wrong, field by field."""

from __future__ import annotations

import argparse
import shlex

import msgspec
import pytest

from tickreel.backtest.declaring import Declaration, declare
from tickreel.backtest.models import RateFees, RiskAverseQueue
from tickreel.cli.backtest import add_arguments
from tickreel.market.time import US_PER_DAY, day_start_us, parse_day
from tickreel_desktop.backtest.form.draft import Draft, Field, command, param_field, read

DAY_US = day_start_us(parse_day("2024-08-01"))
FILLED = Draft(
    strategy="market_maker",
    symbols=(("binance-futures", "BTCUSDT"), ("bybit", "BTCUSDT")),
    first="2024-08-01",
    last="2024-08-03",
)


@pytest.fixture(scope="module")
def declared() -> Declaration:
    found = declare("market_maker")
    assert isinstance(found, Declaration)
    return found


def test_days_are_both_included(declared: Declaration) -> None:
    reading = read(FILLED, declared)
    assert not reading.problems
    assert reading.request is not None
    assert (reading.request.start_us, reading.request.end_us) == (DAY_US, DAY_US + 3 * US_PER_DAY)
    assert reading.request.instruments == FILLED.symbols
    assert reading.request.params == {}
    assert reading.request.models.preset == "typical"


def test_an_instant_bounds_the_range_more_narrowly(declared: Declaration) -> None:
    draft = msgspec.structs.replace(FILLED, first="2024-08-01T15:00", last="2024-08-01T15:30Z")
    request = read(draft, declared).request
    assert request is not None
    assert request.end_us - request.start_us == 30 * 60 * 1_000_000


def test_what_is_set_anew_is_in_the_request(declared: Declaration) -> None:
    draft = msgspec.structs.replace(
        FILLED,
        preset="optimistic",
        params={"amount": "0.02", "most_quotes": "5"},
        queue="risk_averse",
        fees="0.0001, 0.0004",
        capital="10 000",
        seed="7",
        analyst="offline",
        record="12",
        leaves_out=True,
    )
    reading = read(draft, declared)
    assert not reading.problems
    request = reading.request
    assert request is not None
    assert request.params == {"amount": 0.02}  # the other one is as declared
    assert isinstance(request.models.queue, RiskAverseQueue)
    assert request.models.fees == RateFees(maker=0.0001, taker=0.0004)
    assert (request.capital, request.seed, request.analyst, request.analysis_record) == (
        1e4,
        7,
        "offline",
        12,
    )
    assert request.allow_missing


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"strategy": ""}, Field.STRATEGY, "Choose a strategy"),
        ({"symbols": ()}, Field.SYMBOLS, "Add a symbol"),
        ({"first": "2024-08-32"}, Field.FIRST, "2024-08-32"),
        ({"last": "2024-07-31"}, Field.LAST, "ends before it starts"),
        ({"first": "2010-01-01"}, Field.LAST, "more than 4000 days"),
        ({"params": {"amount": "-1"}}, param_field("amount"), "amount is 0 or more"),
        ({"params": {"most_quotes": "2.5"}}, param_field("most_quotes"), "whole number"),
        ({"latency": "quick"}, Field.LATENCY, "no latency"),
        ({"queue": "fair"}, Field.QUEUE, "no queue model"),
        ({"fees": "5"}, Field.FEES, "no fees"),
        ({"fees": "5,5"}, Field.FEES, "maker fee"),
        ({"capital": "-3"}, Field.CAPITAL, "above 0"),
        ({"capital": "much"}, Field.CAPITAL, "no number"),
        ({"seed": "1.5"}, Field.SEED, "whole number"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    declared: Declaration, changes: dict[str, object], field: str, words: str
) -> None:
    reading = read(msgspec.structs.replace(FILLED, **changes), declared)
    assert words in reading.problems[field]
    assert reading.request is None
    assert not command(msgspec.structs.replace(FILLED, **changes), reading)


def test_the_command_line_asks_for_the_same(declared: Declaration) -> None:
    draft = msgspec.structs.replace(
        FILLED, params={"amount": "0.02"}, preset="careful", capital="1000", has_band=True, analyst="offline"
    )
    words = shlex.split(command(draft, read(draft, declared)))
    assert words[:2] == ["tickreel", "backtest"]
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = parser.parse_args(words[2:])
    assert given.words == [
        "market_maker",
        "binance-futures:BTCUSDT,bybit:BTCUSDT",
        "2024-08-01",
        "2024-08-04",
    ]
    assert given.param == ["amount=0.02"]
    assert (given.preset, given.capital, given.band, given.analyst) == ("careful", 1000.0, True, "offline")
