"""Days that a tier farther away has, and that come from there while the first of a replay are played."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.errors import Cancelled, TickreelError
from tickreel.market.time import day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor

_LOGGER = logging.getLogger(__name__)

_ROUNDS = 2
_BETWEEN_ROUNDS_S = 2.0
"""A server that failed once is asked again after so long for the days that did not come."""
_ROOM_EVERY_S = 1.0
"""How often is looked whether there is room by now for days that had none."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far ahead of the playing days are brought; the next day always is."""

    days: int = 8
    """Days after the one that is played, of all datasets together."""
    bytes: int = 8_000_000_000
    """Bytes of these days, as they lie on the server."""


AHEAD = Ahead()


class DaysComing:
    """Brings days on a thread of its own, in the order of time, until they are here or nobody wants them.

    It goes no farther ahead of the playing than *ahead* says, and than there is room for: a day that comes
    too early takes the place of others, and may have left again when it is played. It is the monitor of its
    own work: whoever brings a day for it hears from it when to stop.
    """

    def __init__(
        self,
        promised: Mapping[tuple[DatasetKey, date], int],
        bring: Callable[[Mapping[DatasetKey, Sequence[date]], Monitor], None],
        room_bytes: Callable[[], int],
        ahead: Ahead = AHEAD,
    ) -> None:
        """Take the days with their bytes, what stores them, and what tells how much room is left."""
        self._days = dict(promised)
        self._bring = bring
        self._room_bytes = room_bytes
        self._ahead = ahead
        self._played: date | None = None
        """The last day that was played, or asked for."""
        self._moved = threading.Condition()
        self._is_cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tickreel-prefetch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether nobody wants the days any more, and nothing goes on."""
        return self._is_cancelled.is_set() and not self._thread.is_alive()

    def __contains__(self, place: tuple[DatasetKey, date]) -> bool:
        """Tell whether a day is to come, or was."""
        return place in self._days and not self._is_cancelled.is_set()

    def has(self, key: DatasetKey) -> bool:
        """Tell whether any day of a dataset was promised."""
        return any(key == own for own, _ in self._days)

    def bring_now(self, key: DatasetKey, day: date) -> None:
        """Bring a day out of turn, or wait for it while it is on its way; it may not come.

        Raises:
            EnvironmentProblem: this machine cannot store it.
            Cancelled: nobody wants it any more.
        """
        self.report(0, None)
        self._bring({key: [day]}, self)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Let the work go on, or end it; raises Cancelled."""
        if self._is_cancelled.is_set():
            raise Cancelled("the replay for which days were brought is closed")

    def reached(self, at_us: int) -> None:
        """Hear how far it is played, or is to be played at once."""
        day = day_of(at_us)
        with self._moved:
            if self._played is None or day > self._played:
                self._played = day
                self._moved.notify_all()

    def cancel(self) -> None:
        """Bring no more; the call to the server that is under way is the last. Again is nothing."""
        self._is_cancelled.set()
        with self._moved:
            self._moved.notify_all()

    def join(self) -> None:
        """Wait for the thread to end."""
        self._thread.join()

    def _work(self) -> None:
        in_time = sorted(self._days, key=lambda place: (place[1], str(place[0])))
        for number in range(_ROUNDS):
            if number and self._is_cancelled.wait(_BETWEEN_ROUNDS_S):
                return
            for day, places in groupby(in_time, key=lambda place: place[1]):
                try:
                    self._await_turn(day)
                    self.report(0, None)
                    self._bring({key: [day] for key, _ in places}, self)
                except Cancelled:
                    return
                except TickreelError as error:  # who needs the day asks for it again, and is told
                    if self._is_cancelled.is_set():
                        return
                    _LOGGER.warning("days of %s are not brought ahead of a replay: %s", day, error)

    def _await_turn(self, day: date) -> None:
        """Wait until a day may come, or nobody wants it any more."""
        while not self._is_cancelled.is_set():
            played = self._played
            if self._may_come(day, played):  # beside the lock: who plays waits for no look at the disk
                return
            with self._moved:
                if played == self._played and not self._is_cancelled.is_set():
                    self._moved.wait(_ROOM_EVERY_S)

    def _may_come(self, day: date, played: date | None) -> bool:
        before = {one for _, one in self._days if one < day and (played is None or one > played)}
        if not before:  # it is the next one to be played
            return True
        ahead_bytes = sum(size for (_, one), size in self._days.items() if one in before)
        own_bytes = sum(size for (_, one), size in self._days.items() if one == day)
        return (
            len(before) < self._ahead.days
            and ahead_bytes + own_bytes <= self._ahead.bytes
            and own_bytes <= self._room_bytes()
        )
