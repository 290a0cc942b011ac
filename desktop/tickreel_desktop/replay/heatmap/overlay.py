"""What lies over the picture: bands, marks, play line and cursor."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QLine, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPen, QPolygon

from tickreel.market.units import format_duration_s
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from tickreel.replay import Band
    from tickreel_desktop.replay.heatmap.measure import Corner
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.theme import ColourName, Theme

_BAND_ALPHA = 46
_SELECTED_ALPHA = 40
_KNOB_PX = 2
_GRIP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class MarkKind(StrEnum):
    """What a mark at a moment is."""

    BOOKMARK = "bookmark"
    FINDING = "finding"


class Mark(NamedTuple):
    """Something that is pinned to a moment."""

    at_us: int
    kind: MarkKind
    text: str
    """The name of a bookmark, the number of a finding."""


class Overlay:
    """Paint over the picture; all places are asked of the viewport."""

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        self._theme = theme
        self._viewport = viewport

    def draw_words(self, painter: QPainter, text: str) -> None:
        """Say in the middle of the plot why there is nothing to see."""
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.colour("text_2"))
        painter.drawText(
            self._viewport.areas.plot, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text
        )

    def draw_stretches(self, painter: QPainter, stretches: Sequence[tuple[int, int]], word: str) -> None:
        """Name stretches from pixel to pixel of which nothing was known."""
        if not stretches:
            return
        plot = self._viewport.areas.plot
        painter.setFont(self._theme.font(FontRole.CAPTION))
        painter.setPen(self._theme.colour("text_2"))
        needed = painter.fontMetrics().horizontalAdvance(word) + self._theme.px(8)
        for left, right in stretches:
            if right - left >= needed:
                room = QRect(left, plot.top(), right - left, plot.height())
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, word)

    def draw_bands(self, painter: QPainter, view: Projection, bands: Sequence[Band]) -> None:
        """Draw the stretches whose data is not sound, each with its kind and length where there is room."""
        if not bands:
            return
        plot = self._viewport.areas.plot
        edge = self._theme.colour("warning")
        ground = QColor(edge)
        ground.setAlpha(_BAND_ALPHA)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        free_from = plot.left()
        for band in bands:
            left = max(plot.left(), self._viewport.x_of(view, band.from_us))
            right = min(plot.right() + 1, self._viewport.x_of(view, band.to_us) + 1)
            if right <= left:
                continue
            painter.fillRect(left, plot.top(), right - left, plot.height(), ground)
            painter.fillRect(left, plot.top(), 1, plot.height(), edge)
            painter.fillRect(right - 1, plot.top(), 1, plot.height(), edge)
            kind = band.kind.replace("_", " ").capitalize()
            text = f"{kind} {format_duration_s((band.to_us - band.from_us) / 1e6)}"
            box = self._box(painter, text, left + self._theme.px(6), plot.bottom() - self._theme.px(26))
            if box.right() <= plot.right() and box.left() >= free_from:
                free_from = box.right() + self._theme.px(4)
                self._tag(painter, box, text, "panel", "warning")

    def draw_selection(self, painter: QPainter, view: Projection, from_us: int, to_us: int) -> None:
        """Tint a stretch of time that is selected."""
        plot = self._viewport.areas.plot
        left, right = self._viewport.x_of(view, from_us), self._viewport.x_of(view, to_us)
        area = QRect(left, plot.top(), max(1, right - left), plot.height()).intersected(plot)
        ground = self._theme.colour("accent")
        edge = QColor(ground)
        ground.setAlpha(_SELECTED_ALPHA)
        painter.fillRect(area, ground)
        for at in (left, right):
            if plot.left() <= at <= plot.right():
                painter.fillRect(at, plot.top(), 1, plot.height(), edge)

    def draw_measure(self, painter: QPainter, view: Projection, begin: Corner, end: Corner) -> None:
        """Draw the box between two corners, with a knob where it ends."""
        first, last = (
            QPoint(self._viewport.x_of(view, at_us), self._viewport.y_of(view, price))
            for at_us, price in (begin, end)
        )
        edge = self._theme.colour("text")
        ground = QColor(edge)
        ground.setAlpha(_SELECTED_ALPHA)
        painter.setPen(edge)
        painter.setBrush(ground)
        painter.drawRect(
            QRect(
                min(first.x(), last.x()),
                min(first.y(), last.y()),
                abs(last.x() - first.x()),
                abs(last.y() - first.y()),
            )
        )
        half = self._theme.px(_KNOB_PX)
        painter.fillRect(last.x() - half, last.y() - half, 2 * half + 1, 2 * half + 1, edge)

    def draw_marks(self, painter: QPainter, view: Projection, marks: Sequence[Mark]) -> None:
        """Draw pins with their numbers and ribbons with their names at the upper edge."""
        plot, px = self._viewport.areas.plot, self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        note = self._theme.colour("note")
        pinned: list[int] = []
        for mark in marks:
            at = self._viewport.x_of(view, mark.at_us)
            if not plot.left() <= at <= plot.right():
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(note)
            top = plot.top()
            if mark.kind is MarkKind.FINDING:
                half = px(8)
                at = min(max(at, plot.left() + half), plot.right() - half)
                # Findings of one moment stand below each other, so that every number is seen.
                top += px(20) * sum(abs(at - other) < 2 * half for other in pinned)
                pinned.append(at)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawPolygon(
                    QPolygon(
                        [
                            QPoint(at - half, top),
                            QPoint(at + half, top),
                            QPoint(at + half, top + px(12)),
                            QPoint(at, top + px(18)),
                            QPoint(at - half, top + px(12)),
                        ]
                    )
                )
                painter.setPen(self._theme.colour("panel"))
                painter.drawText(
                    QRect(at - half, top, 2 * half, px(14)), Qt.AlignmentFlag.AlignCenter, mark.text
                )
                continue
            painter.drawPolygon(
                QPolygon(
                    [
                        QPoint(at, top),
                        QPoint(at + px(7), top),
                        QPoint(at + px(7), top + px(12)),
                        QPoint(at + px(3), top + px(8)),
                        QPoint(at, top + px(12)),
                    ]
                )
            )
            painter.fillRect(at, top, 1, plot.height(), note)
            box = self._box(painter, mark.text, at + px(10), top + px(1))
            if box.right() <= plot.right():
                self._tag(painter, box, mark.text, "panel", "note")

    def draw_play_line(self, painter: QPainter, view: Projection, now_us: int) -> None:
        """Draw where the replay is."""
        plot = self._viewport.areas.plot
        at = self._viewport.x_of(view, now_us)
        if plot.left() <= at <= plot.right():
            painter.fillRect(at, plot.top(), 1, plot.height(), self._theme.colour("text"))

    def draw_known_line(self, painter: QPainter, view: Projection, known_us: int) -> None:
        """Draw up to where a strategy knows what happened."""
        plot = self._viewport.areas.plot
        at = self._viewport.x_of(view, known_us)
        if plot.left() <= at <= plot.right():
            painter.setPen(QPen(self._theme.colour("warning"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLine(at, plot.top(), at, plot.bottom()))

    def draw_cursor(
        self,
        painter: QPainter,
        view: Projection,
        at_us: int | None,
        price: float | None,
    ) -> None:
        """Draw the dashed lines of the cursor."""
        plot = self._viewport.areas.plot
        painter.setPen(QPen(self._theme.colour("text"), 1, Qt.PenStyle.DashLine))
        if at_us is not None:
            x = self._viewport.x_of(view, at_us)
            if plot.left() <= x <= plot.right():
                painter.drawLine(QLine(x, plot.top(), x, plot.bottom()))
        if price is not None and view.low <= price <= view.high:
            y = self._viewport.y_of(view, price)
            painter.drawLine(QLine(plot.left(), y, self._viewport.areas.profile.right(), y))

    def draw_readout(
        self,
        painter: QPainter,
        view: Projection,
        at_us: int,
        price: float,
        lines: Sequence[tuple[str, str, ColourName]],
        *,
        is_right: bool = True,
        is_above: bool = True,
    ) -> None:
        """Draw lines in a box beside a point, on the other side where there is no room."""
        plot, px = self._viewport.areas.plot, self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION))
        metrics = painter.fontMetrics()
        line_px = metrics.height() + px(3)
        first = max(metrics.horizontalAdvance(caption) for caption, _, _ in lines) + px(10)
        second = max(metrics.horizontalAdvance(text) for _, text, _ in lines)
        width, height = first + second + px(20), line_px * len(lines) + px(12)
        x, y = self._viewport.x_of(view, at_us), self._viewport.y_of(view, price)
        right, left = x + px(14), x - px(14) - width
        above, below = y - px(14) - height, y + px(14)
        if is_right:
            left = right if right + width <= plot.right() else left
        else:
            left = left if left >= plot.left() else right
        if is_above:
            top = above if above >= plot.top() else below
        else:
            top = below if below + height <= plot.bottom() else above
        left = max(plot.left(), min(left, plot.right() - width))
        top = max(plot.top(), min(top, plot.bottom() - height))
        box = QRect(left, top, width, height)
        painter.fillRect(box, self._theme.colour("raised"))
        painter.setPen(self._theme.colour("control"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        row = QRect(box.left() + px(10), box.top() + px(6), box.width(), line_px)
        before = ""
        for caption, text, name in lines:
            painter.setPen(self._theme.colour("text_3"))
            painter.drawText(row, _GRIP, "" if caption == before else caption)
            painter.setPen(self._theme.colour(name))
            painter.drawText(row.translated(first, 0), _GRIP, text)
            row.translate(0, line_px)
            before = caption

    def _box(self, painter: QPainter, text: str, left: int, top: int) -> QRect:
        metrics = painter.fontMetrics()
        px = self._theme.px
        return QRect(left, top, metrics.horizontalAdvance(text) + px(12), metrics.height() + px(4))

    def _tag(self, painter: QPainter, box: QRect, text: str, ground: ColourName, colour: ColourName) -> None:
        painter.fillRect(box, self._theme.colour(ground))
        painter.setPen(self._theme.colour(colour))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
