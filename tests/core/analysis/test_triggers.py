"""What fires is told by the rows, wherever the frames are cut."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from tickreel.analysis import parse_triggers
from tickreel.analysis.tape import measure_tape, sweep_moments
from tickreel.analysis.triggers import Moment, Reason, Watch
from tickreel.market.types import DataType
from tickreel.replay import Band, BandKind, Note, NoteKind, SymbolFrame, Totals, TouchSeries, TradeSeries

BUY, SELL = 0, 1


def trades(*rows: tuple[int, int, float]) -> TradeSeries:
    """Make trades of (time, side, price), of one unit each."""
    times, sides, prices = zip(*rows, strict=True) if rows else ((), (), ())
    return TradeSeries(
        np.array(times, np.int64), np.array(sides, np.int8), np.array(prices, float), np.ones(len(rows))
    )


def touch(*rows: tuple[int, float]) -> TouchSeries:
    """Make best bids and asks of (time, spread) around 100."""
    times = np.array([row[0] for row in rows], np.int64)
    half = np.array([row[1] for row in rows], float) / 2
    return TouchSeries(times, 100 - half, 100 + half, np.ones(len(rows)), np.ones(len(rows)))


def frame(touched: TouchSeries | None = None, traded: TradeSeries | None = None) -> SymbolFrame:
    return SymbolFrame("e", "s", None, touched or touch(), traded or trades(), Totals())


def watch(text: str, *bands: Band, rest_us: int = 10) -> Watch:
    return Watch(parse_triggers(text), rest_us, bands, at_us=-1)


def test_messages_are_counted_over_both_types_and_frames() -> None:
    one = watch("messages=3")
    first = one.take(frame(touch((1, 1), (2, 1)), trades((2, BUY, 1), (2, BUY, 1))), 3)
    assert list(first) == [Moment(3, (Reason.MESSAGES,))], "two rows of one type at one time are one message"
    assert list(one.take(frame(touch((4, 1), (5, 1))), 6)) == []
    assert list(one.take(frame(touch((7, 1), (8, 1), (9, 1), (9, 1))), 9)) == [
        Moment(8, (Reason.MESSAGES,)),
        Moment(10, (Reason.MESSAGES,)),
    ]


def test_a_spread_fires_when_it_goes_over_and_rests() -> None:
    one = watch("spread=150")  # a spread of 1 around 100 is 100 basis points
    wide = one.take(frame(touch((1, 1), (2, 2), (3, 2), (4, 1), (5, 2), (20, 1), (21, 2), (22, 2))), 30)
    assert [moment.to_us for moment in wide] == [3, 22], "at 5 it had fired less than 10 before"
    assert list(one.take(frame(touch((31, 2))), 31)) == [], "it is still over"
    one.begin(31)
    assert [moment.to_us for moment in one.take(frame(touch((32, 2))), 32)] == [33]


def test_seconds_are_whole_and_none_pass_in_what_was_jumped_over() -> None:
    one = watch("seconds=0.00001")
    assert [moment.to_us for moment in one.take(frame(), 29)] == [10, 20, 30], "29 is the last that is known"
    jumped = Note(NoteKind.QUIET, 35, 75)
    assert [moment.to_us for moment in one.take(frame(), 99, [jumped])] == [80, 90, 100]


def test_health_fires_where_an_interval_is_over_that_matters() -> None:
    def band(kind: BandKind, to_us: int) -> Band:
        return Band(to_us - 5, to_us, kind, "e", "s", DataType.TRADES)

    bands = band(BandKind.GAP, 7), band(BandKind.PRECISION_CHANGE, 20), band(BandKind.RESET, 40)
    one = watch("health", *bands)
    assert [moment.to_us for moment in one.take(frame(), 6)] == []
    assert [moment.to_us for moment in one.take(frame(), 39)] == [8]
    assert [moment.to_us for moment in one.take(frame(), 100)] == [41]


def test_reasons_that_meet_are_one_moment() -> None:
    one = watch("messages=1,seconds=0.00001,spread=1")
    met = one.take(frame(touch((9, 1))), 12)
    assert (list(met), met.merged) == ([Moment(10, (Reason.MESSAGES, Reason.SECONDS, Reason.SPREAD))], 2)


def test_a_sweep_is_told_at_its_third_price_and_once() -> None:
    rows = [
        *((0, BUY, 1.0), (1, BUY, 2.0), (2, BUY, 3.0), (3, BUY, 3.0), (4, BUY, 4.0)),
        *((5, SELL, 3.0), (6, SELL, 2.0), (7, SELL, 2.0), (50_006, SELL, 1.0)),
        *((50_007, BUY, 1.0), (100_008, BUY, 2.0), (100_009, BUY, 3.0)),
    ]
    moments, rest = sweep_moments(trades(), trades(*rows))
    assert moments.tolist() == [2, 50_006], "50 ms apart it goes on, more it does not"
    assert rest.price.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("seed", range(20))
def test_sweeps_are_those_that_the_figures_count_however_the_tape_is_cut(seed: int) -> None:
    chance = Random(seed)
    time_us, rows = 0, []
    for _ in range(2_000):
        time_us += chance.choice((0, 1, 10_000, 60_000))
        price = chance.choice((1.0, 2.0, 3.0, 4.0, float("nan")))
        rows.append((time_us, chance.choice((BUY, BUY, BUY, SELL, 2)), price))
    whole = trades(*rows)
    figures = measure_tape(whole, 0, time_us + 1)
    cuts = sorted({0, 2_000, *(chance.randrange(2_000) for _ in range(12))})
    rest, told = trades(), []
    for low, high in pairwise(cuts):
        moments, rest = sweep_moments(rest, trades(*rows[low:high]))
        told += moments.tolist()
    assert len(told) == (figures["sweeps_buy"] or 0) + (figures["sweeps_sell"] or 0) > 0
    assert told == sweep_moments(trades(), whole)[0].tolist()
