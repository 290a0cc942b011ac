"""How rows of the list are painted: two lines, a small curve of equity, progress, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionButton

from tickreel.backtest.runs.card import RunState
from tickreel.market.units import format_duration_s, format_full
from tickreel_desktop.backtest.runs.model import ROW, Col, progress_words
from tickreel_desktop.backtest.runs.rows import ListedRun, RunningRow
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

    from tickreel_desktop.components import RowTable
    from tickreel_desktop.theme import ColourName, Theme

ROW_PX = 42
_BOX_PX = 14
_BAR_PX = 6
_LEFT_FROM_PX = 130
"""Room from which on the time that is left is said as well."""
_TAG_PAD_PX = 4
_MOST_SPARKS = 2_000
_Index = QModelIndex | QPersistentModelIndex
_ELIDE = Qt.TextElideMode.ElideRight


class RunDelegate(RowDelegate):
    """Paint one cell of the list."""

    def __init__(self, theme: Theme, table: RowTable) -> None:
        super().__init__(theme, table)
        self._sparks: dict[tuple[object, ...], QPixmap] = {}
        self._bold = theme.font(FontRole.BODY, QFont.Weight.Medium)
        self._small = theme.font(FontRole.CAPTION)
        theme.changed.connect(self._sparks.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for two lines."""
        return QSize(super().sizeHint(option, index).width(), self._theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        row, column = index.data(ROW), Col(index.column())
        is_failed = isinstance(row, ListedRun) and row.state is RunState.FAILED
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, option, index)
        if is_failed and not is_selected:
            ground = option.rect.adjusted(0, 0, 0, -1)
            painter.fillRect(ground, self._colour_of("error_bg"))
        if column is Col.CHECK:
            if isinstance(row, ListedRun):
                self._paint_box(painter, option, index)
        elif column is Col.RUN:
            self._paint_name(painter, option.rect, row, "error" if is_failed else "text")
        elif isinstance(row, RunningRow):
            self._paint_progress(painter, option.rect, row)
        elif is_failed:
            self._paint_failure(painter, option.rect, row)
        elif column is Col.EQUITY:
            self._paint_spark(painter, option.rect, row)
        else:
            self._paint_text(painter, option, index, self._text_rect(option.rect), "text")

    def _paint_box(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        box = QStyleOptionButton()
        box.rect = self.box_rect(option.rect)
        is_on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        box.state = QStyle.StateFlag.State_Enabled | (
            QStyle.StateFlag.State_On if is_on else QStyle.StateFlag.State_Off
        )
        QApplication.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorCheckBox, box, painter, self._table
        )

    def box_rect(self, cell: QRect) -> QRect:
        """Give where the mark of a row stands."""
        side = self._theme.px(_BOX_PX)
        return QRect(
            cell.x() + (cell.width() - side) // 2, cell.y() + (cell.height() - side) // 2, side, side
        )

    def _lines(self, cell: QRect) -> tuple[int, int]:
        """Give where the two lines begin."""
        first, second = (QFontMetrics(font).height() for font in (self._bold, self._small))
        top = cell.y() + (cell.height() - first - second) // 2
        return top, top + first

    def _paint_name(
        self, painter: QPainter, cell: QRect, row: ListedRun | RunningRow, colour: ColourName
    ) -> None:
        inside = self._text_rect(cell)
        top, second = self._lines(cell)
        bold, small = QFontMetrics(self._bold), QFontMetrics(self._small)
        short_id = row.short_id if isinstance(row, ListedRun) else ""
        id_width = small.horizontalAdvance(f" {short_id}") if short_id else 0
        title = bold.elidedText(row.title, _ELIDE, max(0, inside.width() - id_width))
        painter.setFont(self._bold)
        painter.setPen(self._colour_of(colour))
        painter.drawText(QPointF(inside.x(), top + bold.ascent()), title)
        after = inside.x() + bold.horizontalAdvance(title)
        painter.setFont(self._small)
        if short_id and after + id_width <= inside.right() + 1:
            painter.setPen(self._colour_of("text_2"))
            painter.drawText(QPointF(after, top + bold.ascent()), f" {short_id}")
        painter.setPen(self._colour_of("text_2"))
        left = self._tag_room(small, row, inside)
        subtitle = small.elidedText(row.subtitle, _ELIDE, left)
        painter.drawText(QPointF(inside.x(), second + small.ascent()), subtitle)
        if isinstance(row, ListedRun):
            at = inside.x() + small.horizontalAdvance(subtitle) + self._theme.px(6)
            self._paint_tags(painter, row, at, inside.right(), second)

    def _tag_room(self, small: QFontMetrics, row: ListedRun | RunningRow, inside: QRect) -> int:
        """Give what is left to the second line beside the first tag."""
        if not isinstance(row, ListedRun) or not row.tags:
            return inside.width()
        tag = small.horizontalAdvance(row.tags[0]) + 2 * self._theme.px(_TAG_PAD_PX) + self._theme.px(8)
        return max(inside.width() // 3, inside.width() - tag)

    def _paint_tags(self, painter: QPainter, row: ListedRun, at: int, until: int, top: int) -> None:
        small, pad = QFontMetrics(self._small), self._theme.px(_TAG_PAD_PX)
        for tag in row.tags:
            width = small.horizontalAdvance(tag) + 2 * pad
            if at + width > until:
                return
            painter.setPen(self._colour_of("line_strong"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(at + 0.5, top + 0.5, width, small.height() - 1), 3, 3)
            painter.setPen(self._colour_of("text_2"))
            painter.drawText(QPointF(at + pad, top + small.ascent()), tag)
            at += width + self._theme.px(4)

    def _across(self, cell: QRect) -> QRect:
        """Give the room from the curve to the right end, of which a cell is a part."""
        table = self._table
        last = [column for column in Col if not table.isColumnHidden(column)][-1]
        left = cell.x() if table.isColumnHidden(Col.EQUITY) else table.columnViewportPosition(Col.EQUITY)
        right = table.columnViewportPosition(last) + table.columnWidth(last)
        return QRect(left, cell.y(), right - left, cell.height())

    def _paint_failure(self, painter: QPainter, cell: QRect, row: ListedRun) -> None:
        """Write over all cells what went wrong; each shows its part of it."""
        whole = self._text_rect(self._across(cell))
        top, second = self._lines(cell)
        bold, small = QFontMetrics(self._bold), QFontMetrics(self._small)
        painter.save()
        painter.setClipRect(cell.adjusted(0, 0, 0, -1))
        side = self._theme.px(14)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(whole.x(), top, self._theme.pixmap("x-circle", "error", 14, ratio))
        painter.setFont(self._bold)
        painter.setPen(self._colour_of("error"))
        left = whole.x() + side + self._theme.px(6)
        words = bold.elidedText(row.cause, _ELIDE, whole.right() - left)
        painter.drawText(QPointF(left, top + bold.ascent()), words)
        if row.failed_after is not None:
            painter.setFont(self._small)
            painter.setPen(self._colour_of("text_2"))
            after = f"after {format_full(row.failed_after)} messages"
            painter.drawText(QPointF(whole.x(), second + small.ascent()), after)
        painter.restore()

    def _paint_progress(self, painter: QPainter, cell: QRect, row: RunningRow) -> None:
        """Draw over all cells how far it is, and what ends it."""
        whole = self._text_rect(self._across(cell))
        painter.save()
        painter.setClipRect(cell.adjusted(0, 0, 0, -1))
        small = QFontMetrics(self._small)
        painter.setFont(self._small)
        said = progress_words(row)
        if row.left_s is not None and whole.width() > self._theme.px(_LEFT_FROM_PX):
            said += f"   {format_duration_s(row.left_s)}"
        close = self.cancel_rect(cell)
        words_width = small.horizontalAdvance(said)
        words_left = close.left() - self._theme.px(6) - words_width
        bar = QRectF(
            whole.x(),
            cell.y() + (cell.height() - self._theme.px(_BAR_PX)) / 2,
            max(0, words_left - self._theme.px(10) - whole.x()),
            self._theme.px(_BAR_PX),
        )
        painter.fillRect(bar, self._colour_of("line_strong"))
        if row.fraction is not None:
            bar.setWidth(bar.width() * min(1.0, max(0.0, row.fraction)))
            painter.fillRect(bar, self._colour_of("accent"))
        painter.setPen(self._colour_of("text"))
        base = cell.y() + (cell.height() - small.height()) // 2 + small.ascent()
        painter.drawText(QPointF(words_left, base), said)
        if row.can_cancel:
            ratio = painter.device().devicePixelRatioF()
            side = self._theme.px(12)
            corner = close.center() - QRect(0, 0, side, side).center()
            painter.drawPixmap(corner, self._theme.pixmap("x", "text_2", 12, ratio))
        painter.restore()

    def cancel_rect(self, cell: QRect) -> QRect:
        """Give where a click ends what is under way, at the right end of the row of a cell."""
        whole = self._across(cell)
        width = self._theme.px(24)
        return QRect(whole.right() - width - self._theme.px(2), cell.y(), width, cell.height())

    def _paint_spark(self, painter: QPainter, cell: QRect, row: ListedRun) -> None:
        if row.spark is None:
            return
        inside = self._text_rect(cell).adjusted(0, self._theme.px(9), 0, -self._theme.px(9))
        ratio = painter.device().devicePixelRatioF()
        key = (row.id, inside.width(), inside.height(), ratio, row.spark.tobytes())
        picture = self._sparks.get(key)
        if picture is None:
            if len(self._sparks) >= _MOST_SPARKS:
                self._sparks.clear()
            picture = self._sparks[key] = self._spark(row, inside.size(), ratio)
        painter.drawPixmap(inside.topLeft(), picture)

    def _spark(self, row: ListedRun, size: QSize, ratio: float) -> QPixmap:
        assert row.spark is not None
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        values = row.spark.astype(np.float64)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        reach = high - low or 1.0
        up = size.height() - 2 - (values - low) / reach * (size.height() - 3)
        across = np.linspace(1, max(1, size.width() - 2), len(values))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zero = size.height() - 2 - (0.0 - low) / reach * (size.height() - 3)
        dots = QPen(self._colour_of("line_strong"), 1, Qt.PenStyle.DotLine)
        painter.setPen(dots)
        painter.drawLine(QPointF(0, zero), QPointF(size.width(), zero))
        colour: ColourName = "accent" if values[-1] >= 0 else "text_2"
        painter.setPen(QPen(self._colour_of(colour), 1))  # wider ones take many times as long
        painter.drawPolyline(QPolygonF(list(map(QPointF, across.tolist(), up.tolist()))))
        painter.end()
        return picture
