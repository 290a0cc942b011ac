"""How times look in the window, in several zones; without Qt."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.market.time import EARLIEST_US, LATEST_US, US_PER_DAY, US_PER_SECOND, parse_instant
from tickreel.market.zone import UTC_ZONE, Zone
from tickreel_desktop.zone import times

LONDON = Zone.named("Europe/London")
KOLKATA = Zone.named("Asia/Kolkata")
MINUTE_US = 60 * US_PER_SECOND
NOON = parse_instant("2024-08-05T12:00")


def test_an_axis_shows_the_time_and_the_date_where_one_begins() -> None:
    assert times.axis_text(UTC_ZONE, NOON, MINUTE_US) == "12:00:00"
    assert times.axis_text(UTC_ZONE, NOON + 250_000, 250_000) == "12:00:00.250"
    assert times.axis_text(UTC_ZONE, NOON, 2 * US_PER_SECOND) == "12:00:00"
    assert times.axis_text(KOLKATA, NOON, MINUTE_US) == "17:30:00"
    midnight = parse_instant("2024-08-05T18:30")
    assert times.axis_text(KOLKATA, midnight, MINUTE_US) == "6\u00a0Aug"
    assert times.axis_text(UTC_ZONE, midnight, MINUTE_US) == "18:30:00"
    assert times.axis_text(LONDON, parse_instant("2024-10-27T01:00"), MINUTE_US) == "01:00:00 +00:00"


def test_an_axis_with_little_room_leaves_whole_minutes_short() -> None:
    assert times.short_axis_text(UTC_ZONE, NOON, MINUTE_US) == "12:00"
    assert times.short_axis_text(UTC_ZONE, NOON, US_PER_SECOND) == "12:00:00"
    assert times.short_axis_text(LONDON, parse_instant("2024-10-27T01:00"), MINUTE_US) == "01:00 +00:00"
    assert times.short_axis_text(KOLKATA, parse_instant("2024-08-05T18:30"), MINUTE_US) == "6\u00a0Aug"


def test_moments_and_ranges_name_their_zone() -> None:
    assert times.moment_text(LONDON, NOON) == "2024-08-05 13:00:00 BST"
    assert (
        times.range_text(UTC_ZONE, NOON, NOON + US_PER_DAY)
        == "2024-08-05 12:00:00 to 2024-08-06 12:00:00 UTC"
    )
    across = times.range_text(LONDON, NOON, parse_instant("2024-12-01"))
    assert across == "2024-08-05 13:00:00 BST to 2024-12-01 00:00:00 GMT"
    assert times.exact_text(LONDON, NOON) == "2024-08-05 13:00:00.000 Europe/London (BST)"
    assert times.utc_day_text(date(2024, 8, 5)) == "5\u00a0Aug\u00a0UTC"


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ("2024-08-05T11:58", "2 min ago"),
        ("2024-08-05T07:00", "5 h ago"),
        ("2024-08-02T11:00", "3 d ago"),
        ("2024-07-05T20:00", "30 d ago"),
        ("2024-06-30T20:00", "2024-07-01"),
    ],
)
def test_an_age_becomes_a_date_of_the_zone(then: str, text: str) -> None:
    assert times.age_text(KOLKATA, parse_instant(then), NOON) == text


@given(
    st.sampled_from([UTC_ZONE, LONDON, KOLKATA, Zone.named("America/New_York")]),
    st.integers(EARLIEST_US + US_PER_DAY, LATEST_US - US_PER_DAY),
)
def test_a_field_reads_what_it_shows(zone: Zone, at_us: int) -> None:
    assert zone.parse(times.field_text(zone, at_us)) == at_us
    assert zone.parse(times.field_text(zone, at_us, 3)) == at_us // 1000 * 1000
    whole_us = at_us // US_PER_SECOND * US_PER_SECOND
    assert zone.parse(times.field_text(zone, whole_us)) == whole_us


def test_a_field_is_no_longer_than_needed() -> None:
    assert times.field_text(KOLKATA, NOON) == "2024-08-05 17:30:00"
    assert times.field_text(KOLKATA, NOON + 1) == "2024-08-05 17:30:00.000001"
