"""How fast work goes and how long it takes: over the last seconds, not since its start."""

from __future__ import annotations

from collections import deque

from tickreel.jobs.job import ETA_AFTER_S
from tickreel.market.units import format_duration_s

_WINDOW_S = 8.0
_APART_S = 0.25
"""Samples that are closer together are merged, so that a window holds some dozens."""


class RateMeter:
    """Watch one piece of work; times are seconds of one monotonic clock."""

    def __init__(self, window_s: float = _WINDOW_S) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, float]] = deque()
        self._started_s = 0.0

    def note(self, now_s: float, done: float) -> None:
        """Take note of what was done by now; work that goes back to less begins anew."""
        samples = self._samples
        if samples and done < samples[-1][1]:
            samples.clear()
        if not samples:
            self._started_s = now_s
        if len(samples) > 1 and now_s - samples[-2][0] < _APART_S:
            samples.pop()
        samples.append((now_s, done))
        while len(samples) > 2 and now_s - samples[1][0] >= self._window_s:
            samples.popleft()

    def forget(self) -> None:
        """Begin anew: the work stood still for a reason."""
        self._samples.clear()

    def per_s(self) -> float | None:
        """Give the units done per second; None before anything is known."""
        if len(self._samples) < 2:
            return None
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s and last > first else None

    def left_s(self, left: float) -> float | None:
        """Estimate the seconds that *left* more units take; None while it would be a guess."""
        rate = self.per_s()
        if rate is None or self._samples[-1][0] - self._started_s < ETA_AFTER_S:
            return None
        return max(0.0, left / rate)


def left_words(left_s: float | None) -> str:
    """Word a time left, rounded as far as it is worth: ``8 s``, ``40 s``, ``6 min``."""
    if left_s is None:
        return ""
    step = 1 if left_s < 10 else 5 if left_s < 60 else 10
    return format_duration_s(max(1, round(left_s / step) * step)).replace(".0 ", " ")
