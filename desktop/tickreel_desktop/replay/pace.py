"""How often something is done that is asked for with every frame: what eyes can follow, and no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

_APART_S = 0.008
"""Half of the shortest frame: what is done this long after something else belongs to another frame."""
_LATE_MS = 34
"""So long a wish waits for the next frame, which is to paint it along with all else that has changed."""
_GONE_S = 1.0
"""Nobody waits so long but who was closed while it waited."""


class Turns:
    """Keeps apart in time what several paces do, so that no frame bears all of it.

    Who has waited longest is next. All times are of the monotonic clock.
    """

    def __init__(self) -> None:
        self._free_s = float("-inf")
        self._since_s: dict[Pace, float] = {}
        """Since when, or from when on, each of them waits for its turn."""

    def wait_s(self, pace: Pace, due_s: float) -> float:
        """Give how long a pace that is due at a time must wait for its turn; not above 0 when it has it."""
        now_s = time.monotonic()
        since_s = self._since_s.setdefault(pace, max(due_s, now_s))
        longest_s = min((one for one in self._since_s.values() if one > now_s - _GONE_S), default=since_s)
        wait_s = max(due_s, self._free_s) - now_s
        return _APART_S if wait_s <= 0 and longest_s < since_s else wait_s

    def take(self, pace: Pace) -> None:
        """Have a turn."""
        self._since_s.pop(pace, None)
        self._free_s = time.monotonic() + _APART_S


class Pace(QObject):
    """Does something when asked, but not twice within an interval; the last wish is always served.

    It is served with a frame, when that asks, or a little later where none comes.
    """

    def __init__(
        self, interval_ms: int, act: Callable[[], None], parent: QObject, turns: Turns | None = None
    ) -> None:
        """Do *act* for *parent*; paces with the same *turns* are not served with the same frame."""
        super().__init__(parent)
        self._act = act
        self._turns = Turns() if turns is None else turns
        self._interval_s = interval_ms / 1e3
        self._due_s = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._serve)

    def ask(self) -> None:
        """Do it now, or when the interval is over and it is its turn."""
        wait_s = self._turns.wait_s(self, self._due_s)
        if wait_s <= 0:
            self._serve()
        elif not self._timer.isActive():
            self._timer.start(round(wait_s * 1e3) + _LATE_MS)

    def _serve(self) -> None:
        self._timer.stop()
        self._turns.take(self)
        self._due_s = time.monotonic() + self._interval_s
        self._act()
