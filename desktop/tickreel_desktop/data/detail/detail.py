"""What is selected in the Data workspace, in detail: its days, their health, rows, files and versions."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.market.types import DatasetKey
from tickreel.store import DayState
from tickreel_desktop.components import DockTitle, EmptyState
from tickreel_desktop.data.detail.calendar_pane import CalendarPane
from tickreel_desktop.data.detail.cells import has_notes
from tickreel_desktop.data.detail.day_pane import DayPane
from tickreel_desktop.data.detail.files_tab import FilesTab
from tickreel_desktop.data.detail.head import DetailHead
from tickreel_desktop.data.detail.health_tab import HealthTab
from tickreel_desktop.data.detail.history_tab import HistoryTab
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.rows_tab import RowsTab
from tickreel_desktop.data.detail.several import SeveralDatasets
from tickreel_desktop.data.detail.subject import REPLAYED, Subject
from tickreel_desktop.data.detail.tabs import HEALTH, DetailTabs, scrolled
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from tickreel_desktop.data.detail.reading import DayInterval
    from tickreel_desktop.data.residence import Residence
    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.zone import DisplayZone

_WIDE_PX = 860
"""From this width on things stand side by side."""
_LOW_PX = 420
"""Below this height the calendar has low rows."""
_CALENDAR_PX = 396
_SMALLEST_PX = (380, 200)
_SETTLE_MS = 120
"""Who goes through the table by keyboard does not have every dataset read."""
_UNBOUNDED_PX = 16_777_215
"""Qt's own greatest size of a widget."""


