"""The table of jobs: buttons in its rows, keys and a menu for the same, columns that fit the width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from tickreel_desktop.components.keyboard import is_delete
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.jobs.delegates import (
    JobDelegate,
    JobNameDelegate,
    JobProgressDelegate,
    JobStateDelegate,
)
from tickreel_desktop.jobs.model import JobColumn, JobTableModel
from tickreel_desktop.jobs.row import JobRow, JobState, JobVerb
from tickreel_desktop.jobs.row_tools import CAUSE, row_tools
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtCore import QTimerEvent
    from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent

    from tickreel_desktop.theme import Theme

_STEP_MS = 400
_MOVES = {
    Qt.Key.Key_Up: JobVerb.UP,
    Qt.Key.Key_Down: JobVerb.DOWN,
    Qt.Key.Key_Home: JobVerb.FIRST,
    Qt.Key.Key_End: JobVerb.LAST,
}
"""With Alt."""
_PROGRESS_PX, _DONE_PX, _RATE_PX, _LEFT_PX = 190, 124, 80, 64
_NARROW_PROGRESS_PX = 104
_SMALLEST_JOB_PX = 150
_LARGEST_JOB_PX = 640
_KEEP_RATE_PX = 980
"""Below this width the rate is left to the details, and below the next what is done and the bar's length."""
_KEEP_DONE_PX = 760


