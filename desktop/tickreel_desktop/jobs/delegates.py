"""How the cells of the table of jobs are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QToolTip

from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.jobs.model import JOB_ROLE, percent
from tickreel_desktop.jobs.row import JobRow, JobState, JobVerb
from tickreel_desktop.jobs.row_tools import RowTool, row_tools
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHelpEvent

    from tickreel_desktop.components.row_table import RowTable
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag
_ICON_PX = 14
_GAP_PX = 8
_BAR_PX = 132
_BAR_HEIGHT_PX = 6
_PERCENT_PX = 40
_STEPS = 3

_ICONS: dict[JobState, tuple[IconName, ColourName]] = {
    JobState.FAILED: ("x-circle", "error"),
    JobState.QUEUED: ("clock", "text_2"),
    JobState.PAUSED: ("pause", "text_2"),
    JobState.DONE: ("check", "text_2"),
    JobState.CANCELLED: ("x", "text_3"),
}
"""Looks of a state; of a job that is at work its kind is shown."""
_BARS: dict[JobState, ColourName] = {
    JobState.RUNNING: "accent",
    JobState.DONE: "present",
    JobState.FAILED: "error",
}


def job_icon(row: JobRow) -> tuple[IconName, ColourName]:
    """Choose the mark of a job."""
    if JobVerb.ANSWER in row.verbs:
        return "question", "warning"
    return _ICONS.get(row.state, (row.icon, "text_2"))


class JobDelegate(RowDelegate):
    """Paint a cell of text; rows that failed have their ground across."""

    def __init__(self, theme: Theme, table: RowTable, colour: ColourName = "text_2") -> None:
        super().__init__(theme, table)
        self._colour: ColourName = colour

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: JobRow = index.data(JOB_ROLE)
        if row.state is not JobState.FAILED:
            super()._paint_ground(painter, option, index)
            return
        rect = option.rect
        painter.fillRect(rect, self._theme.colour("error_bg"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._theme.colour("line"))
        if not option.state & _State.State_Selected:
            return
        colour = self._theme.colour("accent" if self._table.hasFocus() else "text_3")
        for y in (rect.top(), rect.bottom()):
            painter.fillRect(rect.x(), y, rect.width(), 1, colour)
        if index.column() == 0:
            painter.fillRect(rect.x(), rect.y(), self._theme.px(3), rect.height(), colour)
        by_keyboard = self._table.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if option.state & _State.State_HasFocus and by_keyboard:
            painter.save()
            painter.setPen(QPen(colour, 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
            painter.restore()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        failed = index.data(JOB_ROLE).state is JobState.FAILED
        self._paint_text(
            painter, option, index, self._text_rect(option.rect), "error" if failed else self._colour
        )


class JobNameDelegate(JobDelegate):
    """Paint what a job is: its mark, what is done, to what (bold), and what tells it from others."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        row: JobRow = index.data(JOB_ROLE)
        rect = self._text_rect(option.rect)
        side = self._theme.px(_ICON_PX)
        ratio = painter.device().devicePixelRatioF()
        mark = self._theme.pixmap(*job_icon(row), _ICON_PX, ratio)
        left = rect.left() - side - self._theme.px(_GAP_PX)
        painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        failed = row.state is JobState.FAILED
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        main: ColourName = "error" if failed else "text"
        pieces: tuple[tuple[str, QFont, ColourName], ...] = (
            (row.lead, option.font, main),
            (row.name, bold, main),
            (row.rest, option.font, main if failed else "text_3"),
        )
        for text, font, colour in pieces:
            if not text or rect.width() <= 0:
                continue
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(self._theme.colour(colour))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter), shown)
            rect.setLeft(rect.left() + metrics.horizontalAdvance(shown) + self._theme.px(5))
            if shown != text:
                return

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(4 + _ICON_PX + _GAP_PX), 0, 0, 0)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        row: JobRow = index.data(JOB_ROLE)
        # The bold part is wider than it is measured here.
        room = self._text_rect(option.rect).width() - option.fontMetrics.horizontalAdvance(row.name) // 8
        return row.title if option.fontMetrics.horizontalAdvance(row.title) > room else ""


