"""Days that a tier farther away has, and that come from there while the first of a replay are played."""

from __future__ import annotations

import logging
import threading
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.errors import Cancelled, TickreelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor

_LOGGER = logging.getLogger(__name__)

_ROUNDS = 2
_BETWEEN_ROUNDS_S = 2.0
"""A server that failed once is asked again after so long for the days that did not come."""


class DaysComing:
    """Brings days on a thread of its own, in the order of time, until they are here or nobody wants them.

    It is the monitor of its own work: whoever brings a day for it hears from it when to stop.
    """

    def __init__(
        self,
        promised: Mapping[DatasetKey, Sequence[date]],
        bring: Callable[[Mapping[DatasetKey, Sequence[date]], Monitor], None],
    ) -> None:
        """Take the days, and what stores those that are not here."""
        self._days = frozenset((key, day) for key, days in promised.items() for day in days)
        self._bring = bring
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

    def cancel(self) -> None:
        """Bring no more; the call to the server that is under way is the last. Again is nothing."""
        self._is_cancelled.set()

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
                    self.report(0, None)
                    self._bring({key: [day] for key, _ in places}, self)
                except Cancelled:
                    return
                except TickreelError as error:  # who needs the day asks for it again, and is told
                    if self._is_cancelled.is_set():
                        return
                    _LOGGER.warning("days of %s are not brought ahead of a replay: %s", day, error)
