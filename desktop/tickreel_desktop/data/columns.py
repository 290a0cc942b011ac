"""The columns of the dataset table: what each shows, and by which NumPy key it sorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from tickreel.market.units import ABSENT, format_bytes, format_count, format_full
from tickreel_desktop.data.rows import state_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.data.rows import DatasetRow

Keys = npt.NDArray[Any]
"""One sort key a row: int64, float64 (NaN sorts last either way) or fixed-width text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    id: str
    title: str
    text: Callable[[DatasetRow], str]
    sort_key: Callable[[Sequence[DatasetRow]], Keys]
    align: Literal["left", "right"] = "left"
    secondary: bool = False
    """Shown in the quieter colour."""
    width: int = 90
    """Pixels at scale 1, until the user drags."""
    hint: str = ""
    """What the header's tool-tip adds to the title."""


def _texts(text: Callable[[DatasetRow], str]) -> Callable[[Sequence[DatasetRow]], Keys]:
    return lambda rows: np.array([text(row) for row in rows], dtype=np.str_)


def _integers(value: Callable[[DatasetRow], int]) -> Callable[[Sequence[DatasetRow]], Keys]:
    return lambda rows: np.fromiter((value(row) for row in rows), dtype=np.int64, count=len(rows))


def _floats(value: Callable[[DatasetRow], float]) -> Callable[[Sequence[DatasetRow]], Keys]:
    return lambda rows: np.fromiter((value(row) for row in rows), dtype=np.float64, count=len(rows))


def _bytes_per_row(row: DatasetRow) -> float:
    return row.dataset.bytes / row.dataset.rows if row.dataset.rows else float("nan")


def _bytes_per_row_text(row: DatasetRow) -> str:
    if not row.dataset.rows:
        return ABSENT
    share = _bytes_per_row(row)
    return f"{share:.2f}" if share < 100 else format_count(round(share))


def _held_share(row: DatasetRow) -> float:
    return row.held_days / row.span_days


def coverage_words(row: DatasetRow) -> str:
    """Say what the coverage bar shows, for tool-tips and for those who do not see it."""
    dataset = row.dataset
    span = dataset.first_day.isoformat()
    if dataset.last_day != dataset.first_day:
        span += f" to {dataset.last_day.isoformat()}"
    days = "UTC day" if row.span_days == 1 else "UTC days"
    return f"{row.held_days} of {row.span_days} {days}, {span}: {state_words(row)}"


COLUMNS: tuple[Column, ...] = (
    Column(
        "exchange", "Exchange", lambda row: row.key.exchange, _texts(lambda row: row.key.exchange), width=114
    ),
    Column("symbol", "Symbol", lambda row: row.key.symbol, _texts(lambda row: row.key.symbol), width=118),
    Column(
        "type",
        "Data type",
        lambda row: row.key.type.value,
        _texts(lambda row: row.key.type.value),
        secondary=True,
        width=148,
    ),
    Column(
        "days",
        "Days",
        lambda row: f"{format_full(row.held_days)} / {format_full(row.span_days)}",
        _integers(lambda row: row.held_days),
        align="right",
        width=78,
        hint="days held, of the days from the first to the last",
    ),
    Column(
        "coverage",
        "Coverage",
        lambda row: "",
        _floats(_held_share),
        width=164,
        hint="each day from the first to the last",
    ),
    Column(
        "first_day",
        "First day",
        lambda row: row.dataset.first_day.isoformat(),
        _integers(lambda row: row.dataset.first_day.toordinal()),
        secondary=True,
        width=92,
        hint="a UTC day",
    ),
    Column(
        "last_day",
        "Last day",
        lambda row: row.dataset.last_day.isoformat(),
        _integers(lambda row: row.dataset.last_day.toordinal()),
        secondary=True,
        width=92,
        hint="a UTC day",
    ),
    Column(
        "rows",
        "Rows",
        lambda row: format_count(row.dataset.rows),
        _integers(lambda row: row.dataset.rows),
        align="right",
        width=72,
    ),
    Column(
        "size",
        "Size",
        lambda row: format_bytes(row.dataset.bytes),
        _integers(lambda row: row.dataset.bytes),
        align="right",
        width=74,
        hint="on disk",
    ),
    Column(
        "bytes_per_row",
        "B/row",
        _bytes_per_row_text,
        _floats(_bytes_per_row),
        align="right",
        secondary=True,
        width=56,
        hint="bytes on disk for each row",
    ),
    Column("state", "State", state_words, _texts(state_words), width=120),
)
"""All columns, in the order in which they stand."""

COVERAGE = next(index for index, column in enumerate(COLUMNS) if column.id == "coverage")
STATE = next(index for index, column in enumerate(COLUMNS) if column.id == "state")
