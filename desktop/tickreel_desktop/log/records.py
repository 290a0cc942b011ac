"""What the panel shows of a log record, as pure functions of the record."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.units import format_stamp
from tickreel.settings import LogLevel

if TYPE_CHECKING:
    from tickreel.logs import Entry

LEVELS = tuple(LogLevel)
"""From the least grave to the gravest."""
LEVEL_WORDS = {level: level.value.capitalize() for level in LEVELS}

_LEAST_NUMBERS = (
    (logging.ERROR, LogLevel.ERROR),
    (logging.WARNING, LogLevel.WARNING),
    (logging.INFO, LogLevel.INFO),
)
_CORE, _DESKTOP = "tickreel", "tickreel_desktop"
_AREA_WORDS = {
    "allocation": "memory",
    "book": "order book",
    "cli": "command line",
    "kernels": "engine",
    "logs": "log",
    "sources": "vendor",
    "ticks": "tick store",
    "vendorcsv": "vendor files",
}
_DESKTOP_ROOMS = frozenset({"data", "replay", "jobs", "settings", "help"})


@dataclass(frozen=True, slots=True)
class LogRow:
    """A record with its place in the stream, and what it is filtered by."""

    number: int
    """Counts the records as they came, so that a row is known again after others left."""
    entry: Entry
    level: LogLevel
    area: str
    haystack: str
    """What the words of the filter are looked for in."""

    @property
    def message(self) -> str:
        """The first line of the text."""
        return self.entry.text.partition("\n")[0]

    @property
    def more_lines(self) -> int:
        """How many lines follow the first, as with a traceback."""
        return self.entry.text.rstrip("\n").count("\n")


def row_of(number: int, entry: Entry) -> LogRow:
    """Make the row of a record."""
    area = area_of(entry.logger)
    return LogRow(number, entry, level_of(entry.level), area, f"{area} {entry.logger} {entry.text}".lower())


def level_of(number: int) -> LogLevel:
    """Name the level that a record counts as, whatever number its library gave it."""
    return next((level for least, level in _LEAST_NUMBERS if number >= least), LogLevel.DEBUG)


def area_of(logger: str) -> str:
    """Name the part of the program that a logger belongs to; of other libraries it is their name."""
    root, *parts = logger.split(".")
    if root == _DESKTOP:
        # A single module of the window is no room of its own.
        return parts[0] if parts and parts[0] in _DESKTOP_ROOMS else "desktop"
    if root == _CORE:
        return _AREA_WORDS.get(parts[0], parts[0]) if parts else "tickreel"
    return root


def line_of(row: LogRow) -> str:
    """Print a record as it stands in the log file, all of its lines."""
    word = row.level.value.upper()
    return f"{format_stamp(row.entry.time_us)}Z {word:<7} {row.entry.logger}: {row.entry.text}"
