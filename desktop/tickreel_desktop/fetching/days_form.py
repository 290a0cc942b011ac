"""Which days: typed, by presets, or chosen in the calendar; all three always say the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import parse_day
from tickreel.market.units import format_full
from tickreel_desktop.components import button, label, tool_button
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.fetching.calendar import FIRST_DAY, LAST_DAY, MONTHS, MonthCalendar
from tickreel_desktop.fetching.fates import Fate
from tickreel_desktop.fetching.strip import MarkLegend
from tickreel_desktop.theme import Role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel_desktop.fetching.fates import DayFate
    from tickreel_desktop.theme import Theme

_LEGEND = (Fate.HERE, Fate.FETCH, Fate.PARTIAL, Fate.ABSENT, Fate.PENDING, Fate.DENIED, Fate.BAD)


class DayField(QLineEdit):
    """Take a UTC day as it is typed."""

    calendar_wanted = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("YYYY-MM-DD")
        self.setAccessibleName(name)
        self.setFixedWidth(theme.px(124))
        show = QAction(f"{name}: show it in the calendar", self)
        theme.bind_icon(show, "calendar-blank", "text_2", 14)
        show.triggered.connect(lambda: self.calendar_wanted.emit())
        self.addAction(show, QLineEdit.ActionPosition.TrailingPosition)

    def day(self) -> date | None:
        """Give the day that stands there; None when it is none, which is marked."""
        text = self.text().strip()
        problem, found = "", None
        if text:
            try:
                found = parse_day(text)
                if not FIRST_DAY <= found <= LAST_DAY:
                    found, problem = None, f"{text} lies outside {FIRST_DAY.year} to {LAST_DAY.year}"
            except UsageError as error:
                problem = capital(str(error))
        self.set_problem(problem)
        return found

    def set_problem(self, problem: str) -> None:
        """Mark what stands there as wrong and say why; empty when it is right."""
        set_style_property(self, "error", bool(problem))
        self.setAccessibleDescription(problem)


class DaysForm(QWidget):
    """Ask for a range of UTC days, both ends included."""

    changed = Signal()
    """The user chose other days, or typed what is none."""

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._today = today
        self.first_field = DayField(theme, "First day, UTC", self)
        self.last_field = DayField(theme, "Last day, UTC, included", self)
        self.calendar = MonthCalendar(theme, today, self)
        self._count = label("", Role.SECONDARY)
        self._problem = label("", Role.ERROR, wrap=True)
        self._problem.hide()
        self._month = label("", Role.SECTION)
        self._earlier = tool_button(theme, "caret-left", "Earlier month", size=14)
        self._later = tool_button(theme, "caret-right", "Later month", size=14)
        for field in (self.first_field, self.last_field):
            field.textEdited.connect(lambda _text: self._on_typed())
            field.calendar_wanted.connect(lambda field=field: self._show_in_calendar(field))
        self.calendar.range_chosen.connect(self._on_chosen)
        self.calendar.month_changed.connect(self._name_month)
        self._earlier.clicked.connect(lambda: self.calendar.step(-1))
        self._later.clicked.connect(lambda: self.calendar.step(1))
        self._lay_out()
        self._name_month(self.calendar.month)

    def _lay_out(self) -> None:
        px = self._theme.px
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        for widget in (self.first_field, label("to", Role.SECONDARY), self.last_field, self._count):
            fields.addWidget(widget)
        fields.addStretch(1)
        presets = QHBoxLayout()
        presets.setSpacing(px(6))
        for text, choose in (
            ("This month", self.choose_this_month),
            ("Last month", self.choose_last_month),
            ("Last 7 days", self.choose_last_week),
        ):
            preset = button(self._theme, text)
            preset.setAccessibleName(f"{text}: choose these days")
            preset.clicked.connect(lambda _on=False, choose=choose: choose())
            presets.addWidget(preset)
        presets.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(px(2))
        head.addWidget(self._month)
        head.addStretch(1)
        head.addWidget(self._earlier)
        head.addWidget(self._later)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        column.addLayout(fields)
        column.addWidget(self._problem)
        column.addLayout(presets)
        column.addLayout(head)
        column.addWidget(self.calendar)
        self._legend = MarkLegend(self._theme, _LEGEND)
        column.addWidget(self._legend)

    def days(self) -> tuple[date | None, date | None]:
        """Give the first and the last day; None for what cannot be read."""
        return self.first_field.day(), self.last_field.day()

    def problem(self) -> str:
        """Say what is wrong with the days; empty when nothing is."""
        return self._problem.text()

    def set_days(self, first: date | None, last: date | None) -> None:
        """Fill the days in without telling anyone."""
        self.first_field.setText("" if first is None else first.isoformat())
        self.last_field.setText("" if last is None else last.isoformat())
        if last is not None:
            self.calendar.show_month(last)
        self._renew()

    def show_fates(
        self, fates: Mapping[date, DayFate], held: Mapping[date, DayFate], flawed: frozenset[date]
    ) -> None:
        """Let the calendar show what becomes of the days."""
        self.calendar.show_fates(fates, held, flawed)
        is_shared = any(fate is Fate.SHARED for each in fates.values() for fate, _ in each.counts)
        self._legend.show_fates((*_LEGEND[:1], Fate.SHARED, *_LEGEND[1:]) if is_shared else _LEGEND)

    def choose_this_month(self) -> None:
        """Ask for this month up to today."""
        self._choose(self._today.replace(day=1), self._today)

    def choose_last_month(self) -> None:
        """Ask for the whole month before."""
        last = self._today.replace(day=1) - timedelta(days=1)
        self._choose(last.replace(day=1), last)

    def choose_last_week(self) -> None:
        """Ask for the seven days before today."""
        self._choose(self._today - timedelta(days=7), self._today - timedelta(days=1))

    def _choose(self, first: date, last: date) -> None:
        self.set_days(first, last)
        self.changed.emit()

    def _on_chosen(self, first: date, last: date) -> None:
        self.first_field.setText(first.isoformat())
        self.last_field.setText(last.isoformat())
        self._renew()
        self.changed.emit()

    def _on_typed(self) -> None:
        first, last = self.days()
        if (shown := last or first) is not None:
            self.calendar.show_month(shown)
        self._renew()
        self.changed.emit()

    def _show_in_calendar(self, field: DayField) -> None:
        self.calendar.show_month(field.day() or self._today)
        self.calendar.setFocus(Qt.FocusReason.OtherFocusReason)

    def _renew(self) -> None:
        first, last = self.days()
        is_backward = first is not None and last is not None and last < first
        if is_backward:
            self.last_field.set_problem("The last day lies before the first")
        problem = next(
            filter(None, (field.accessibleDescription() for field in (self.first_field, self.last_field))), ""
        )
        self._problem.setText(f"{problem[:1].upper()}{problem[1:]}")
        self._problem.setVisible(bool(problem))
        self.calendar.set_range(first, last)
        count = 0 if first is None or last is None or is_backward else (last - first).days + 1
        self._count.setText(f"{format_full(count)} {'day' if count == 1 else 'days'}" if count else "")

    def _name_month(self, month: date) -> None:
        self._month.setText(f"{MONTHS[month.month - 1]} {month.year}")
