"""An icon that stands beside words; it is decoration to a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName


class IconLabel(QWidget):
    """Show one icon in a colour of the theme, sharp on whichever screen it is."""

    def __init__(
        self,
        theme: Theme,
        name: IconName,
        colour: ColourName = "text_2",
        size: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._colour = colour
        self._size = size
        self.setFixedSize(theme.px(size), theme.px(size))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def set_icon(self, name: IconName, colour: ColourName) -> None:
        """Show another icon."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, self._theme.pixmap(self._name, self._colour, self._size, ratio))
        painter.end()