class DatasetDetail(QFrame):
    """Show the datasets that are selected; :meth:`show_rows` brings them, the reader what is in them."""

    replay_requested = Signal(DatasetKey, object)
    """A dataset and the instant (microseconds, int) at which its replay shall stand."""
    fetch_requested = Signal(DatasetKey, object, object)
    """A dataset, and the first and the last of the days to fetch (``date``)."""
    fetch_and_pin_requested = Signal(DatasetKey, object, object)
    """A dataset, and the first and the last of the days to pin (``date``), fetched ones as they come."""
    restore_requested = Signal(object)
    """A ``TrashEntry`` that shall be the held version of its day again."""
    range_chosen = Signal(object, object)
    """The first and the last chosen day (``date``)."""
    range_cleared = Signal()
    reveal_requested = Signal(object)
    """The ``Path`` of a file that shall be shown in its folder."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._reader = reader
        self._row: DatasetRow | None = None
        self._residence: Residence | None = None
        self._is_stale = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._load)
        self._title = DockTitle(theme, "Selection")
        self.head = DetailHead(theme)
        self.calendar_pane = CalendarPane(theme)
        self.calendar = self.calendar_pane.calendar
        self.day_pane = DayPane(theme, zone, reader)
        self.health = HealthTab(theme, zone, reader)
        self.rows = RowsTab(theme, zone, reader)
        self.files = FilesTab(theme, zone, reader)
        self.history = HistoryTab(theme, zone, reader)
        # In the order of the tabs.
        self._parts = (self.day_pane, self.health, self.rows, self.files, self.history)
        self._calendar_area = self._make_calendar_tab()
        self.tabs = self._make_tabs()
        self.several = SeveralDatasets(theme)
        self._one = self._make_one()
        self._none = EmptyState(
            theme,
            "database",
            "Nothing is selected",
            "Choose a dataset in the table to see its days, their health, rows and files.",
        )
        self._pages = QStackedWidget()
        for page in (self._none, self._one, self.several):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._pages, 1)
        self._connect()
        self._arrange()

    def _make_calendar_tab(self) -> QScrollArea:
        body = QFrame()
        set_role(body, Role.PANEL)
        self._calendar_body = QBoxLayout(QBoxLayout.Direction.TopToBottom, body)
        self._calendar_body.setContentsMargins(0, 0, 0, 0)
        self._calendar_body.setSpacing(0)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setMinimumSize(1, 1)
        self._line = line
        self._calendar_body.addWidget(self.calendar_pane)
        self._calendar_body.addWidget(line)
        self._calendar_body.addWidget(self.day_pane, 1)
        return scrolled(body)

    def _make_tabs(self) -> DetailTabs:
        tabs = DetailTabs(
            (
                ("Calendar", self._calendar_area),
                (HEALTH, self.health),
                ("Rows", self.rows),
                ("Files", scrolled(self.files)),
                ("History", scrolled(self.history)),
            )
        )
        tabs.currentChanged.connect(lambda _index: self._load())
        return tabs

    def _make_one(self) -> QWidget:
        one = QWidget()
        column = QVBoxLayout(one)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.tabs, 1)
        return one

    def _connect(self) -> None:
        self.calendar.day_opened.connect(lambda _day: self._load())
        self.calendar.year_changed.connect(lambda _year: self._load())
        self.calendar.range_chosen.connect(self._on_range_chosen)
        self.calendar.range_cleared.connect(self._on_range_cleared)
        self.calendar_pane.fetch_requested.connect(self._on_fetch)
        self.calendar_pane.fetch_and_pin_requested.connect(self._on_fetch_and_pin)
        self.day_pane.fetch_requested.connect(self._on_fetch_day)
        self.day_pane.interval_opened.connect(self._on_interval_opened)
        self.health.interval_opened.connect(self._on_interval_opened)
        self.files.reveal_requested.connect(self.reveal_requested)
        self.history.restore_requested.connect(self.restore_requested)

    @property
    def chosen_days(self) -> tuple[date, date] | None:
        """The first and the last chosen day of the one selected dataset; None where none are chosen."""
        return self.calendar.chosen_days if self._pages.currentWidget() is self._one else None

    def show_rows(self, rows: Sequence[DatasetRow]) -> None:
        """Show none, one or several datasets; of the same one, what was opened and chosen stays."""
        if len(rows) != 1:
            self._row = None
            self._settle.stop()
            self._drop_all()
            self.calendar.clear_range()
            if rows:
                self.several.show_rows(rows)
            self._title.set_caption("")
            self._pages.setCurrentWidget(self.several if rows else self._none)
            return
        (row,) = rows
        is_other = self._row is None or self._row.key != row.key
        if is_other:
            # What changes in the calendar from here on is not read yet.
            self._drop_all()
            self._settle.start()
        self._row = row
        self._pages.setCurrentWidget(self._one)
        self._title.set_caption(row.exchange)
        self.head.show_row(row)
        self.tabs.show_badge(sum(has_notes(day) or day.state is DayState.DAMAGED for day in row.days))
        if is_other:
            self.calendar.clear_range()
        self.calendar.show_days(row.days)
        self._show_shared()
        self.calendar_pane.renew_choice()
        if is_other:
            self.calendar.show_opened(_day_to_open(row))
        else:
            self._load()

    def take_focus(self) -> bool:
        """Take the keyboard into the calendar, or into the bar of the tabs where another is in front."""
        wanted = self.calendar if self.calendar.isVisible() else self.tabs.tabBar()
        if not wanted.isVisible():
            return False
        wanted.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def show_residence(self, residence: Residence | None) -> None:
        """Show which days lie in the shared cache; None where none is used."""
        self._residence = residence
        self.calendar_pane.legend.show_shared(is_used=residence is not None)
        self._show_shared()

    def _show_shared(self) -> None:
        found = None if self._residence is None or self._row is None else self._residence.dates(self._row.key)
        self.calendar.show_shared(found or frozenset())

    def open_day(self, day: date) -> None:
        """Open a day of the selected dataset."""
        self.calendar.show_opened(day)
        self._load()

    def _drop_all(self) -> None:
        for part in self._parts:
            part.leave()
        self._reader.drop("pins")

    # What is read

    def _subject(self, row: DatasetRow) -> Subject:
        opened = self.calendar.opened or _day_to_open(row)
        year = self.calendar.year
        first, last = self.calendar.chosen_days or (date(year, 1, 1), date(year, 12, 31))
        return Subject(
            key=row.key,
            opened=opened,
            day=self.calendar.day_at(opened),
            in_span=self.calendar.is_in_span(opened),
            first=first,
            last=last,
            days=tuple(day for day in row.days if first <= day.day <= last),
        )

    def _load(self) -> None:
        """Have the tab that is in view show what is looked at now; hidden, it waits until it is seen."""
        self._is_stale = not self.isVisible()
        if self._row is None or self._is_stale or self._settle.isActive():
            return
        row = self._row
        subject = self._subject(row)
        self._parts[self.tabs.currentIndex()].show_subject(subject)
        self._reader.ask(
            "pins",
            Question(
                work=lambda cache, _monitor: cache.life.pins.days_by_holder(row.key),
                done=self.head.show_holders,
                failed=partial(self._on_pins_failed),
            ),
        )

    def _on_pins_failed(self, _text: str) -> None:
        # The same trouble is told by what reads the day.
        self.head.show_holders({})

    # What the user asks for

    def _on_range_chosen(self, first: date, last: date) -> None:
        self.range_chosen.emit(first, last)
        self._load()

    def _on_range_cleared(self) -> None:
        self.range_cleared.emit()
        self._load()

    def _on_fetch(self, first: date, last: date) -> None:
        if self._row is not None:
            self.fetch_requested.emit(self._row.key, first, last)

    def _on_fetch_and_pin(self, first: date, last: date) -> None:
        if self._row is not None:
            self.fetch_and_pin_requested.emit(self._row.key, first, last)

    def _on_fetch_day(self) -> None:
        opened = self.calendar.opened
        if opened is not None:
            self._on_fetch(opened, opened)

    def _on_interval_opened(self, one: DayInterval) -> None:
        if self._row is not None and self._row.key.type in REPLAYED:
            self.replay_requested.emit(self._row.key, one.interval.from_us)

    # How it stands

    def _arrange(self) -> None:
        """Use the room there is: side by side where it is wide, low rows where it is low."""
        theme = self._theme
        wide = self.width() >= theme.px(_WIDE_PX)
        self._title.setVisible(not wide)
        sideways, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._calendar_body.setDirection(sideways if wide else down)
        self._line.setMaximumSize(*((1, _UNBOUNDED_PX) if wide else (_UNBOUNDED_PX, 1)))
        self.calendar_pane.setMinimumWidth(theme.px(_CALENDAR_PX) if wide else 0)
        self.calendar_pane.setMaximumWidth(theme.px(_CALENDAR_PX) if wide else _UNBOUNDED_PX)
        self.calendar_pane.set_compact(wide and self.height() < theme.px(_LOW_PX))
        for part in (self.head, self.day_pane, self.health, self.files, self.history):
            part.set_wide(wide)
        if self._row is not None:
            self.head.show_row(self._row)

    def minimumSizeHint(self) -> QSize:
        """Ask for the least in which it can be used."""
        return QSize(*(self._theme.px(length) for length in _SMALLEST_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand anew."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was asked for while it was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._load()


def _day_to_open(row: DatasetRow) -> date:
    """Choose the day to begin with: the last with rows."""
    return next((day.day for day in reversed(row.days) if day.state.is_held), row.last_day)
