"""Draws the rows of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tickreel_desktop.components import key_caps_width_px, paint_key_caps
from tickreel_desktop.components.key_cap import CAP_HEIGHT_PX
from tickreel_desktop.palette.model import ROW_ROLE
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from tickreel_desktop.palette.candidates import Candidate, Row
    from tickreel_desktop.theme import ColourName, Theme

ROW_PX = 34
HEADING_PX = 28
_MARGIN_PX = 14
_TITLE_AT_PX = 40
_BAR_PX = 3
_MOST_DETAIL = 0.5
"""Share of the width that the words at the right may take."""


class PaletteDelegate(QStyledItemDelegate):
    """Draw headings and candidates; the letters that were found are bold."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Give rows their height."""
        row: Row = index.data(ROW_ROLE)
        return QSize(0, self._theme.px(HEADING_PX if row.candidate is None else ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        row: Row = index.data(ROW_ROLE)
        rect: QRect = option.rect
        painter.save()
        if row.candidate is None:
            self._paint_heading(painter, rect, row.heading)
        else:
            state: QStyle.StateFlag = option.state
            is_chosen = bool(state & QStyle.StateFlag.State_Selected)
            self._paint_candidate(painter, rect, row, row.candidate, is_chosen=is_chosen)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, heading: str) -> None:
        px = self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        painter.setPen(self._theme.colour("text_2"))
        painter.drawText(rect.adjusted(px(_MARGIN_PX), px(4), 0, 0), Qt.AlignmentFlag.AlignVCenter, heading)

    def _paint_candidate(
        self, painter: QPainter, rect: QRect, row: Row, candidate: Candidate, *, is_chosen: bool
    ) -> None:
        theme, px = self._theme, self._theme.px
        if is_chosen:
            painter.fillRect(rect, theme.colour("selected"))
            painter.fillRect(rect.x(), rect.y(), px(_BAR_PX), rect.height(), theme.colour("accent"))
        is_off = bool(candidate.reason)
        icon_colour: ColourName = "text_3" if is_off else "accent" if is_chosen else "text_2"
        ratio = painter.device().devicePixelRatioF()
        middle = rect.center().y()
        painter.drawPixmap(
            rect.x() + px(_MARGIN_PX),
            middle - px(7),
            theme.pixmap(candidate.icon, icon_colour, 14, ratio),
        )
        right = rect.right() - px(_MARGIN_PX)
        if candidate.keys:
            width = key_caps_width_px(theme, candidate.keys)
            at = QPoint(right - width, middle - px(CAP_HEIGHT_PX) // 2)
            paint_key_caps(painter, theme, at, candidate.keys)
            right -= width + px(10)
        words = candidate.reason or candidate.detail
        font = theme.font(FontRole.BODY)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        most = round(rect.width() * _MOST_DETAIL)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, most)
        painter.setPen(theme.colour("warning" if is_off and is_chosen else "text_3" if is_off else "text_2"))
        room = QRect(right - most, rect.y(), most, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
        right -= metrics.horizontalAdvance(shown) + px(12)
        painter.setPen(theme.colour("text_3" if is_off else "text"))
        self._paint_title(painter, QRect(rect.x() + px(_TITLE_AT_PX), rect.y(), 0, rect.height()), right, row)

    def _paint_title(self, painter: QPainter, at: QRect, right: int, row: Row) -> None:
        title = "" if row.candidate is None else row.candidate.title
        x = at.x()
        for text, is_found in _pieces(title, row.spans):
            font = self._theme.font(FontRole.BODY, QFont.Weight.DemiBold if is_found else None)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - x)
            width = metrics.horizontalAdvance(text)
            room = QRect(x, at.y(), max(width, 1), at.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
            x += width
            if shown != text:
                return


def _pieces(title: str, spans: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(title[at:start], False), (title[start:end], True)]
        at = end
    pieces.append((title[at:], False))
    return [piece for piece in pieces if piece[0]]
