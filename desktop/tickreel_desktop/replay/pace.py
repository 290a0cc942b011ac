"""How often something is done that is asked for with every frame: what eyes can follow, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace(QObject):
    """Does something when asked, but not twice within an interval; the last wish is always served."""

    def __init__(self, interval_ms: int, act: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._act = act
        self._is_asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._on_timeout)

    def ask(self) -> None:
        """Do it now, or when the interval is over."""
        if self._timer.isActive():
            self._is_asked = True
        else:
            self._serve()

    def _on_timeout(self) -> None:
        if self._is_asked:
            self._serve()

    def _serve(self) -> None:
        self._is_asked = False
        self._act()
        self._timer.start()
