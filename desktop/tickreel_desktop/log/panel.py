"""The panel: the newest records of this program, filtered, followed, and copied as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel.settings import LogLevel
from tickreel_desktop.components import ButtonKind, EmptyState, button, label, tool_button
from tickreel_desktop.log.detail import RecordDetail
from tickreel_desktop.log.filter_bar import FilterBar
from tickreel_desktop.log.model import LogColumn, LogModel
from tickreel_desktop.log.records import line_of
from tickreel_desktop.log.table import LogTable
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from tickreel.logs import Ring
    from tickreel_desktop.log.records import LogRow
    from tickreel_desktop.zone import DisplayZone

_LOOK_EVERY_MS = 250
_FOOT_PX = 32
_CELL_PADDING_PX = 16
_TABLE_SHARE = 0.6
"""Of the room that table and whole record share, until the user drags the line between them."""


class LogPanel(QWidget):
    """Show what *ring* holds; looks for new records four times a second, and only while in view.

    *folder* is where the log files are.
    """

    caption_changed = Signal(str)
    """What is shown, for the title of the dock: ``312 records, 2 warnings``."""
    trouble_met = Signal(str)
    """Something that was asked for could not be done; one sentence."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, ring: Ring, folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel.log")
        self._theme = theme
        self._ring = ring
        self._folder = folder
        self._taken = 0
        self._unseen = 0
        self._caption = ""
        self._number: int | None = None
        self._is_shared_out = False
        self._model = LogModel(zone, parent=self)
        self.filter = FilterBar(theme)
        self.filter.changed.connect(self._on_filter_changed)
        self.table = LogTable(theme, self._model)
        self.table.copy_requested.connect(self.copy_selected)
        self.table.following_changed.connect(lambda _follows: self._renew_foot())
        self.detail = RecordDetail(theme, zone)
        self.detail.copy_requested.connect(self._copy_record)
        self.detail.closed.connect(self._on_detail_closed)
        self._tools = self._make_tools()
        self._pages = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._nothing = self._make_nothing()
        self._no_match = self._make_no_match()
        self._follow = button(theme, "", ButtonKind.FLAT, icon="caret-down")
        self._shown = label("", Role.SECONDARY)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._model.modelReset.connect(self._restore_selection)
        self.table.selectionModel().selectionChanged.connect(lambda: self._on_selected())
        self._renew()

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return self._tools

    def caption(self) -> str:
        """Say what is shown."""
        return self._caption

    def look(self) -> None:
        """Take in what was logged since the last look."""
        if self._ring.taken == self._taken:
            return
        self._taken, entries = self._ring.since(self._taken)
        shown = self._model.append(entries)
        if not self.table.is_following:
            self._unseen += shown
        self._renew()

    def copy_selected(self) -> None:
        """Put the chosen records on the clipboard, as they stand in the log file; all without a choice."""
        places = self.table.selected_positions()
        rows = [self._model.row_at(place) for place in places] if places else self._model.shown_rows
        if rows:
            QGuiApplication.clipboard().setText("\n".join(map(line_of, rows)) + "\n")

    def clear(self) -> None:
        """Empty the view; files and memory keep what they have."""
        self._taken, _ = self._ring.since(self._ring.taken)
        self._unseen = 0
        self._number = None
        self._model.clear()
        self.table.follow()
        self._renew()

    def open_folder(self) -> None:
        """Show the folder of the log files in the system's file manager."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.trouble_met.emit(f"No program of this system shows folders; the log is in {self._folder}")

    def _make_tools(self) -> tuple[QWidget, ...]:
        copy = tool_button(self._theme, "copy", "Copy the chosen records, or all")
        copy.clicked.connect(lambda: self.copy_selected())
        folder = tool_button(self._theme, "arrow-square-out", "Open the log folder")
        folder.clicked.connect(lambda: self.open_folder())
        clear = tool_button(self._theme, "trash", "Clear the view; the files stay")
        clear.clicked.connect(lambda: self.clear())
        return copy, folder, clear

    def _make_nothing(self) -> EmptyState:
        folder = button(self._theme, "Open the log folder", icon="arrow-square-out")
        folder.clicked.connect(lambda: self.open_folder())
        return EmptyState(
            self._theme,
            "list-bullets",
            "No records here",
            "What Tickreel does appears here as it happens, from the level on that the settings name. "
            "Earlier records are in the log files.",
            (folder,),
        )

    def _make_no_match(self) -> EmptyState:
        clear = button(self._theme, "Show all records", ButtonKind.PRIMARY)
        clear.clicked.connect(lambda: self.filter.reset())
        return EmptyState(self._theme, "funnel", "No record matches the filter", "", (clear,))

    def _lay_out(self) -> None:
        px = self._theme.px
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self._split.addWidget(self.detail)
        self._split.setStretchFactor(0, 1)
        self.detail.hide()
        for page in (self._split, self._nothing, self._no_match):
            self._pages.addWidget(page)
        foot = QFrame()
        set_role(foot, Role.FOOT)
        foot.setFixedHeight(px(_FOOT_PX))
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(12), 1, px(6), 0)
        row.setSpacing(px(8))
        row.addWidget(self._shown)
        row.addStretch(1)
        row.addWidget(self._follow)
        self._follow.clicked.connect(lambda: self._on_follow_clicked())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)

    def _on_filter_changed(self) -> None:
        self._unseen = 0
        self._model.set_filter(self.filter.least, self.filter.area_name, self.filter.text.text())
        self._renew()

    def _restore_selection(self) -> None:
        """Keep the chosen record chosen when the filter lets it stay."""
        place = None if self._number is None else self._model.position_of(self._number)
        if place is not None:
            self.table.show_row(place)
        else:
            self._on_selected()

    def _on_selected(self) -> None:
        places = self.table.selected_positions()
        row = self._model.row_at(places[0]) if len(places) == 1 else None
        if row is not None:
            self._number = row.number
        is_wanted = row is not None and self._needs_detail(row)
        if row is not None and is_wanted:
            self.detail.show_row(row)
        self.detail.setVisible(is_wanted)
        if is_wanted:
            self._share_out()

    def _share_out(self) -> None:
        """Give table and record their shares, once for each way in which they stand."""
        if not self._is_shared_out:
            self._is_shared_out = True
            is_flat = self._split.orientation() == Qt.Orientation.Horizontal
            room_px = self._split.width() if is_flat else self._split.height()
            table_px = round(_TABLE_SHARE * room_px)
            self._split.setSizes([table_px, room_px - table_px])

    def _needs_detail(self, row: LogRow) -> bool:
        room_px = self.table.columnWidth(LogColumn.MESSAGE) - self._theme.px(_CELL_PADDING_PX)
        return bool(row.more_lines) or self.table.fontMetrics().horizontalAdvance(row.message) > room_px

    def _copy_record(self) -> None:
        places = self.table.selected_positions()
        if len(places) == 1:
            QGuiApplication.clipboard().setText(f"{line_of(self._model.row_at(places[0]))}\n")

    def _on_detail_closed(self) -> None:
        self._number = None
        self.table.clearSelection()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_follow_clicked(self) -> None:
        self.table.follow()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _renew(self) -> None:
        self.filter.offer_areas(self._model.areas())
        page: QWidget = self._split
        if not self._model.total:
            page = self._nothing
        elif not self._model.rowCount():
            page = self._no_match
            words = f"{_counted(self._model.total, 'record')} held, none with this level, area and words."
            self._no_match.set_text("No record matches the filter", words)
        self._pages.setCurrentWidget(page)
        self._renew_foot()
        caption = self._caption_now()
        if caption != self._caption:
            self._caption = caption
            self.caption_changed.emit(caption)

    def _renew_foot(self) -> None:
        follows = self.table.is_following
        if follows:
            self._unseen = 0
        shown, total = self._model.rowCount(), self._model.total
        words = _counted(total, "record") if total else ""
        if shown != total:
            words = f"{format_full(shown)} of {words}"
        self._shown.setText(f"{words}, following" if follows and shown else words)
        new = f", {format_full(self._unseen)} new" if self._unseen else ""
        self._follow.setText(f"Follow{new}")
        self._follow.setVisible(not follows and self._pages.currentWidget() is self._split)

    def _caption_now(self) -> str:
        parts = [_counted(self._model.total, "record")]
        for level, noun in ((LogLevel.ERROR, "error"), (LogLevel.WARNING, "warning")):
            count = self._model.count_of(level)
            if count:
                parts.append(_counted(count, noun))
        return ", ".join(parts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the whole record beside the table where the panel is flat, else below it."""
        super().resizeEvent(event)
        is_flat = self.width() > 2 * self.height()
        wanted = Qt.Orientation.Horizontal if is_flat else Qt.Orientation.Vertical
        if wanted != self._split.orientation():
            self._split.setOrientation(wanted)
            self._is_shared_out = False
            if self.detail.isVisible():
                self._share_out()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and look for new records from now on."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no longer."""
        super().hideEvent(event)
        self._timer.stop()


def _counted(count: int, noun: str) -> str:
    return f"{format_full(count)} {noun}{'s' if count != 1 else ''}"
