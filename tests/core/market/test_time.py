"""Every spelling of an instant that is accepted, and that no other is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.market.time import (
    EARLIEST_US,
    LATEST_US,
    US_PER_DAY,
    Instant,
    day_of,
    day_start_us,
    days_touched,
    format_us,
    parse_day,
    parse_instant,
    parse_range,
)

_MIDNIGHT_US = 1_721_779_200_000_000  # 2024-07-24
_INSTANTS = st.integers(EARLIEST_US, LATEST_US - 1)


@pytest.mark.parametrize(
    ("spelled", "us"),
    [
        ("2024-07-24", _MIDNIGHT_US),
        ("2024-07-24T00:00", _MIDNIGHT_US),
        ("2024-07-24 00:00", _MIDNIGHT_US),
        ("2024-07-24T00:00Z", _MIDNIGHT_US),
        ("2024-07-24Z", _MIDNIGHT_US),
        ("2024-07-24+02:00", _MIDNIGHT_US - 7_200_000_000),
        ("2024-07-24T01:02:03", _MIDNIGHT_US + 3_723_000_000),
        ("2024-07-24T01:02:03.5", _MIDNIGHT_US + 3_723_500_000),
        ("2024-07-24 01:02:03.000001Z", _MIDNIGHT_US + 3_723_000_001),
        ("2024-07-24T05:30+05:30", _MIDNIGHT_US),
        ("2024-07-23T22:15:00.25-01:45", _MIDNIGHT_US + 250_000),
        ("1721779200000000", _MIDNIGHT_US),
        (_MIDNIGHT_US, _MIDNIGHT_US),
        (date(2024, 7, 24), _MIDNIGHT_US),
        (datetime(2024, 7, 24), _MIDNIGHT_US),
        (datetime(2024, 7, 24, tzinfo=UTC), _MIDNIGHT_US),
        (datetime(2024, 7, 24, 2, tzinfo=timezone(timedelta(hours=2))), _MIDNIGHT_US),
        ("2010-01-01", EARLIEST_US),
        ("2099-12-31T23:59:59.999999Z", LATEST_US - 1),
        (EARLIEST_US, EARLIEST_US),
        (LATEST_US - 1, LATEST_US - 1),
    ],
)
def test_every_accepted_spelling_is_read_as_microseconds(spelled: Instant, us: int) -> None:
    assert parse_instant(spelled) == us


@pytest.mark.parametrize(
    "spelled",
    [
        *("", " ", "now", "today", "2024", "2024-07", "2024-7-24", "24-07-2024", "20240724T00", "2024-W30-3"),
        *(" 2024-07-24", "2024-07-24 ", "2024-07-24\n", "2024-07-24T", "2024-07-24T00", "2024-07-24t00:00"),
        *("2024-07-24  00:00", "2024-07-24T0:00", "2024-07-24T00:00:", "2024-07-24T00:00:00."),
        *("2024-07-24T00:00:00.0000001", "2024-07-24T00:00:00,5", "2024-07-24T00:00.5"),
        *("2024-07-24T00:00z", "2024-07-24T00:00+02", "2024-07-24T00:00+0200", "2024-07-24T00:00 Z"),
        *("2024-07-24T00:00+24:00", "2024-07-24T00:00+01:60", "2024-07-24T00:00UTC"),
        *("2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "2024-07-24T24:00", "2024-07-24T23:60"),
        *("2024-07-24T23:59:60", "+1721779200000000", "-1721779200000000", "1721779200000000.0", "1e15"),
        *("1_721_779_200_000_000", "٢٠٢٤-٠٧-٢٤", "１７２１７７９２０００００００００"),
    ],
)
def test_no_other_spelling_is_accepted(spelled: str) -> None:
    with pytest.raises(UsageError):
        parse_instant(spelled)


@pytest.mark.parametrize("value", [True, False, 1.7e15, None, b"2024-07-24", [2024]])
def test_what_is_no_time_at_all_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        parse_instant(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "unit"),
    [
        (1_721_779_200, "seconds"),
        (1_721_779_200_000, "milliseconds"),
        (1_721_779_200_000_000_000, "nanoseconds"),
    ],
)
def test_a_number_in_another_unit_is_refused_and_the_unit_named(number: int, unit: str) -> None:
    for spelled in (number, str(number)):
        with pytest.raises(UsageError, match=f"looks like {unit}, and times are microseconds"):
            parse_instant(spelled)


@pytest.mark.parametrize(
    "spelled", ["0", "5", EARLIEST_US - 1, LATEST_US, "2009-12-31", "2100-01-01", 10**30]
)
def test_an_instant_outside_2010_to_2100_is_refused(spelled: Instant) -> None:
    with pytest.raises(UsageError, match="outside the years 2010 to 2100"):
        parse_instant(spelled)


@given(_INSTANTS)
def test_what_is_written_is_read_back_to_the_microsecond(instant_us: int) -> None:
    assert parse_instant(format_us(instant_us)) == instant_us
    assert parse_instant(str(instant_us)) == instant_us


@given(_INSTANTS, st.integers(-23 * 60, 23 * 60))
def test_a_zone_moves_the_clock_and_not_the_instant(instant_us: int, offset_min: int) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    local = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=instant_us)
    assert parse_instant(local.astimezone(zone).isoformat()) == instant_us


@given(st.text(alphabet="0123456789-:TZ+. ", max_size=32))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        instant_us = parse_instant(text)
    except UsageError:
        return
    assert EARLIEST_US <= instant_us < LATEST_US


def test_a_range_may_be_empty_and_must_not_go_back() -> None:
    assert parse_range("2024-07-24", date(2024, 7, 24)) == (_MIDNIGHT_US, _MIDNIGHT_US)
    with pytest.raises(UsageError, match="ends before it starts"):
        parse_range("2024-07-25", "2024-07-24T23:59:59.999999")


def test_a_day_is_written_in_one_way_only() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    for text in ("2023-02-29", "2024-2-29", "20240229", "2024-02-29T00:00", "", "2024-02-29 "):
        with pytest.raises(UsageError, match="is not a day"):
            parse_day(text)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2024-07-24", "2024-07-24", []),
        ("2024-07-25", "2024-07-24", []),
        ("2024-07-24", "2024-07-24T00:00:00.000001", [24]),
        ("2024-07-24", "2024-07-25", [24]),
        ("2024-07-24", "2024-07-25T00:00:00.000001", [24, 25]),
        ("2024-07-23T23:59:59.999999", "2024-07-24", [23]),
        ("2024-07-23T12:00", "2024-07-25T12:00", [23, 24, 25]),
    ],
)
def test_a_range_touches_the_days_it_has_instants_in(start: str, end: str, days: list[int]) -> None:
    touched = days_touched(parse_instant(start), parse_instant(end))
    assert touched == [date(2024, 7, day) for day in days]


@given(_INSTANTS)
def test_a_day_starts_at_or_before_its_instants_and_ends_after(instant_us: int) -> None:
    start_us = day_start_us(day_of(instant_us))
    assert start_us <= instant_us < start_us + US_PER_DAY
    assert start_us % US_PER_DAY == 0
