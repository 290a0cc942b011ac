"""The playback clock: an absolute schedule from market time to wall time.

While it plays, the clock says which market time is due now, always counted from
one anchor, so that delays never add up: what a slow moment leaves undone is due at
once in the next. When the work stays behind, the anchor moves: time slows, nothing
is left out, and the achieved speed says so.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LAG_S = 0.1
"""A machine that is later than this against the schedule is late."""
_PATIENCE_S = 0.4
"""A machine that is late for as long as this is not keeping up; before, it may catch up."""
_WINDOW_S = 1.5
"""The achieved speed is measured over this much wall time."""

AS_FAST_AS_POSSIBLE = None
"""The speed of a clock that never waits."""


class PlaybackClock:
    """Says which market time is due; paused until :meth:`play`.

    Speeds are market seconds per wall second, or :data:`AS_FAST_AS_POSSIBLE`.
    """

    def __init__(
        self,
        at_us: int,
        end_us: int,
        speed: float | None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._end_us = end_us
        self._speed = _checked(speed)
        self._anchor_us = at_us
        self._anchor_s = now()
        self._reached_us = at_us
        self._is_playing = False
        self._late_since_s: float | None = None
        self._passed: deque[tuple[float, int]] = deque()

    @property
    def is_playing(self) -> bool:
        """Whether time moves."""
        return self._is_playing

    @property
    def speed(self) -> float | None:
        """The speed asked for."""
        return self._speed

    @property
    def reached_us(self) -> int:
        """The market time that was last reached."""
        return self._reached_us

    def play(self) -> None:
        """Let time move on from where it is."""
        self._is_playing = True
        self._anchor(self._reached_us)

    def pause(self) -> None:
        """Hold time where it is."""
        self._is_playing = False
        self._passed.clear()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed from the market time that is due now."""
        # Without a speed the end is due: then it goes on from what was reached.
        at_us = self._reached_us if self._speed is None else self.due_us()
        self._speed = _checked(speed)
        self._anchor(at_us)

    def jump(self, at_us: int) -> None:
        """Put time somewhere else; a playing clock plays on from there."""
        self._reached_us = at_us
        self._anchor(at_us)

    def _anchor(self, at_us: int) -> None:
        """Let the schedule begin anew: *at_us* is due now."""
        self._anchor_us, self._anchor_s = at_us, self._now()
        self._late_since_s = None
        self._passed.clear()
        self._passed.append((self._anchor_s, self._reached_us))

    def due_us(self) -> int:
        """Tell up to which market time (inclusive) everything should be played by now."""
        if not self._is_playing:
            return self._reached_us
        if self._speed is None:
            return self._end_us
        passed_us = int((self._now() - self._anchor_s) * self._speed * 1e6)
        return max(self._reached_us, min(self._anchor_us + passed_us, self._end_us))

    def reached(self, at_us: int) -> None:
        """Take note that everything up to *at_us* was played.

        When that stays late against the schedule, the schedule starts anew from here; so it does at
        once when it is ahead of it, as after a stretch that was jumped over.
        """
        now_s = self._now()
        self._reached_us = at_us
        if not self._is_playing:
            return
        late_us = 0.0
        if self._speed is not None:
            late_us = self._anchor_us + (now_s - self._anchor_s) * self._speed * 1e6 - at_us
        if late_us < -1:
            self._anchor(at_us)
            return
        self._passed.append((now_s, at_us))
        while len(self._passed) > 2 and now_s - self._passed[0][0] > _WINDOW_S:
            self._passed.popleft()
        if self._speed is None or at_us >= self._end_us or late_us <= _LAG_S * self._speed * 1e6:
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s = now_s
        elif now_s - self._late_since_s >= _PATIENCE_S:
            self._anchor_us, self._anchor_s = at_us, now_s
            self._late_since_s = None

    def achieved_speed(self) -> float | None:
        """Measure the speed of the last moments; None when paused or too early to say."""
        if len(self._passed) < 2:
            return None
        (first_s, first_us), (last_s, last_us) = self._passed[0], self._passed[-1]
        if last_s - first_s <= 0:
            return None
        return (last_us - first_us) / 1e6 / (last_s - first_s)


def _checked(speed: float | None) -> float | None:
    if speed is not None and not 0 < speed < math.inf:
        raise ValueError(f"a replay cannot play at speed {speed}")
    return speed
