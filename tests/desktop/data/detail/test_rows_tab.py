"""Times that are typed for a day of data, which is a UTC day in every zone."""

from __future__ import annotations

from datetime import date

import pytest

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.market.zone import UTC_ZONE, Zone
from tickreel_desktop.data.detail.rows_tab import time_of_day

DAY = date(2024, 8, 5)


@pytest.mark.parametrize(
    ("zone", "text", "instant"),
    [
        (UTC_ZONE, "", "2024-08-05"),
        (UTC_ZONE, "13:02", "2024-08-05T13:02"),
        (UTC_ZONE, "13:02:07.5", "2024-08-05T13:02:07.5"),
        (UTC_ZONE, "2024-08-05 23:59:59.999999", "2024-08-05T23:59:59.999999"),
        (Zone("Europe/London"), "00:30", "2024-08-05T23:30"),
        (Zone("Europe/London"), "01:30", "2024-08-05T00:30"),
        (Zone("Asia/Tokyo"), "08:59", "2024-08-05T23:59"),
    ],
)
def test_a_clock_is_one_of_the_zone_inside_the_utc_day(zone: Zone, text: str, instant: str) -> None:
    assert time_of_day(zone, DAY, text) == parse_instant(instant)


@pytest.mark.parametrize("text", ["25:00", "noon", "2024-08-06 00:00:00", "1722902400000000"])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        time_of_day(UTC_ZONE, DAY, text)
