"""Zones: wall times and instants over changes of the clocks, round instants, and typed times."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US, US_PER_DAY, US_PER_SECOND, format_us, parse_instant
from tickreel.market.zone import UTC_ZONE, Zone

LONDON = Zone.named("Europe/London")
KOLKATA = Zone.named("Asia/Kolkata")
NEW_YORK = Zone.named("America/New_York")
SAO_PAULO = Zone.named("America/Sao_Paulo")
HOUR = 3600 * US_PER_SECOND
MINUTE = 60 * US_PER_SECOND
ZONES = (
    *(UTC_ZONE, LONDON, KOLKATA, NEW_YORK, SAO_PAULO, Zone.named("Pacific/Apia")),
    *(Zone.named("Australia/Lord_Howe"), Zone.named("Asia/Kathmandu"), Zone.named("Africa/Casablanca")),
)


def _utc(instants: list[int]) -> list[str]:
    return [format_us(at_us)[5:16] for at_us in instants]


def _clocks(zone: Zone, instants: list[int]) -> list[str]:
    return [zone.clock(at_us, 0) for at_us in instants]


def test_an_unknown_name_is_refused() -> None:
    for name in ("Europe/Lundon", "", "Europe", "../../etc/passwd", "UTC\0"):
        with pytest.raises(UsageError, match="not a time zone"):
            Zone.named(name)


def test_the_clocks_of_a_zone_are_ahead_of_utc_by_its_offset() -> None:
    at_us = parse_instant("2024-07-19T20:00:00.000001")
    assert UTC_ZONE.stamp(at_us, 0) == "2024-07-19 20:00:00"
    assert LONDON.stamp(at_us, 0) == "2024-07-19 21:00:00"
    assert KOLKATA.stamp(at_us, 3) == "2024-07-20 01:30:00.000"
    assert NEW_YORK.clock(at_us, 6) == "16:00:00.000\u2009001"
    assert [zone.offset_text(at_us) for zone in (UTC_ZONE, KOLKATA, NEW_YORK)] == [
        "+00:00",
        "+05:30",
        "-04:00",
    ]
    assert KOLKATA.day_of(at_us) == date(2024, 7, 20)


def test_a_zone_is_named_for_the_season() -> None:
    summer, winter = parse_instant("2024-07-19"), parse_instant("2024-01-19")
    assert [LONDON.short_name(at_us) for at_us in (summer, winter)] == ["BST", "GMT"]
    assert LONDON.full_name(summer) == "Europe/London (BST)"
    assert SAO_PAULO.short_name(summer) == "UTC-03:00"
    assert UTC_ZONE.full_name(summer) == "UTC"


def test_a_repeated_hour_has_two_instants_and_shows_its_offset() -> None:
    first, second = parse_instant("2024-10-27T00:30Z"), parse_instant("2024-10-27T01:30Z")
    assert LONDON.instants(parse_instant("2024-10-27T01:30")) == (first, second)
    assert LONDON.stamp(first, 0) == "2024-10-27 01:30:00 +01:00"
    assert LONDON.clock(second, 0) == "01:30:00 +00:00"
    assert LONDON.clock(parse_instant("2024-10-27T02:00Z"), 0) == "02:00:00"
    assert LONDON.clock(parse_instant("2024-10-26T23:59:59Z"), 0) == "00:59:59"


def test_an_hour_that_is_left_out_has_no_instant() -> None:
    assert LONDON.instants(parse_instant("2024-03-31T01:30")) == ()
    assert LONDON.instants(parse_instant("2024-03-31T02:00")) == (parse_instant("2024-03-31T01:00Z"),)


def test_ticks_stand_at_round_local_times_when_the_clocks_go_forward() -> None:
    found = LONDON.round_instants(parse_instant("2024-03-30T23:30"), parse_instant("2024-03-31T02:30"), HOUR)
    assert _clocks(LONDON, found) == ["00:00:00", "02:00:00", "03:00:00"]
    found = LONDON.round_instants(
        parse_instant("2024-03-30T22:00"), parse_instant("2024-03-31T12:00"), 6 * HOUR
    )
    assert _utc(found) == ["03-31T00:00", "03-31T05:00", "03-31T11:00"]


def test_ticks_stand_at_round_local_times_when_the_clocks_go_back() -> None:
    found = LONDON.round_instants(parse_instant("2024-10-26T23:00"), parse_instant("2024-10-27T02:00"), HOUR)
    assert _clocks(LONDON, found) == ["00:00:00", "01:00:00 +01:00", "01:00:00 +00:00", "02:00:00"]
    found = NEW_YORK.round_instants(
        parse_instant("2024-11-03T04:00"), parse_instant("2024-11-04T05:00"), 6 * HOUR
    )
    assert _utc(found) == ["11-03T04:00", "11-03T11:00", "11-03T17:00", "11-03T23:00", "11-04T05:00"]


def test_ticks_of_a_half_hour_zone_stand_at_its_own_hours() -> None:
    found = KOLKATA.round_instants(parse_instant("2024-07-19T17:00"), parse_instant("2024-07-19T20:00"), HOUR)
    assert _utc(found) == ["07-19T17:30", "07-19T18:30", "07-19T19:30"]
    assert [KOLKATA.starts_day(at_us) for at_us in found] == [False, True, False]
    days = KOLKATA.round_instants(parse_instant("2024-07-19"), parse_instant("2024-07-22"), US_PER_DAY)
    assert _utc(days) == ["07-19T18:30", "07-20T18:30", "07-21T18:30"]


def test_a_date_whose_midnight_is_left_out_begins_where_the_clocks_go() -> None:
    start_us = parse_instant("2017-10-15T03:00Z")
    assert SAO_PAULO.clock(start_us, 0) == "01:00:00"
    assert SAO_PAULO.starts_day(start_us)
    assert SAO_PAULO.day_start_us(date(2017, 10, 15)) == start_us
    range_us = (start_us - 3 * HOUR, start_us + 3 * HOUR)
    assert start_us in SAO_PAULO.round_instants(*range_us, 6 * HOUR)
    assert SAO_PAULO.round_instants(*range_us, US_PER_DAY) == [start_us]


@given(st.sampled_from(ZONES), st.integers(EARLIEST_US, LATEST_US - 1))
def test_an_instant_is_among_those_of_its_wall_time(zone: Zone, at_us: int) -> None:
    found = zone.instants(zone.wall_us(at_us))
    assert at_us in found
    assert zone.is_repeated(at_us) == (len(found) == 2)
    assert (
        zone.day_start_us(zone.day_of(at_us))
        <= at_us
        < zone.day_start_us(zone.day_of(at_us)) + 3 * US_PER_DAY
    )


@given(
    st.sampled_from(ZONES), st.integers(EARLIEST_US, LATEST_US - US_PER_DAY), st.sampled_from((15, 60, 360))
)
def test_round_instants_are_all_and_only_those_with_round_clocks(
    zone: Zone, start_us: int, minutes: int
) -> None:
    start_us, step_us = start_us // MINUTE * MINUTE, minutes * MINUTE
    found = zone.round_instants(start_us, start_us + US_PER_DAY, step_us)
    expected = {
        at_us
        for at_us in range(start_us, start_us + US_PER_DAY + 1, MINUTE)
        if zone.wall_us(at_us) % step_us == 0
        or (zone.starts_day(at_us) and zone.wall_us(at_us) % US_PER_DAY <= 2 * HOUR)
    }
    assert set(found) == expected
    assert found == sorted(found)


@given(st.sampled_from(ZONES), st.integers(EARLIEST_US + US_PER_DAY, LATEST_US - US_PER_DAY))
def test_what_a_zone_prints_it_reads_again(zone: Zone, at_us: int) -> None:
    assert zone.parse(zone.stamp(at_us, 6)) == at_us


def test_a_typed_time_is_of_the_zone_unless_it_carries_one() -> None:
    assert KOLKATA.parse("2024-07-19 05:30") == parse_instant("2024-07-19T00:00Z")
    assert KOLKATA.parse("2024-07-19 05:30Z") == parse_instant("2024-07-19T05:30Z")
    assert KOLKATA.parse("2024-07-19T05:30-02:00") == parse_instant("2024-07-19T07:30Z")
    assert KOLKATA.parse("1721347390500000") == 1721347390500000
    assert KOLKATA.parse("2024-07-19") == parse_instant("2024-07-18T18:30Z")


def test_a_typed_time_that_is_shown_twice_or_never_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"twice: add \+01:00 or \+00:00"):
        LONDON.parse("2024-10-27 01:30")
    with pytest.raises(UsageError, match=r"never show .*: they go from 01:00 straight to 02:00"):
        LONDON.parse("2024-03-31 01:30")
    with pytest.raises(UsageError, match="is not a time"):
        LONDON.parse("soon")
