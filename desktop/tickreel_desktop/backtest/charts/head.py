"""The line above a chart: what it shows, in which unit, and which line is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from tickreel_desktop.components import ElidedLabel, label
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from tickreel_desktop.backtest.charts.layers import Look
    from tickreel_desktop.theme import Theme

_HEIGHT_PX = 24


@dataclass(frozen=True, slots=True)
class Key:
    """What a line or a band of the legend stands for."""

    name: str
    look: Look
    is_band: bool = False


class ChartHead(QFrame):
    """Title, caption and legend."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(14), 0, theme.px(12), 0)
        row.setSpacing(theme.px(8))
        self._title = label(title, Role.SECTION)
        self._caption = ElidedLabel()
        set_role(self._caption, Role.CAPTION)
        self._legend = _Legend(theme)
        row.addWidget(self._title)
        row.addWidget(self._caption, 1)
        row.addWidget(self._legend)
        self._row = row

    def set_title(self, title: str) -> None:
        """Name something else."""
        self._title.setText(title)

    def set_caption(self, text: str) -> None:
        """Say what it rests on and its unit."""
        self._caption.setText(text)

    def caption(self) -> str:
        """Give what it says beside the title."""
        return self._caption.text()

    def set_keys(self, keys: Sequence[Key]) -> None:
        """Say which line is which."""
        self._legend.set_keys(keys)

    def key_names(self) -> tuple[str, ...]:
        """Give the names in the legend."""
        return tuple(key.name for key in self._legend.keys)

    def add_control(self, control: QWidget) -> None:
        """Put a choice at the right end."""
        self._row.addWidget(control)


class _Legend(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.keys: tuple[Key, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def set_keys(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self.setAccessibleName(", ".join(key.name for key in self.keys))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics, px = QFontMetricsF(self._theme.font(FontRole.CAPTION)), self._theme.px
        widths = [metrics.horizontalAdvance(key.name) + px(34) for key in self.keys]
        return QSize(round(sum(widths)), px(18))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._theme.px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, px = QPainter(self), self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION))
        metrics = QFontMetricsF(painter.font())
        left, middle = 0.0, round(self.height() / 2)
        for key in self.keys:
            if key.is_band:
                painter.fillRect(
                    QRectF(left, middle - px(4), px(14), px(8)), key.look.ground(self._theme, 110)
                )
            else:
                painter.setPen(key.look.pen(self._theme))
                painter.drawLine(round(left), middle, round(left) + px(14), middle)
            painter.setPen(self._theme.colour("text_2"))
            width = metrics.horizontalAdvance(key.name)
            words = QRectF(left + px(20), 0, width + 2, self.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, key.name)
            left += width + px(34)
        painter.end()
