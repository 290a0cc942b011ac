"""Short texts laid out once and drawn many times, for views that paint hundreds of them in a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QStaticText, QTransform

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QFont, QPainter

    from tickreel_desktop.theme import ColourName, Theme

_MOST = 4_096
"""Texts kept; figures seldom come back after so many others."""


LEFT, MIDDLE, RIGHT = 0.0, 0.5, 1.0
"""Where a text stands between two edges: which share of the room that is left lies before it."""


class StaticTexts:
    """Texts of one font."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        metrics = QFontMetrics(font)
        self.height, self.ascent = metrics.height(), metrics.ascent()
        self._metrics, self._exact = metrics, QFontMetricsF(font)
        self._kept: dict[str, tuple[QStaticText, float]] = {}
        self._met: set[str] = set()
        """Texts that were drawn once."""
        self._shortened: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> float:
        """Give how wide a text is."""
        return self.laid_out(text)[1]

    def passing_width(self, text: str) -> float | None:
        """Give how wide a text is that is met for the first time; None for one that comes back.

        Most figures do not come back: to lay one out for keeps takes more than to draw it.
        """
        return None if self._comes_back(text) else self._metrics.horizontalAdvance(text)

    def _comes_back(self, text: str) -> bool:
        if text in self._kept or text in self._met:
            return True
        if len(self._met) >= _MOST:
            self._met.clear()
        self._met.add(text)
        return False

    def laid_out(self, text: str) -> tuple[QStaticText, float]:
        """Give a text ready to be drawn, and its width."""
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            made = QStaticText(text)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.prepare(QTransform(), self.font)
            found = self._kept[text] = (made, made.size().width())
        return found

    def draw(self, painter: QPainter, text: str, rect: QRect, align: float) -> None:
        """Draw a text at once, in the middle of the height, elided at the right where it has no room.

        The painter has the font already. To have Qt place a text takes three times as long.
        """
        is_passing = not self._comes_back(text)
        width = self._exact.horizontalAdvance(text) if is_passing else self.laid_out(text)[1]
        room = rect.width()
        if width > room:
            text, is_passing = self._short(text, room), True
            width = self._exact.horizontalAdvance(text)
        left = rect.x() + (room - width) * align
        top = rect.y() + (rect.height() - self.height) // 2
        if is_passing:
            painter.drawText(QPointF(left, top + self.ascent), text)
        else:
            painter.drawStaticText(QPointF(left, top), self._kept[text][0])

    def _short(self, text: str, room: int) -> str:
        found = self._shortened.get((text, room))
        if found is None:
            if len(self._shortened) >= _MOST:
                self._shortened.clear()
            found = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            self._shortened[text, room] = found
        return found


class Paints:
    """The colours of a theme, each made once, and texts gathered so that fonts and pens change seldom."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colours: dict[ColourName, QColor] = {}
        self._waiting: dict[tuple[StaticTexts, ColourName], list[tuple[QPointF, QStaticText]]] = {}
        self._passing: dict[tuple[StaticTexts, ColourName], list[tuple[QPointF, str]]] = {}
        theme.changed.connect(self._colours.clear)

    def colour(self, name: ColourName) -> QColor:
        """Give a colour of the theme in use."""
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = self._theme.colour(name)
        return found

    def write(
        self,
        texts: StaticTexts,
        name: ColourName,
        text: str,
        edges: tuple[float, float],
        row: tuple[float, float],
        align: float,
    ) -> None:
        """Gather a text between two edges, in the middle of a row of (top, height)."""
        top = row[0] + (row[1] - texts.height) // 2
        passing_width = texts.passing_width(text)
        if passing_width is not None:
            left = edges[0] + (edges[1] - edges[0] - passing_width) * align
            place = QPointF(round(left), top + texts.ascent)
            self._passing.setdefault((texts, name), []).append((place, text))
            return
        laid_out, width = texts.laid_out(text)
        left = edges[0] + (edges[1] - edges[0] - width) * align
        self._waiting.setdefault((texts, name), []).append((QPointF(round(left), top), laid_out))

    def write_once(
        self, texts: StaticTexts, name: ColourName, text: str, left: float, row: tuple[float, float]
    ) -> None:
        """Gather a text that will not come back, such as a time: to lay it out for keeps would cost more."""
        base = row[0] + (row[1] - texts.height) // 2 + texts.ascent
        self._passing.setdefault((texts, name), []).append((QPointF(left, base), text))

    def flush(self, painter: QPainter) -> None:
        """Draw what was gathered, above everything that was drawn before."""
        for (texts, name), gathered in self._waiting.items():
            painter.setFont(texts.font)
            painter.setPen(self.colour(name))
            for place, text in gathered:
                painter.drawStaticText(place, text)
        for (texts, name), passing in self._passing.items():
            painter.setFont(texts.font)
            painter.setPen(self.colour(name))
            for place, words in passing:
                painter.drawText(place, words)
        self._waiting.clear()
        self._passing.clear()