class JobProgressDelegate(JobDelegate):
    """Paint how far a job is: a bar, in three steps where the whole is not known, and per cent."""

    def __init__(self, theme: Theme, table: RowTable, step: Callable[[], int]) -> None:
        """Let *step* tell where the bars of jobs of unknown length are."""
        super().__init__(theme, table)
        self._step = step

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        row: JobRow = index.data(JOB_ROLE)
        theme = self._theme
        rect = self._text_rect(option.rect)
        words = theme.px(_PERCENT_PX)
        width = min(theme.px(_BAR_PX), rect.width() - words)
        if width > theme.px(16):
            height = theme.px(_BAR_HEIGHT_PX)
            top = rect.top() + (rect.height() - height) // 2
            self._paint_bar(painter, QRect(rect.left(), top, width, height), row)
        else:
            width = 0
        failed = row.state is JobState.FAILED
        painter.setPen(theme.colour("error" if failed else "text"))
        painter.setFont(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(
            QRect(rect.left() + width, rect.top(), words, rect.height()), right, percent(row.fraction)
        )

    def _paint_bar(self, painter: QPainter, rect: QRect, row: JobRow) -> None:
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # On the ground of a failed row the empty part must still be seen as a bar.
        painter.setBrush(theme.colour("field" if row.state is JobState.FAILED else "hover"))
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(2), theme.px(2))
        inside = QRectF(rect).adjusted(1, 1, -1, -1)
        if row.fraction is not None:
            inside.setWidth(inside.width() * min(max(row.fraction, 0.0), 1.0))
        elif row.state is JobState.RUNNING:
            inside.setWidth(inside.width() * (self._step() % _STEPS + 1) / _STEPS)
        else:
            inside.setWidth(0)
        if inside.width() >= 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(_BARS.get(row.state, "text_3")))
            painter.drawRoundedRect(inside, 1, 1)
        painter.restore()

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return ""


class JobStateDelegate(JobDelegate):
    """Paint what a job is at, and its buttons."""

    def __init__(
        self,
        theme: Theme,
        table: RowTable,
        tool_metrics: QFontMetrics,
        hot_tool: Callable[[], tuple[str, str] | None],
    ) -> None:
        """Let *hot_tool* tell the button under the pointer: id of its job and key."""
        super().__init__(theme, table)
        self._tool_metrics = tool_metrics
        self._hot_tool = hot_tool

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        row: JobRow = index.data(JOB_ROLE)
        tools = self._tools(option, index)
        colour: ColourName = "error" if row.state is JobState.FAILED else self._colour
        self._paint_text(painter, option, index, self._words_rect(option, tools), colour)
        hot = self._hot_tool()
        for tool in tools:
            self._paint_tool(painter, tool, is_hot=hot == (row.id, tool.key))

    def _tools(self, option: QStyleOptionViewItem, index: _Index) -> list[RowTool]:
        return row_tools(self._theme, self._tool_metrics, index.data(JOB_ROLE), option.rect)

    def _words_rect(self, option: QStyleOptionViewItem, tools: list[RowTool]) -> QRect:
        rect = self._text_rect(option.rect)
        if tools:
            rect.setRight(min(tool.rect.left() for tool in tools) - self._theme.px(_GAP_PX))
        return rect

    def _paint_tool(self, painter: QPainter, tool: RowTool, *, is_hot: bool) -> None:
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(tool.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        if tool.is_worded:
            painter.setBrush(theme.colour("hover" if is_hot else "raised"))
            painter.setPen(QPen(theme.colour("control" if is_hot else "line_strong"), 1))
            painter.drawRoundedRect(edge, theme.px(4), theme.px(4))
            painter.setPen(theme.colour("text"))
            painter.setFont(theme.font(FontRole.BODY, QFont.Weight.Medium))
            painter.drawText(tool.rect, int(Qt.AlignmentFlag.AlignCenter), tool.text)
        else:
            if is_hot:
                painter.setBrush(theme.colour("hover"))
                painter.setPen(QPen(theme.colour("line_strong"), 1))
                painter.drawRoundedRect(edge, theme.px(4), theme.px(4))
            side = theme.px(_ICON_PX)
            ratio = painter.device().devicePixelRatioF()
            mark = theme.pixmap(JobVerb(tool.key).icon, "text" if is_hot else "text_2", _ICON_PX, ratio)
            corner = tool.rect.center() - QPoint((side - 1) // 2, (side - 1) // 2)
            painter.drawPixmap(corner, mark)
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Name the button under the pointer, or show the words that have no room."""
        if event.type() == QEvent.Type.ToolTip:
            for tool in self._tools(option, index):
                if tool.rect.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), tool.text, view.viewport(), tool.rect)
                    return True
        return super().helpEvent(event, view, option, index)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        text: str = index.data(Qt.ItemDataRole.DisplayRole)
        room = self._words_rect(option, self._tools(option, index)).width()
        return text if option.fontMetrics.horizontalAdvance(text) > room else ""
