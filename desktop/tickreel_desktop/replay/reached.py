"""What a replay reaches: its speed, rows and frames a second, and whether rows were lost on the way."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.replay import Frame, PlaybackClock

_WINDOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Reached:
    """Figures of the last second of playing."""

    speed: float | None
    """Market seconds per second; None while it is not known."""
    rows_per_s: float = 0.0
    frames_per_s: float = 0.0
    dropped: int = 0
    """Rows that the session played since the last jump and no frame told of; there should be none."""


class ReachedMeter:
    """Counts frames as they come."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, int]] = deque()
        self._told_rows = 0

    def pause(self) -> None:
        """Begin to measure anew with the next frame."""
        self._frames.clear()

    def take(self, frame: Frame, clock: PlaybackClock) -> Reached:
        """Count a frame, and say what is reached by now."""
        now_s = time.monotonic()
        self._frames.append((now_s, frame.rows_since))
        while now_s - self._frames[0][0] > _WINDOW_S:
            self._frames.popleft()
        played = sum(shown.totals.rows for shown in frame.symbols)
        self._told_rows = played if frame.is_jump else self._told_rows + frame.rows_since
        span_s = now_s - self._frames[0][0]
        if span_s <= 0:
            return Reached(clock.achieved_speed(), dropped=played - self._told_rows)
        # The first frame of the span only says where it begins.
        rows = sum(rows for _, rows in list(self._frames)[1:])
        return Reached(
            clock.achieved_speed(),
            rows / span_s,
            (len(self._frames) - 1) / span_s,
            played - self._told_rows,
        )
