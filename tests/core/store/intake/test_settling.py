"""What becomes of rows that arrive, decided from what is held alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tickreel.errors import ConflictError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.intake.settling import Arrival, Decision, Outcome, settle
from tickreel.store.model import Day, DayState, Part, Source

DAY = date(2024, 7, 19)
START_US = day_start_us(DAY)
END_US = START_US + US_PER_DAY
HOUR_US = 3_600 * US_PER_SECOND
KEY = DatasetKey("binance", "BTCUSDT", DataType.TRADES)


def arrival(first_us: int | None, last_us: int | None, digest: str = "new") -> Arrival:
    return Arrival(KEY, DAY, first_us, last_us, digest)


def part(start_us: int, end_us: int, digest: str) -> Part:
    return Part(
        segment_id=digest,
        day=DAY,
        start_us=start_us,
        end_us=end_us,
        rows=1,
        messages=1,
        bytes=100,
        first_local_us=start_us,
        last_local_us=end_us - 1,
        rows_sha256=digest,
        opens_with_snapshot=False,
        source=Source.IMPORT,
        source_sha256=None,
        imported_us=1,
    )


def held(*parts: Part, digest: str = "day", state: DayState = DayState.PARTIAL) -> Day:
    return Day(KEY, DAY, state, digest, parts)


def decide(
    new: Arrival,
    old: Day | None,
    *,
    replace: bool = False,
    complete: bool = False,
    sound: bool = True,
    fetched: bool = False,
) -> Decision:
    return settle(new, old, replace=replace, complete=complete, is_sound=lambda _: sound, is_fetched=fetched)


def test_rows_from_morning_to_night_are_a_whole_day() -> None:
    found = decide(arrival(START_US + 600 * US_PER_SECOND, END_US - 600 * US_PER_SECOND), None)
    assert (found.outcome, found.state, found.span) == (
        Outcome.STORED,
        DayState.PRESENT,
        (START_US, END_US),
    )


@pytest.mark.parametrize(("first_s", "last_s"), [(601, 86_400 - 1), (0, 86_400 - 601)])
def test_rows_that_begin_late_or_end_early_are_a_part(first_s: int, last_s: int) -> None:
    first_us, last_us = START_US + first_s * US_PER_SECOND, START_US + last_s * US_PER_SECOND
    found = decide(arrival(first_us, last_us), None)
    assert (found.state, found.span) == (DayState.PARTIAL, (first_us, last_us + 1))
    assert decide(arrival(first_us, last_us), None, complete=True).state is DayState.PRESENT


def test_a_day_without_rows_is_whole() -> None:
    assert decide(arrival(None, None), None).span == (START_US, END_US)


def test_the_same_rows_are_already_here_as_a_day_or_as_one_part() -> None:
    first, second = part(START_US, START_US + 1, "a"), part(START_US + 5, START_US + 6, "b")
    for digest in ("day", "b"):
        found = decide(arrival(START_US, START_US, digest), held(first, second))
        assert found.outcome is Outcome.ALREADY_HERE
        assert not found.stores


def test_the_same_rows_cure_a_damaged_part_and_take_its_place() -> None:
    old = part(START_US, END_US, "a")
    found = decide(
        arrival(START_US + 5, START_US + 9, "a"),
        held(old, digest="a", state=DayState.DAMAGED),
        sound=False,
    )
    assert (found.outcome, found.span, found.trashed) == (Outcome.REPLACED, (START_US, END_US), (old,))
    assert found.state is DayState.PRESENT


def test_other_rows_beside_what_is_held_are_another_part_even_when_they_look_whole() -> None:
    old = part(START_US, START_US + 10, "a")
    found = decide(arrival(START_US + 10, END_US - 1), held(old))
    assert (found.outcome, found.state) == (Outcome.ADDED_PART, DayState.PARTIAL)
    assert found.span == (START_US + 10, END_US)


def test_other_rows_over_what_is_held_are_refused_with_both_spans() -> None:
    old = part(START_US, START_US + HOUR_US, "a")
    new = arrival(START_US + HOUR_US - 1, START_US + 2 * HOUR_US)
    with pytest.raises(ConflictError, match=r"00:59:59\.999999.*overlaps.*01:00:00.*--replace"):
        decide(new, held(old))
    found = decide(new, held(old), replace=True)
    assert (found.outcome, found.trashed) == (Outcome.REPLACED, (old,))


def test_a_day_known_to_be_absent_takes_rows_as_if_it_were_new() -> None:
    found = decide(arrival(START_US, END_US - 1), held(digest="", state=DayState.ABSENT))
    assert found.outcome is Outcome.STORED


def damaged(part: Part) -> Part:
    return replace(part, damaged_us=1)


def test_rows_that_differ_take_the_place_of_a_day_that_cannot_be_read() -> None:
    old = damaged(part(START_US, END_US, "a"))
    found = decide(arrival(START_US, END_US - 1), held(old, state=DayState.DAMAGED))
    assert (found.outcome, found.state, found.trashed) == (Outcome.REPLACED, DayState.PRESENT, (old,))


def test_a_damaged_part_beside_the_new_rows_stays_where_it_is() -> None:
    old = damaged(part(START_US, START_US + 10, "a"))
    found = decide(arrival(START_US + HOUR_US, START_US + 2 * HOUR_US), held(old, state=DayState.DAMAGED))
    assert (found.outcome, found.state, found.trashed) == (Outcome.ADDED_PART, DayState.PARTIAL, ())


def test_sound_rows_are_refused_though_another_part_is_damaged() -> None:
    bad, good = damaged(part(START_US, START_US + 10, "a")), part(START_US + 20, START_US + 30, "b")
    with pytest.raises(ConflictError):
        decide(arrival(START_US, START_US + 25), held(bad, good, state=DayState.DAMAGED))
    found = decide(arrival(START_US + 1, START_US + 15), held(bad, good, state=DayState.DAMAGED))
    assert (found.outcome, found.trashed) == (Outcome.REPLACED, (bad,))


def test_the_fetched_file_of_a_day_held_in_part_completes_it_by_the_same_rows() -> None:
    first_us, last_us = START_US + HOUR_US, START_US + 2 * HOUR_US
    old = held(part(first_us, last_us + 1, "same"), digest="same")
    new = arrival(first_us, last_us, "same")
    assert decide(new, old, replace=True, complete=True).outcome is Outcome.ALREADY_HERE
    found = decide(new, old, replace=True, complete=True, fetched=True)
    assert (found.outcome, found.state, found.trashed) == (Outcome.REPLACED, DayState.PRESENT, old.parts)
    again = held(part(START_US, END_US, "same"), digest="same", state=DayState.PRESENT)
    assert decide(new, again, replace=True, complete=True, fetched=True).outcome is Outcome.ALREADY_HERE
