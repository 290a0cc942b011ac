"""The columns of the two tables: what each shows, how wide it begins, and what its head explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from tickreel.market.units import ABSENT, format_bytes, format_count, format_full
from tickreel_desktop.data.rows import (
    day_health_words,
    day_keep_words,
    health_words,
    keep_words,
    state_words,
    used_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tickreel.store import Day
    from tickreel_desktop.data.rows import DatasetRow

R = TypeVar("R")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


OF_SHARED = "where"
"""The column that there is only while a shared cache is used."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a table; its sort keys, of the same name, are made with the rows."""

    id: str
    title: str
    text: Callable[[R, int], str]
    """The words of a cell, given the row and the time of now in microseconds."""
    align: Literal["left", "right"] = "left"
    secondary: bool = False
    """Shown in the quieter colour."""
    width: int = 90
    """Pixels at scale 1, until the user drags."""
    hint: str = ""
    """What the header's tool-tip adds to the title."""
    is_first_shown: bool = True
    """Whether it is in view until the user chooses."""


def bytes_per_row_text(size_bytes: int, rows: int) -> str:
    """Print how many bytes a row takes on disk."""
    if not rows:
        return ABSENT
    share = size_bytes / rows
    return f"{share:.2f}" if share < 100 else format_count(round(share))


def span_words(first: date, last: date) -> str:
    """Name a span shortly: ``14 Mar 2025``, ``Jan to Dec 2024``, ``2020 to 2024``."""
    if first == last:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
    if first.year != last.year:
        return f"{first.year} to {last.year}"
    months = dict.fromkeys(_MONTHS[day.month - 1] for day in (first, last))
    return f"{' to '.join(months)} {first.year}"


def coverage_words(row: DatasetRow) -> str:
    """Say what the coverage bar shows, for tool-tips and for those who do not see it."""
    dataset = row.dataset
    span = dataset.first_day.isoformat()
    if dataset.last_day != dataset.first_day:
        span += f" to {dataset.last_day.isoformat()}"
    days = "UTC day" if row.span_days == 1 else "UTC days"
    return f"{row.held_days} of {row.span_days} {days}, {span}: {state_words(row)}"


_HEALTH_HINT = "how far the rows can be relied on, and why; point at a cell for all that was found"
_KEEP_HINT = (
    "pinned; for how many days more, where it has a time; until evicted, when room is needed; "
    "or, what was imported, until you delete it"
)

_WHERE_HINT = (
    "L: on this machine; S: in the shared cache; filled where all days of the row are there, edged "
    "where some are; a wider column says how many"
)

DATASET_COLUMNS: tuple[Column[DatasetRow], ...] = (
    Column("exchange", "Exchange", lambda row, _: row.key.exchange, width=126),
    Column("symbol", "Symbol", lambda row, _: row.key.symbol, width=126),
    Column("type", "Data type", lambda row, _: row.key.type.value, secondary=True, width=138),
    Column(
        "days",
        "Days",
        lambda row, _: f"{format_full(row.held_days)} / {format_full(row.span_days)}",
        align="right",
        width=84,
        hint="days held, of the days from the first to the last",
    ),
    Column(
        "coverage",
        "Coverage",
        lambda row, _: "",
        width=164,
        hint="each day from the first to the last, on one axis for all datasets",
    ),
    Column("health", "Health", lambda row, _: health_words(row), width=236, hint=_HEALTH_HINT),
    Column("where", "Where", lambda row, _: "", width=56, hint=_WHERE_HINT),
    Column(
        "first_day",
        "First day",
        lambda row, _: row.dataset.first_day.isoformat(),
        secondary=True,
        width=92,
        hint="a UTC day",
        is_first_shown=False,
    ),
    Column(
        "last_day",
        "Last day",
        lambda row, _: row.dataset.last_day.isoformat(),
        secondary=True,
        width=92,
        hint="a UTC day",
        is_first_shown=False,
    ),
    Column("rows", "Rows", lambda row, _: format_count(row.dataset.rows), align="right", width=62),
    Column(
        "size",
        "Size",
        lambda row, _: format_bytes(row.dataset.bytes),
        align="right",
        width=70,
        hint="on disk",
    ),
    Column(
        "bytes_per_row",
        "B/row",
        lambda row, _: bytes_per_row_text(row.dataset.bytes, row.dataset.rows),
        align="right",
        secondary=True,
        width=56,
        hint="bytes on disk for each row",
    ),
    Column(
        "hits",
        "Hits",
        lambda row, _: format_count(row.dataset.hits),
        align="right",
        secondary=True,
        width=46,
        hint="reads that were served from here, each day for itself",
    ),
    Column(
        "last_used",
        "Last used",
        lambda row, now_us: used_words(row.dataset.last_used_us, now_us),
        secondary=True,
        width=80,
    ),
    Column("keep", "Keep", keep_words, secondary=True, width=88, hint=_KEEP_HINT),
)
"""The columns of the datasets, in the order in which they stand at first.

Grouped by exchange, those in view at first fit a window of 1280 pixels, also with where days lie.
"""

DAY_COLUMNS: tuple[Column[Day], ...] = (
    Column("exchange", "Exchange", lambda day, _: day.key.exchange, width=108),
    Column("symbol", "Symbol", lambda day, _: day.key.symbol, width=108),
    Column("type", "Data type", lambda day, _: day.key.type.value, secondary=True, width=138),
    Column("day", "Day (UTC)", lambda day, _: day.day.isoformat(), width=92),
    Column("state", "State", lambda day, _: day.state.value, width=82),
    Column("health", "Health", lambda day, _: day_health_words(day), width=192, hint=_HEALTH_HINT),
    Column("where", "Where", lambda day, _: "", width=56, hint=_WHERE_HINT),
    Column("rows", "Rows", lambda day, _: format_full(day.rows), align="right", width=78),
    Column("size", "Size", lambda day, _: format_bytes(day.bytes), align="right", width=70, hint="on disk"),
    Column("source", "Source", lambda day, _: day.source.value, secondary=True, width=66),
    Column("hits", "Hits", lambda day, _: format_full(day.hits), align="right", secondary=True, width=46),
    Column(
        "last_used",
        "Last used",
        lambda day, now_us: used_words(day.last_used_us, now_us),
        secondary=True,
        width=80,
    ),
    Column(
        "pinned",
        "Pinned",
        lambda day, _: "pinned" if day.pinned else "",
        width=74,
        hint="neither eviction nor a time to live takes it",
        is_first_shown=False,
    ),
    Column("keep", "Keep", day_keep_words, secondary=True, width=88, hint=_KEEP_HINT),
)
"""The columns of the recorded days."""
