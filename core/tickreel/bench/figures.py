"""What is measured, and the figures that come of it."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence


class Measure(StrEnum):
    """One thing that is measured; its value is its name on the command line."""

    GENERATE = "generate"
    INGEST = "ingest"
    SIZE = "size"
    SCAN = "scan"
    BOOK = "book"
    BBO = "bbo"
    TOPS = "tops"
    HEATMAP = "heatmap"
    RANGE = "range"
    MOMENT = "moment"
    REPLAY = "replay"
    SEEK = "seek"
    STEP = "step"
    BACKTEST = "backtest"
    MERGE = "merge"
    SERVE = "serve"
    DAYS = "days"
    LISTING = "listing"
    START = "start"


class UiMeasure(StrEnum):
    """One thing that is measured of a window that plays; its value is its name in the report."""

    EMPTY = "empty"
    """A window without content, whose timer asks for a frame as often as a replay does."""
    FRAME = "frame"
    """All that the UI thread does from one frame to the next."""
    UPDATE = "update"
    """The part of it in which the views take the frame."""
    PAINT = "paint"
    """The part of it in which they are painted."""
    VIEW = "view"
    """What each view takes of a frame, to update and to paint, pyqtgraph's work for it included."""
    RATE = "rate"
    SHARE = "share"
    """Who had the processor."""
    MEMORY = "memory"


class Unit(StrEnum):
    """What a figure counts; its value stands in the JSON form."""

    ROWS_PER_S = "rows/s"
    MESSAGES_PER_S = "messages/s"
    DAYS_PER_S = "days/s"
    BYTES_PER_S = "bytes/s"
    BYTES_PER_ROW = "bytes/row"
    BYTES = "bytes"
    MS = "ms"
    FRAMES_PER_S = "frames/s"
    SPEED = "x"
    """Market seconds per second."""
    PERCENT_OF_CORE = "% of a core"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that was measured."""

    measure: Measure | UiMeasure
    data: str
    """Whose rows: ``generated``, or a file's name."""
    what: str
    value: float
    """Of several rounds the middle one."""
    unit: Unit
    best: float | None = None
    """Of several rounds the best one; None where there was one, or where the figure is a percentile."""


def from_rounds(
    measure: Measure, data: str, what: str, unit: Unit, seconds: Sequence[float], amount: float = 1.0
) -> Figure:
    """Make a figure of the times of some rounds, each of which did *amount* of work.

    A unit per second is *amount* over the time; milliseconds are the time of the round.
    """
    if unit is Unit.MS:
        rounds = [each * 1e3 for each in seconds]
        best = min(rounds)
    else:
        rounds = [amount / each for each in seconds]
        best = max(rounds)
    return Figure(measure, data, what, statistics.median(rounds), unit, best if len(rounds) > 1 else None)


def percentiles(measure: Measure | UiMeasure, data: str, what: str, seconds: Sequence[float]) -> list[Figure]:
    """Make the two figures by which many single waits are judged: the middle, and the 99th percentile."""
    ordered = sorted(seconds)
    return [
        Figure(measure, data, f"{what}, {name}", 1e3 * ordered[_rank(share, len(ordered))], Unit.MS)
        for name, share in (("p50", 0.50), ("p99", 0.99))
    ]


def _rank(share: float, count: int) -> int:
    """Place of the smallest value that at least *share* of all do not exceed."""
    return max(0, -int(-share * count // 1) - 1)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures were measured on, and how busy that was."""

    system: str
    python: str
    processor: str
    cores: int
    memory_bytes: int
    load: tuple[float, ...]
    """Load average over 1, 5 and 15 minutes before the first measure: what else ran."""

    @classmethod
    def here(cls) -> Machine:
        """Look at this machine."""
        return cls(
            f"{platform.system()} {platform.release()}",
            platform.python_version(),
            platform.processor() or platform.machine(),
            os.cpu_count() or 1,
            psutil.virtual_memory().total,
            tuple(round(each, 2) for each in psutil.getloadavg()),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one run."""

    machine: Machine
    rows: int
    """Rows asked of the generated day."""
    seed: int
    figures: tuple[Figure, ...]
