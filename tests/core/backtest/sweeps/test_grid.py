"""A grid makes the runs that it says, in an order that keeps those on the same data together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.backtest.models import ProbabilityQueue, RiskAverseQueue
from tickreel.backtest.request import BacktestRequest, Value
from tickreel.backtest.sweeps.grid import (
    BAND_LATENCIES,
    BAND_QUEUES,
    Axis,
    SweepRequest,
    band,
    parse_grid,
    parse_params,
)
from tickreel.errors import UsageError
from tickreel.replay.latency import ConstantLatency

TWO = (("binance", "BTCUSDT"), ("bybit", "ETHUSDT"))


def base(**options: Any) -> BacktestRequest:
    given: dict[str, Any] = {"start": "2024-07-23T22:00", "end": "2024-07-25T01:00"} | options
    return BacktestRequest.of("lean.py", TWO, given.pop("start"), given.pop("end"), **given)


def test_every_combination_is_a_run_and_the_last_parameter_changes_first() -> None:
    request = SweepRequest(base=base(params={"amount": 2}), grid={"a": (1, 2), "b": ("x", "y")})
    points = request.points()
    assert [point.at for point in points] == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert points[2].request.params == {"amount": 2, "a": 2, "b": "x"}
    assert points[2].request.instruments == TWO


def test_days_and_symbols_are_taken_apart_and_runs_on_the_same_data_stand_together() -> None:
    request = SweepRequest(base=base(), grid={"a": (1, 2)}, apart=(Axis.SYMBOLS, Axis.DAYS))
    points = request.points()
    assert request.count() == len(points) == 12
    assert [(point.at["day"], point.at["symbol"], point.at["a"]) for point in points[:4]] == [
        ("2024-07-23", "binance:BTCUSDT", 1),
        ("2024-07-23", "binance:BTCUSDT", 2),
        ("2024-07-23", "bybit:ETHUSDT", 1),
        ("2024-07-23", "bybit:ETHUSDT", 2),
    ]
    spans = list(dict.fromkeys((point.request.start_us, point.request.end_us) for point in points))
    assert (spans[0][0], spans[-1][1]) == (base().start_us, base().end_us)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert points[0].request.instruments == TWO[:1]


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4)), st.sets(st.sampled_from(list(Axis))))
def test_the_count_is_that_of_its_points(sizes: dict[str, int], apart: set[Axis]) -> None:
    grid: dict[str, tuple[Value, ...]] = {name: tuple(range(size)) for name, size in sizes.items()}
    request = SweepRequest(base=base(), grid=grid, apart=tuple(sorted(apart)))
    points = request.points()
    assert request.count() == len(points)
    assert len({point.request.to_json() for point in points}) == len(points)
    assert SweepRequest.from_form(request.to_form()) == request


def test_a_band_is_latencies_by_queues_and_nothing_else_changes() -> None:
    points = band(base(params={"a": 1}, capital=5.0)).points()
    assert len(points) == len(BAND_LATENCIES) * len(BAND_QUEUES)
    models = points[3].request.models
    assert models.entry == models.response == ConstantLatency(latency_us=5_000)
    assert isinstance(models.queue, RiskAverseQueue)
    assert points[4].request.models.queue == ProbabilityQueue(function="power", power=3.0)
    assert {point.request.capital for point in points} == {5.0}
    assert {point.request.models.feed for point in points} == {base().models.feed}


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"a": ()}, "no values"),
        ({"a": (1, 1)}, "one twice"),
        ({"given": (1, 2)}, "is given a value"),
        ({name: tuple(range(100)) for name in "abc"}, "1 to 100000"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(grid: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        SweepRequest(base=base(params={"given": 3}), grid=grid)
    with pytest.raises(UsageError, match="0 runs"):
        SweepRequest(base=base(end="2024-07-23T22:00"), grid={"a": (1,)}, apart=(Axis.DAYS,))


def test_values_are_read_as_they_are_typed() -> None:
    assert parse_grid(["a=1,2.5,x", "b=true"]) == {"a": ("1", "2.5", "x"), "b": ("true",)}
    assert parse_params(["a=-1", "b=", "c=a=b"]) == {"a": "-1", "b": "", "c": "a=b"}
    for wrong in (["a"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(UsageError):
            parse_grid(wrong)
        with pytest.raises(UsageError):
            parse_params(wrong)
    with pytest.raises(UsageError, match="is no axis"):
        parse_grid(["a="])
