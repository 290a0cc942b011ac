"""The place in the panel where it says what stands in the way, one sentence at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tickreel_desktop.analysis.states import Obstacle, of_waiting
from tickreel_desktop.components import Banner
from tickreel_desktop.components.announce import announce

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel.analysis import Waiting
    from tickreel_desktop.theme import Theme

_SECOND_MS = 1_000


class ObstacleBar(QWidget):
    """Show one obstacle, or nothing."""

    way_chosen = Signal(object)
    """The :class:`Way` out was pressed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._obstacle: Obstacle | None = None
        self._banner: Banner | None = None
        self._waiting: Waiting | None = None
        self._until_s = 0.0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self._count)
        self.hide()

    @property
    def obstacle(self) -> Obstacle | None:
        """What is shown."""
        return self._obstacle

    def text(self) -> str:
        """Give the sentence; empty where there is none."""
        return "" if self._banner is None else self._banner.text()

    def press(self) -> None:
        """Take the way out, as the button does."""
        if self._obstacle is not None:
            self.way_chosen.emit(self._obstacle.way)

    def show_obstacle(self, obstacle: Obstacle | None) -> None:
        """Show another one, or none."""
        self._clock.stop()
        self._waiting = None
        self._put(obstacle)

    def wait(self, waiting: Waiting) -> None:
        """Count down until the server is asked again."""
        self._waiting = waiting
        self._until_s = time.monotonic() + waiting.seconds
        self._put(of_waiting(waiting, waiting.seconds))
        self._clock.start()

    def _count(self) -> None:
        if self._waiting is None or self._banner is None:
            return
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            self._clock.stop()
        else:
            self._banner.set_text(of_waiting(self._waiting, left_s).text)
            self._fit()

    def _fit(self) -> None:
        """Be as high as the sentence is at this width: a layout asks for the height of one line."""
        if self._banner is not None and (layout := self._banner.layout()) is not None:
            self._banner.setFixedHeight(layout.totalHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the sentence its lines."""
        super().resizeEvent(event)
        self._fit()

    def _put(self, obstacle: Obstacle | None) -> None:
        if obstacle == self._obstacle:
            return
        self._obstacle = obstacle
        if self._banner is not None:
            self._column.removeWidget(self._banner)
            self._banner.hide()
            self._banner.deleteLater()
            self._banner = None
        if obstacle is not None:
            self._banner = Banner(
                self._theme, obstacle.kind, obstacle.text, icon=obstacle.icon, action=obstacle.button
            )
            self._banner.action_triggered.connect(self.press)
            self._column.addWidget(self._banner)
            self._fit()
        self.setVisible(obstacle is not None)
        if obstacle is not None and self.isVisible():
            announce(self, obstacle.text)
