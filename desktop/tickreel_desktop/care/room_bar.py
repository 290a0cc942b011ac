"""How the room of the cache is shared out, as one bar: pinned, evictable, imported, trash, and the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import format_bytes
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tickreel_desktop.theme import ColourName, Theme

_HEIGHT_PX = 10
_HATCH_PX = 4
_LEAST_PX = 3
"""A part that is held is seen, however small."""
_MARK_PX = 4
_LINE_PX = 18
_SWATCH_PX = 8
_AFTER_SWATCH_PX = 6
_BETWEEN_PX = 16


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the room."""

    name: str
    bytes: int
    colour: ColourName
    is_hatched: bool = False


def shares_of(*, pinned: int, evictable: int, own: int, trash: int) -> tuple[Share, ...]:
    """Name the four parts in the order in which they stand; sizes in bytes."""
    return (
        Share("Pinned", pinned, "accent"),
        Share("Evictable", evictable, "present"),
        Share("Imported", own, "text_2", is_hatched=True),
        Share("Trash", trash, "text_3"),
    )


def spoken(shares: tuple[Share, ...]) -> str:
    """Say the parts in words."""
    return ", ".join(f"{share.name.lower()} {format_bytes(share.bytes)}" for share in shares)


def paint_bar(
    painter: QPainter,
    theme: Theme,
    rect: QRectF,
    shares: tuple[Share, ...],
    whole: int,
    mark: int | None = None,
) -> None:
    """Paint the parts of *whole* bytes from the left; *mark* is where a limit stands."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("field"))
    painter.drawRect(rect)
    inside = rect.adjusted(1, 1, -1, -1)
    left, least = inside.left(), float(theme.px(_LEAST_PX))
    for share in shares:
        width = inside.width() * share.bytes / whole if whole else 0.0
        is_least = bool(share.bytes) and width < least
        width = min(least if is_least else width, inside.right() - left)
        if width > 0:
            part = QRectF(left, inside.top(), max(width - 1, 1), inside.height())
            # In so little room lines would not be seen.
            paint_share(painter, theme, part, replace(share, is_hatched=share.is_hatched and not is_least))
            left += width
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("control"), 1))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    if mark is not None and whole and mark < whole:
        x = rect.left() + rect.width() * mark / whole
        painter.setPen(QPen(theme.colour("text"), theme.px(2)))
        painter.drawLine(QPointF(x, rect.top() - theme.px(3)), QPointF(x, rect.bottom() + theme.px(3)))


def paint_share(painter: QPainter, theme: Theme, rect: QRectF, share: Share) -> None:
    """Fill a place as the part is marked: by its colour, and imported days by lines as well."""
    if not share.is_hatched:
        painter.fillRect(rect, theme.colour(share.colour))
        return
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(share.colour), 1.2))
    step, height = theme.px(_HATCH_PX), rect.height()
    x = rect.left() - height
    while x < rect.right():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + height, rect.top()))
        x += step
    painter.restore()


class RoomBar(QWidget):
    """Show the parts and a limit, and name the parts in a line below."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares: tuple[Share, ...] = ()
        self._whole = 0
        self._mark: int | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Need room for the bar, the ends of the mark, and the line."""
        px = self._theme.px
        return QSize(px(160), px(_HEIGHT_PX + 2 * _MARK_PX + _LINE_PX))

    def show_shares(self, shares: tuple[Share, ...], whole: int, mark: int | None = None) -> None:
        """Show other parts of *whole* bytes."""
        self._shares, self._whole, self._mark = shares, whole, mark
        self.setAccessibleDescription(f"{spoken(shares)}, of {format_bytes(whole)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        px = self._theme.px
        painter = QPainter(self)
        rect = QRectF(0, px(_MARK_PX), self.width(), px(_HEIGHT_PX))
        paint_bar(painter, self._theme, rect, self._shares, self._whole, self._mark)
        self._paint_names(painter, px(_HEIGHT_PX + 2 * _MARK_PX))
        painter.end()

    def _paint_names(self, painter: QPainter, top: int) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(FontRole.CAPTION))
        metrics = painter.fontMetrics()
        left = 0
        for share in self._shares:
            words = f"{share.name} {format_bytes(share.bytes)}"
            swatch = QRectF(left, top + (px(_LINE_PX) - px(_SWATCH_PX)) / 2, px(_SWATCH_PX), px(_SWATCH_PX))
            paint_share(painter, theme, swatch, share)
            left += px(_SWATCH_PX) + px(_AFTER_SWATCH_PX)
            painter.setPen(theme.colour("text_2"))
            rect = QRectF(left, top, metrics.horizontalAdvance(words) + 1, px(_LINE_PX))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
            left += metrics.horizontalAdvance(words) + px(_BETWEEN_PX)
