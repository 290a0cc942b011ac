"""A bar of all the days that are asked for, by what becomes of them; and a legend of the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.marks import paint_mark
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel_desktop.theme import Theme

_HEIGHT_PX = 14
_GAP_PX = 1
_LEAST_PX = 3
"""Width of what is few among many, so that it is seen."""
_ORDER = (
    Fate.HERE,
    Fate.SHARED,
    Fate.FETCH,
    Fate.REPLACE,
    Fate.PARTIAL,
    Fate.PENDING,
    Fate.ABSENT,
    Fate.DENIED,
    Fate.DAMAGED,
    Fate.BAD,
)
_SWATCH_PX = 10
_BETWEEN_PX = 12
_AFTER_MARK_PX = 5


class CoverageStrip(QWidget):
    """Show the shares of what becomes of the days."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts: Mapping[Fate, int] = {}
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Days by what becomes of them")
        theme.changed.connect(self.update)

    def show_counts(self, counts: Mapping[Fate, int]) -> None:
        """Show these counts from now on."""
        if counts == self._counts:
            return
        self._counts = dict(counts)
        words = [f"{format_full(counts[fate])} {fate.value}" for fate in _ORDER if counts.get(fate)]
        self.setAccessibleDescription(", ".join(words))
        self.setToolTip(", ".join(words))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a piece for each fate that there is."""
        theme = self._theme
        painter = QPainter(self)
        shown = [(fate, self._counts[fate]) for fate in _ORDER if self._counts.get(fate)]
        total = sum(count for _, count in shown)
        least, left = float(theme.px(_LEAST_PX)), 0.0
        room = self.width() - least * len(shown)
        for fate, count in shown:
            width = least + room * count / total
            box = QRectF(round(left), 0, round(left + width) - round(left) - theme.px(_GAP_PX), self.height())
            paint_mark(painter, theme, fate, box, has_cross=False)
            left += width
        if not shown:
            painter.fillRect(self.rect(), theme.colour("hover"))
        painter.end()


class MarkLegend(QWidget):
    """Show each mark beside its word, in lines that fit the width."""

    def __init__(self, theme: Theme, fates: Sequence[Fate], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = tuple((fate, fate.value) for fate in fates)
        self.setFont(theme.font(FontRole.CAPTION))
        self.setAccessibleName("Marks of the calendar")
        self.setAccessibleDescription(", ".join(word for _, word in self._words) + ", F: free")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_fates(self, fates: Sequence[Fate]) -> None:
        """Explain these marks from now on."""
        words = tuple((fate, fate.value) for fate in fates)
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(", ".join(word for _, word in words) + ", F: free")
            self.updateGeometry()
            self.update()

    def _line_px(self) -> int:
        return max(self.fontMetrics().height(), self._theme.px(_SWATCH_PX)) + self._theme.px(3)

    def _places(self, width: int) -> list[tuple[Fate | None, str, QPoint]]:
        """Place each mark and word; the last, without a fate, is the letter of free days."""
        theme, metrics = self._theme, self.fontMetrics()
        left, top = 0, 0
        found: list[tuple[Fate | None, str, QPoint]] = []
        words: list[tuple[Fate | None, str]] = [*self._words, (None, "free")]
        for fate, word in words:
            taken = theme.px(_SWATCH_PX + _AFTER_MARK_PX) + metrics.horizontalAdvance(word)
            if left and left + taken > width:
                left, top = 0, top + self._line_px()
            found.append((fate, word, QPoint(left, top)))
            left += taken + theme.px(_BETWEEN_PX)
        return found

    def heightForWidth(self, width: int) -> int:
        """Need a line for what does not fit."""
        return self._places(width)[-1][2].y() + self._line_px()

    def sizeHint(self) -> QSize:
        """Need room for a few words beside each other."""
        width = self._theme.px(300)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marks and their words."""
        theme, metrics = self._theme, self.fontMetrics()
        side = theme.px(_SWATCH_PX)
        painter = QPainter(self)
        for fate, word, place in self._places(self.width()):
            box = QRectF(place.x(), place.y() + (metrics.height() - side) / 2, side, side)
            baseline = place.y() + metrics.ascent()
            painter.setPen(theme.colour("text"))
            if fate is None:
                painter.drawText(QPoint(place.x(), baseline), "F")
            else:
                paint_mark(painter, theme, fate, box, has_cross=False)
            painter.setPen(theme.colour("text_2"))
            painter.drawText(QPoint(place.x() + side + theme.px(_AFTER_MARK_PX), baseline), word)
        painter.end()
