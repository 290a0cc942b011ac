"""The names of time zones that a setting takes: those of the IANA data of this machine, and ``system``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Both modules are imported where they are needed: nearly every command is run in UTC.

UTC_NAME = "UTC"
SYSTEM_NAME = "system"
"""The zone that the operating system is set to."""
_MOST_NEAR = 3
_NEAR = 0.7


@cache
def zone_names() -> tuple[str, ...]:
    """List the IANA names by which zones are known here; the first call reads the disk, for some 20 ms."""
    from zoneinfo import available_timezones

    return tuple(sorted(available_timezones()))


def checked_name(name: str) -> str:
    """Give a name back in the letters of the IANA, ``system`` as it is.

    Raises:
        ValueError: there is no such zone; the message names those that are spelled nearly so.
    """
    folded = name.strip().casefold()
    for plain in (UTC_NAME, SYSTEM_NAME):
        if folded == plain.casefold():
            return plain
    names = zone_names()
    found = next((each for each in names if each.casefold() == folded), None)
    if found is not None and _is_readable(found):
        return found
    near = _near(folded, names)
    advice = f"write {' or '.join(near)}" if near else "write UTC, system, or a name such as Europe/London"
    raise ValueError(f"{name!r} is not a time zone; {advice}")


def _is_readable(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _near(folded: str, names: Sequence[str]) -> list[str]:
    """Find names that are spelled nearly so, or whose town is."""
    from difflib import get_close_matches

    wanted = folded.replace(" ", "_")
    by_text = {each.casefold(): each for each in names}
    by_town = {each.rpartition("/")[2].casefold(): each for each in names if "/" in each}
    if wanted in by_town:
        return [by_town[wanted]]
    town = wanted.rpartition("/")[2]
    close = [by_text[each] for each in get_close_matches(wanted, by_text, _MOST_NEAR, _NEAR)]
    close += [by_town[each] for each in get_close_matches(town, by_town, _MOST_NEAR, _NEAR)]
    return list(dict.fromkeys(close))[:_MOST_NEAR]
