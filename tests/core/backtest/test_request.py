"""A request of a backtest: what it refuses, and that it comes back from JSON as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.backtest.models import ProbabilityQueue, RateFees, RiskAverseQueue, VenueFees
from tickreel.backtest.presets import PRESETS, parse_fees, parse_latency, parse_queue, preset, with_models
from tickreel.backtest.request import BacktestRequest
from tickreel.errors import UsageError
from tickreel.replay.latency import ConstantLatency, DistributionLatency, MeasuredLatency

PAIR = ("binance-futures", "BTCUSDT")


def request(**changes: object) -> BacktestRequest:
    given: dict[str, object] = {"strategy": "twap", "instruments": [PAIR], "start": "2024-07-19"}
    given |= {"end": "2024-07-20"} | changes
    return BacktestRequest.of(**given)  # type: ignore[arg-type]  # what is wrong on purpose


@given(
    st.sampled_from(sorted(PRESETS)),
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        max_size=4,
    ),
    st.none() | st.floats(min_value=0.01, max_value=1e12),
    st.integers(0, 2**63 - 1),
)
def test_a_request_comes_back_from_json_as_it_was(
    name: str, params: dict[str, bool | int | float | str], capital: float | None, seed: int
) -> None:
    asked = request(models=name, params=params, capital=capital, seed=seed)
    assert BacktestRequest.from_json(asked.to_json()) == asked
    assert BacktestRequest.from_form(json.loads(asked.to_json())) == asked
    assert BacktestRequest.from_json(asked.to_json()).to_json() == asked.to_json()


def test_the_kind_of_a_number_is_kept() -> None:
    params = BacktestRequest.from_json(request(params={"a": 1, "b": 1.0, "c": True}).to_json()).params
    assert [type(value) for value in params.values()] == [int, float, bool]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategy": ""}, "needs a strategy"),
        ({"instruments": []}, "at least one instrument"),
        ({"instruments": [PAIR, PAIR]}, "each once"),
        ({"start": "2024-07-21"}, "2024-07-2"),
        ({"capital": 0}, "capital"),
        ({"capital": float("nan")}, "capital"),
        ({"seed": -1}, "seed"),
        ({"models": "reckless"}, "careful, typical, optimistic"),
    ],
)
def test_what_no_run_can_have_is_refused_by_name(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        request(**changes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"speed": 1}, "speed"),
        ({"seed": "7"}, "seed"),
        ({"version": 2}, "update Tickreel"),
        ({"capital": -5.0}, "capital"),
        ({"instruments": [["binance"]]}, "instruments"),
        ({"models": {"queue": {"kind": "fifo"}}}, "queue|feed|models"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_by_name(change: dict[str, object], words: str) -> None:
    form = json.loads(request().to_json()) | change
    with pytest.raises(UsageError, match=words):
        BacktestRequest.from_form(form)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(UsageError, match="no backtest"):
        BacktestRequest.from_json("{")


def test_models_are_read_as_they_are_written() -> None:
    assert parse_latency("measured") == MeasuredLatency()
    assert parse_latency("measured:250") == MeasuredLatency(floor_us=250)
    assert parse_latency("1500") == ConstantLatency(latency_us=1500)
    assert parse_latency("1000-9000") == DistributionLatency(median_us=1000, p99_us=9000)
    assert parse_queue("risk_averse") == RiskAverseQueue()
    assert parse_queue("power2:2.5") == ProbabilityQueue("power2", 2.5)
    assert parse_queue("log") == ProbabilityQueue("log")
    assert parse_fees("venue") == VenueFees()
    assert parse_fees("-0.0001,0.0005") == RateFees(maker=-0.0001, taker=0.0005)
    changed = with_models(preset("careful"), feed="10", orders="20", queue="log2", fees="0,0")
    assert (changed.preset, changed.feed) == ("careful", ConstantLatency(latency_us=10))
    assert changed.entry == changed.response == ConstantLatency(latency_us=20)
    assert (changed.queue, changed.fees) == (ProbabilityQueue("log2"), RateFees(maker=0.0, taker=0.0))


@pytest.mark.parametrize("text", ["fast", "measured:x", "9000-1000", "-5"])
def test_what_is_no_latency_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_latency(text)


@pytest.mark.parametrize("text", ["fifo", "log:3", "power:0", "power:x", "risk_averse:1"])
def test_what_is_no_queue_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_queue(text)


@pytest.mark.parametrize("text", ["free", "0.1", "0.0002,x", "2,5", "nan,0"])
def test_what_are_no_fees_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_fees(text)