class JobTable(RowTable):
    """Show jobs; what the user wants of one is told, not done."""

    verb_chosen = Signal(str, str)
    """Id of a job and a ``JobVerb``."""
    cause_wanted = Signal(str)
    """Id of a job of which all is to be shown."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._theme = theme
        self.jobs = JobTableModel(self)
        self.hot_tool: tuple[str, str] | None = None
        """The button under the pointer: id of its job and key."""
        self.busy_step = 0
        """Where the bars of jobs of unknown length are in their three steps."""
        self.tool_metrics = QFontMetrics(theme.font(FontRole.BODY, QFont.Weight.Medium))
        self._pressed_tool: tuple[str, str] | None = None
        self._timer_id = 0
        self._is_sized_by_user = False
        self._is_fitting = False
        self._has_pace = True
        self.setModel(self.jobs)
        self.setItemDelegate(JobDelegate(theme, self))
        self.setItemDelegateForColumn(JobColumn.JOB, JobNameDelegate(theme, self))
        self.setItemDelegateForColumn(
            JobColumn.PROGRESS, JobProgressDelegate(theme, self, lambda: self.busy_step)
        )
        self.setItemDelegateForColumn(JobColumn.DONE, JobDelegate(theme, self, "text"))
        state = JobStateDelegate(theme, self, self.tool_metrics, lambda: self.hot_tool)
        self.setItemDelegateForColumn(JobColumn.STATE, state)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(theme.px(24))
        header.sectionResized.connect(self._on_section_resized)
        self.row_opened.connect(lambda row: self.cause_wanted.emit(self.jobs.row_at(row).id))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        for told in (self.jobs.dataChanged, self.jobs.rowsInserted, self.jobs.rowsRemoved):
            told.connect(self._renew_clock)

    def selected_job(self) -> JobRow | None:
        """Give the selected job, or None."""
        row = self.selected_row()
        return None if row is None else self.jobs.row_at(row)

    def show_pace(self, has_pace: bool) -> None:
        """Show rate and time left, or not: jobs that have ended have neither."""
        if has_pace != self._has_pace:
            self._has_pace = has_pace
            self.setColumnHidden(JobColumn.LEFT, not has_pace)
            self._fit_columns()

    def select_job(self, job_id: str) -> None:
        """Select a job and bring it into view, if it is there."""
        place = self.jobs.position_of(job_id)
        if place is not None:
            self.show_row(place)

    def make_menu(self, row: JobRow) -> QMenu:
        """Make the menu of a job; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        details = menu.addAction("Show the cause" if row.state is JobState.FAILED else "Show details")
        self._theme.bind_icon(details, "info", "text_2", 14)
        details.triggered.connect(lambda: self.cause_wanted.emit(row.id))
        menu.addSeparator()
        for verb in row.verbs:
            action = menu.addAction(verb.text)
            self._theme.bind_icon(action, verb.icon, "text_2", 14)
            action.triggered.connect(lambda _on=False, verb=verb: self.verb_chosen.emit(row.id, verb))
        return menu

    def _on_menu_requested(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            self.make_menu(self.jobs.row_at(index.row())).popup(self.viewport().mapToGlobal(place))

    def _tool_at(self, place: QPoint) -> tuple[str, str] | None:
        index = self.indexAt(place)
        if not index.isValid() or index.column() != JobColumn.STATE:
            return None
        row = self.jobs.row_at(index.row())
        for tool in row_tools(self._theme, self.tool_metrics, row, self.visualRect(index)):
            if tool.rect.contains(place):
                return row.id, tool.key
        return None

    def _heat(self, tool: tuple[str, str] | None) -> None:
        if tool == self.hot_tool:
            return
        before, self.hot_tool = self.hot_tool, tool
        for each in (before, tool):
            place = None if each is None else self.jobs.position_of(each[0])
            if place is not None:
                self.update(self.jobs.index(place, JobColumn.STATE))

    def _renew_clock(self) -> None:
        """Let the bars of unknown length step while there are any and somebody can see them."""
        wanted = self.isVisible() and any(
            row.fraction is None and row.state is JobState.RUNNING for row in self.jobs.rows
        )
        if wanted and not self._timer_id:
            self._timer_id = self.startTimer(_STEP_MS)
        elif not wanted and self._timer_id:
            self.killTimer(self._timer_id)
            self._timer_id = 0

    def _on_section_resized(self, section: int, _before: int, _now: int) -> None:
        # The pointer may rest on the header while the columns are fitted and the last one is stretched.
        is_ours = self._is_fitting or section == JobColumn.STATE
        if not is_ours and self.horizontalHeader().underMouse() and self.horizontalHeader().isVisible():
            self._is_sized_by_user = True

    def _fit_columns(self) -> None:
        """Give each column its width, and leave out what there is no room for; until the user drags."""
        if self._is_sized_by_user:
            return
        px = self._theme.px
        width = self.viewport().width()
        has_rate = self._has_pace and width >= px(_KEEP_RATE_PX)
        has_done = width >= px(_KEEP_DONE_PX)
        self._is_fitting = True
        self.setColumnHidden(JobColumn.RATE, not has_rate)
        self.setColumnHidden(JobColumn.DONE, not has_done)
        widths = {
            JobColumn.PROGRESS: px(_PROGRESS_PX if has_done else _NARROW_PROGRESS_PX),
            JobColumn.DONE: px(_DONE_PX),
            JobColumn.RATE: px(_RATE_PX),
            JobColumn.LEFT: px(_LEFT_PX),
        }
        taken = sum(size for column, size in widths.items() if not self.isColumnHidden(column))
        share = (width - taken) * 56 // 100
        widths[JobColumn.JOB] = min(max(share, px(_SMALLEST_JOB_PX)), px(_LARGEST_JOB_PX))
        for column, size in widths.items():
            self.setColumnWidth(column, size)
        self._is_fitting = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the row and the button under the pointer."""
        super().mouseMoveEvent(event)
        self._heat(self._tool_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a row, or press the button under the pointer."""
        self._pressed_tool = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_tool = self._tool_at(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do what the button says that was pressed and is still under the pointer."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed_tool = self._pressed_tool, None
        if pressed is None or pressed != self._tool_at(event.position().toPoint()):
            return
        job_id, key = pressed
        if key == CAUSE:
            self.cause_wanted.emit(job_id)
        else:
            self.verb_chosen.emit(job_id, key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a row, unless it was a button that was pressed twice."""
        if self._tool_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Cancel by Delete, move by Alt and an arrow, answer by Enter; else Enter opens the details."""
        row = self.selected_job()
        verb: JobVerb | None = None
        if row is not None:
            if is_delete(event):
                verb = JobVerb.CANCEL if JobVerb.CANCEL in row.verbs else JobVerb.DISMISS
            elif event.key() in _MOVES and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                verb = _MOVES[Qt.Key(event.key())]
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and JobVerb.ANSWER in row.verbs:
                verb = JobVerb.ANSWER
        if row is not None and verb is not None:
            if verb in row.verbs:
                self.verb_chosen.emit(row.id, verb)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the row that the keys would act on."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self.selected_row() is None:
            self.selectRow(self.currentIndex().row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns."""
        super().resizeEvent(event)
        self._fit_columns()

    def showEvent(self, event: QShowEvent) -> None:
        """Let bars step that were not seen."""
        super().showEvent(event)
        self._renew_clock()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let no bar step that is not seen."""
        super().hideEvent(event)
        self._renew_clock()

    def leaveEvent(self, event: QEvent) -> None:
        """Light nothing."""
        super().leaveEvent(event)
        self._heat(None)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Take the next of the three steps."""
        if event.timerId() != self._timer_id:
            super().timerEvent(event)
            return
        self.busy_step += 1
        x = self.columnViewportPosition(JobColumn.PROGRESS)
        width = self.columnWidth(JobColumn.PROGRESS)
        self.viewport().update(QRect(x, 0, width, self.viewport().height()))
