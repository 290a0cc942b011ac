"""A clock that counts down, can be held, and can be replaced where time must not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable


class Countdown(Protocol):
    """What a message needs of a clock."""

    def start(self, duration_ms: int, expired: Callable[[], None]) -> None:
        """Call *expired* once when the time is over."""

    def hold(self) -> None:
        """Stop, and keep what is left; nothing happens if it was never started."""

    def go_on(self) -> None:
        """Run for what was left."""

    def stop(self) -> None:
        """Forget all about it."""


class TimerCountdown(QObject):
    """Count down on Qt's clock."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        self._expired: Callable[[], None] | None = None
        self._left_ms = 0

    def start(self, duration_ms: int, expired: Callable[[], None]) -> None:
        """Call *expired* once when the time is over."""
        self._expired = expired
        self._timer.start(duration_ms)

    def hold(self) -> None:
        """Stop, and keep what is left."""
        if self._timer.isActive():
            self._left_ms = self._timer.remainingTime()
            self._timer.stop()

    def go_on(self) -> None:
        """Run for what was left."""
        if self._expired is not None:
            self._timer.start(self._left_ms)

    def stop(self) -> None:
        """Forget all about it."""
        self._expired = None
        self._timer.stop()
        self.deleteLater()

    def _on_timeout(self) -> None:
        if self._expired is not None:
            self._expired()
