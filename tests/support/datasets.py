"""Recorded days as a catalog would give them, without a catalog."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import Day, DayState, Part, Source
from tickreel_desktop.data.rows import dataset_rows

if TYPE_CHECKING:
    from tickreel_desktop.data.rows import DatasetRow

_BY_LETTER = {"h": DayState.PRESENT, "p": DayState.PARTIAL, "a": DayState.ABSENT, "x": DayState.DAMAGED}


def recorded_days(
    exchange: str,
    symbol: str,
    data_type: DataType = DataType.TRADES,
    *,
    first: date = date(2024, 7, 23),
    states: str = "h",
    rows: int = 1000,
    size_bytes: int = 4000,
) -> list[Day]:
    """Give one day for each letter: h present, p partial, a absent, x damaged; a dot is no record."""
    key = DatasetKey(exchange, symbol, data_type)
    return [
        _day(key, first + timedelta(days=place), _BY_LETTER[letter], rows, size_bytes)
        for place, letter in enumerate(states)
        if letter != "."
    ]


def dataset_row(
    exchange: str, symbol: str, data_type: DataType = DataType.TRADES, states: str = "h"
) -> DatasetRow:
    """Give the row of a dataset with such days."""
    (row,) = dataset_rows(recorded_days(exchange, symbol, data_type, states=states))
    return row


def _day(key: DatasetKey, day: date, state: DayState, rows: int, size_bytes: int) -> Day:
    start_us = day_start_us(day)
    part = Part(
        segment_id=f"{key}-{day}",
        day=day,
        start_us=start_us,
        end_us=start_us + US_PER_DAY,
        rows=rows,
        messages=rows,
        bytes=size_bytes,
        first_local_us=start_us + 114_000 if rows else None,
        last_local_us=start_us + US_PER_DAY - 86_000 if rows else None,
        rows_sha256="0" * 64,
        opens_with_snapshot=True,
        source=Source.IMPORT,
        source_sha256=None,
        imported_us=start_us,
    )
    return Day(key=key, day=day, state=state, rows_sha256="0" * 64, parts=(part,))
