from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.instruments import EXCHANGE, SYMBOL, instrument, version

from tickreel.instruments.instrument import FactSource, Version
from tickreel.instruments.merging import latest, spans, timeline

TYPED, VENDOR, INFERRED = FactSource.TYPED, FactSource.VENDOR, FactSource.INFERRED


def tick_over_time(*versions: Version) -> list[tuple[int | None, int | None, Any]]:
    """Give the tick with its spans."""
    times = timeline(EXCHANGE, SYMBOL, versions)
    return [(span.from_us, span.to_us, span.value) for span in spans(times, "tick")]


def test_nothing_is_known_where_nobody_said_anything() -> None:
    (known,) = timeline(EXCHANGE, SYMBOL, [])
    assert (known.valid_from_us, known.valid_to_us, known.tick, dict(known.versions)) == (
        None,
        None,
        None,
        {},
    )
    assert spans([known], "tick") == []


def test_what_is_typed_in_goes_before_the_vendor_and_the_vendor_before_what_is_inferred() -> None:
    inferred = version({"tick": 3.0, "lot": 3.0}, INFERRED, number=3)
    vendor = version({"tick": 2.0, "lot": 2.0, "base": "BTC"}, VENDOR, number=2)
    typed = version({"tick": 1.0}, TYPED, number=1)
    known = instrument(inferred, vendor, typed)
    assert (known.tick, known.source("tick")) == (1.0, TYPED), "although it was said first"
    assert (known.lot, known.source("lot")) == (2.0, VENDOR)
    assert (known.base, known.source("base")) == ("BTC", VENDOR)
    assert instrument(inferred).lot == 3.0


def test_of_one_source_the_last_word_holds_for_the_time_that_it_is_valid() -> None:
    assert tick_over_time(
        version({"tick": 1.0}, number=1),
        version({"tick": 2.0}, number=2, span=(100, 200)),
        version({"tick": 3.0}, number=3, span=(150, 160)),
    ) == [(None, 100, 1.0), (100, 150, 2.0), (150, 160, 3.0), (160, 200, 2.0), (200, None, 1.0)]
    assert tick_over_time(
        version({"tick": 2.0}, number=1, span=(100, 200)),
        version({"tick": 1.0}, number=2),
    ) == [(None, None, 1.0)], "a later word for all time covers an earlier one for some"


def test_what_is_taken_back_falls_to_the_next_source() -> None:
    vendor = version({"tick": 5.0}, VENDOR, number=1)
    typed = version({"tick": 1.0, "lot": 7.0}, number=2)
    taken_back = version({"tick": None}, number=3, span=(100, None))
    known = timeline(EXCHANGE, SYMBOL, [vendor, typed, taken_back])
    assert [(one.valid_from_us, one.tick, one.lot) for one in known] == [(None, 1.0, 7.0), (100, 5.0, 7.0)]


def test_what_the_vendor_no_longer_says_is_no_longer_known_from_the_vendor() -> None:
    before = version({"tick": 5.0, "min_notional": 10.0}, VENDOR, number=1)
    now = version({"tick": 4.0}, VENDOR, number=2)
    known = instrument(before, now)
    assert (known.tick, known.min_notional) == (4.0, None)


def test_neighbouring_times_of_which_the_same_is_known_are_one() -> None:
    tick = version({"tick": 1.0}, number=1)
    hidden = version({"tick": 9.0}, INFERRED, number=2, span=(100, 200))
    assert tick_over_time(tick, hidden) == [(None, None, 1.0)]
    assert len(timeline(EXCHANGE, SYMBOL, [tick, hidden])) == 1
    lot = version({"lot": 1.0}, number=3, span=(100, 200))
    assert len(timeline(EXCHANGE, SYMBOL, [tick, lot])) == 3
    assert tick_over_time(tick, lot) == [(None, None, 1.0)]


def test_what_one_statement_says_of_neighbouring_times_is_one_span() -> None:
    before = version({"tick": 1.0, "lot": 1.0}, VENDOR, number=1, span=(None, 100))
    now = replace(
        version({"tick": 1.0, "lot": 2.0}, VENDOR, span=(100, None)), id=2, recorded_us=before.recorded_us
    )
    assert tick_over_time(before, now) == [(None, None, 1.0)]
    assert tick_over_time(before, replace(now, recorded_us=7)) == [(None, 100, 1.0), (100, None, 1.0)]
    assert [one.lot for one in timeline(EXCHANGE, SYMBOL, [before, now])] == [1.0, 2.0]


def test_gaps_stay_gaps() -> None:
    july = version({"tick": 1.0}, INFERRED, number=1, span=(100, 200))
    later = version({"tick": 1.0}, INFERRED, number=2, span=(300, 400))
    assert tick_over_time(july, later) == [(100, 200, 1.0), (300, 400, 1.0)]


def test_the_latest_of_each_fact_is_what_is_known_last_whatever_its_time() -> None:
    known = latest(
        timeline(
            EXCHANGE,
            SYMBOL,
            [
                version({"tick": 1.0, "lot": 1.0}, INFERRED, number=2, span=(100, 200)),
                version({"tick": 2.0}, INFERRED, number=1, span=(300, 400)),
            ],
        )
    )
    assert (known.tick, known.lot, known.base) == (2.0, 1.0, None)
    assert (known.valid_from_us, known.valid_to_us) == (None, None)


_EDGES = st.one_of(st.none(), st.integers(0, 12))
_SAID = st.builds(
    lambda facts, source, start, end: (facts, source, (start, end)),
    st.dictionaries(st.sampled_from(["tick", "lot"]), st.sampled_from([None, 1.0, 2.0, 3.0]), min_size=1),
    st.sampled_from(list(FactSource)),
    _EDGES,
    _EDGES,
).filter(lambda said: None in said[2] or said[2][0] < said[2][1])


@given(st.lists(_SAID, max_size=7))
def test_every_instant_has_what_one_would_find_by_asking_each_version_in_turn(said: list[Any]) -> None:
    versions = [
        version(facts, source, number=number, span=span)
        for number, (facts, source, span) in enumerate(said, 1)
    ]
    times = timeline(EXCHANGE, SYMBOL, versions[::-1])
    assert (times[0].valid_from_us, times[-1].valid_to_us) == (None, None)
    for earlier, later in pairwise(times):
        assert earlier.valid_to_us == later.valid_from_us
    for at_us in range(-1, 14):
        (known,) = [
            one
            for one in times
            if (one.valid_from_us is None or one.valid_from_us <= at_us)
            and (one.valid_to_us is None or at_us < one.valid_to_us)
        ]
        for fact in ("tick", "lot"):
            assert known.value(fact) == _asked_in_turn(versions, fact, at_us)
            covering = [span.value for span in spans(times, fact) if span.covers(at_us)]
            assert covering == [value for value in [known.value(fact)] if value is not None]


def _asked_in_turn(versions: list[Version], fact: str, at_us: int) -> object:
    for source in ("typed in", "vendor", "inferred"):
        for one in sorted(versions, key=lambda one: -one.id):
            start_us, end_us = one.valid_from_us, one.valid_to_us
            if one.source.value != source or (fact not in one.facts and source != "vendor"):
                continue
            if (start_us is not None and at_us < start_us) or (end_us is not None and at_us >= end_us):
                continue
            if one.facts.get(fact) is not None:
                return one.facts[fact]
            break
    return None
