"""What the vendor says went wrong while it recorded an exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.units import format_duration_s
from tickreel.sources.vendortime import vendor_instant_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_BAD_FROM_US = 3600 * US_PER_SECOND
"""A day that lacks less of itself is not called bad: lines drop everywhere for minutes."""
_CURED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """A span of local time [from_us, to_us) in which something is missing or wrong, for good."""

    from_us: int
    to_us: int
    details: str


def read_incidents(reports: object) -> tuple[Incident, ...]:
    """Read the vendor's reports, without those that it calls resolved.

    One that cannot be understood is left out: what the vendor has does not depend on it.
    """
    if not isinstance(reports, list):
        return ()
    found = []
    for report in reports:
        try:
            from_us, to_us = vendor_instant_us(report["from"]), vendor_instant_us(report["to"])
            if from_us is None or to_us is None or report.get("status") == _CURED:
                continue
            found.append(Incident(from_us, to_us, str(report.get("details") or "")))
        except (KeyError, TypeError, AttributeError, ValueError):
            continue
    return tuple(found)


def why_bad(incidents: Sequence[Incident], day: date) -> str:
    """Say what the vendor reports of a UTC day, if that is an hour of it or more; else empty."""
    start_us = day_start_us(day)
    end_us = start_us + US_PER_DAY
    inside = [each for each in incidents if each.from_us < end_us and each.to_us > start_us]
    lost_us = sum(min(each.to_us, end_us) - max(each.from_us, start_us) for each in inside)
    if lost_us < _BAD_FROM_US:
        return ""
    lost = format_duration_s(min(lost_us, US_PER_DAY) / US_PER_SECOND)
    details = next((each.details for each in inside if each.details), "")
    return f"the vendor reports an incident of {lost}{f' ({details})' if details else ''}"
