"""Incidents that the vendor reports, and the days that they make bad."""

from __future__ import annotations

from datetime import date

from tickreel.sources.incidents import read_incidents, why_bad

DAY = date(2024, 7, 2)


def report(start: str, end: str, status: str = "wontfix", **more: object) -> dict[str, object]:
    return {"from": start, "to": end, "status": status, **more}


def test_a_day_is_bad_from_an_hour_on_and_the_parts_of_it_are_added_up() -> None:
    reports = [
        report("2024-07-01T23:00:00.000Z", "2024-07-02T00:40:00.000Z", details="feed down"),
        report("2024-07-02T10:00:00.000Z", "2024-07-02T10:20:00.000Z"),
    ]
    incidents = read_incidents(reports)
    assert why_bad(incidents, DAY) == "the vendor reports an incident of 60 min (feed down)"
    assert "60 min" in why_bad(incidents, date(2024, 7, 1))
    assert why_bad(incidents[1:], DAY) == ""
    assert why_bad(incidents, date(2024, 7, 3)) == ""


def test_what_is_resolved_or_cannot_be_understood_makes_no_day_bad() -> None:
    reports = [
        report("2024-07-02", "2024-07-03", status="resolved"),
        report("yesterday", "2024-07-03"),
        {"to": "2024-07-03"},
        "all of it",
    ]
    assert read_incidents(reports) == ()
    assert read_incidents({"from": "2024-07-02"}) == ()
