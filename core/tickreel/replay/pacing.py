"""When the events of a replay are due on the wall, and when the loop that hands them out shall breathe."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tickreel.replay.clock import PlaybackClock
from tickreel.replay.speed import checked_speed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_BREATH_S = 0.002
"""Others on the loop wait no longer than this for a replay whose events are all due."""


class Pace:
    """Hold events back until they are due, on the absolute schedule of a :class:`PlaybackClock`.

    *speed* is market seconds per second, a text such as ``"20x"``, or ``"max"`` or None for as fast as
    the consumer goes. *now* and *sleep* stand for the wall.

    Raises:
        UsageError: it is no speed.
    """

    def __init__(
        self,
        speed: float | str | None,
        at_us: int,
        end_us: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.speed = checked_speed(speed)
        self._clock = PlaybackClock(at_us, end_us, self.speed, now=now)
        self._clock.play()
        self._sleep = sleep
        self.now = now
        """The wall."""
        self.breathe_s = now() + _BREATH_S
        """When others on the loop shall run again."""
        self.due_us = end_us if self.speed is None else at_us
        """Everything up to and including this moment may be handed out without asking again."""

    async def until(self, clock_us: int, reached_us: int) -> None:
        """Wait until a moment is due; all up to *reached_us* was handed out, and nothing lies between."""
        # To wait for what is not due yet is not to be late, however often the wait begins anew.
        self._clock.reached(max(reached_us, min(self._clock.due_us(), clock_us - 1)))
        due_us = self._clock.due_us()
        if due_us < clock_us and self.speed is not None:
            while due_us < clock_us:
                await self._sleep((clock_us - due_us) / (self.speed * 1e6))
                due_us = self._clock.due_us()
            self.breathe_s = self.now() + _BREATH_S
        self.due_us = due_us
        if self.now() >= self.breathe_s:  # it was due already, as it may be time after time
            await self.breathe()

    def reached(self, at_us: int) -> None:
        """Take note that all up to a moment was handed out."""
        self._clock.reached(at_us)

    def jump(self, at_us: int) -> None:
        """Go over the time up to a moment without waiting for it."""
        self._clock.jump(at_us)
        if self.speed is not None:
            self.due_us = at_us

    async def breathe(self) -> None:
        """Let others on the loop run."""
        await asyncio.sleep(0)
        self.breathe_s = self.now() + _BREATH_S

    def achieved_speed(self) -> float | None:
        """Measure the speed of the last moments; None when it is too early to say."""
        return self._clock.achieved_speed()
