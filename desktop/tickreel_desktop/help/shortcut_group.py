"""The shortcuts of one group below its name, painted by one widget: a sheet of dozens opens at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel_desktop.components import key_caps_width_px, key_names, paint_key_caps
from tickreel_desktop.components.key_cap import CAP_HEIGHT_PX
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tickreel_desktop.theme import Theme

_TITLE_PX = 20
_ROW_PX = 26
_GAP_PX = 12


@dataclass(frozen=True, slots=True)
class ShortcutRow:
    """Hold one thing that can be done by keys."""

    group: str
    """Menu or workspace."""
    text: str
    keys: str
    """As Qt's portable text, "Ctrl+Shift+C"; rows without keys are left out."""


class ShortcutGroup(QWidget):
    """Paint the name of a group and its rows; a screen reader hears them as its description."""

    def __init__(
        self, theme: Theme, name: str, rows: Sequence[ShortcutRow], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = tuple(rows)
        self._shown = self._rows
        self.name = name
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._describe()

    @property
    def shown(self) -> Sequence[ShortcutRow]:
        """Its rows that are shown."""
        return self._shown

    @property
    def height_rows(self) -> int:
        """How high it is about, in rows, with its name and the room below."""
        return len(self._shown) + 2

    def show_only(self, rows: Collection[ShortcutRow]) -> None:
        """Show those of its rows that the filter lets through, and hide itself when nothing is left."""
        self._shown = tuple(row for row in self._rows if row in rows)
        self._describe()
        self.updateGeometry()
        self.update()
        self.setVisible(bool(self._shown))

    def shown_text(self, place: int) -> str:
        """Give what is readable of a row, which is elided where there is no room."""
        row = self._shown[place]
        room = self.width() - key_caps_width_px(self._theme, row.keys) - self._theme.px(_GAP_PX)
        metrics = QFontMetrics(self._theme.font(FontRole.BODY))
        return metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, room)

    def _describe(self) -> None:
        self.setAccessibleDescription("\n".join(f"{row.text}: {spelt(row.keys)}" for row in self._shown))

    def _row_rect(self, place: int) -> QRect:
        px = self._theme.px
        return QRect(0, px(_TITLE_PX) + place * px(_ROW_PX), self.width(), px(_ROW_PX))

    def sizeHint(self) -> QSize:
        """Need room for the name and for all rows that are shown."""
        return QSize(self._theme.px(200), self._row_rect(len(self._shown)).top())

    def minimumSizeHint(self) -> QSize:
        """Do with little width."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, and of each row what it does and its keys."""
        theme = self._theme
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter = QPainter(self)
        painter.setFont(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("text"))
        painter.drawText(QRect(0, 0, self.width(), theme.px(_TITLE_PX)), left, self.name)
        painter.setFont(theme.font(FontRole.BODY))
        for place, row in enumerate(self._shown):
            rect = self._row_rect(place)
            if not rect.intersects(event.rect()):
                continue
            painter.setPen(theme.colour("text_2"))
            painter.drawText(rect, left, self.shown_text(place))
            caps = rect.right() + 1 - key_caps_width_px(theme, row.keys)
            above = (rect.height() - theme.px(CAP_HEIGHT_PX)) // 2
            paint_key_caps(painter, theme, QPoint(caps, rect.top() + above), row.keys)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Show in the tool-tip what a row cannot."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        at = (row for place, row in enumerate(self._shown) if self._is_elided_at(place, event.pos()))
        QToolTip.showText(event.globalPos(), next((row.text for row in at), ""), self)
        return True

    def _is_elided_at(self, place: int, at: QPoint) -> bool:
        return self._row_rect(place).contains(at) and self.shown_text(place) != self._shown[place].text


def spelt(keys: str) -> str:
    """Spell a shortcut for reading: ``Ctrl+K, Ctrl+C``."""
    return ", ".join("+".join(press) for press in key_names(keys))
