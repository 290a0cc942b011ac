"""The calendar with its year, its legend, and what can be done with the days that are chosen in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import button, label, tool_button
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.data.detail.calendar import YearCalendar
from tickreel_desktop.data.detail.cells import CalendarLegend
from tickreel_desktop.data.detail.day_words import range_words
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from datetime import date


class CalendarPane(QFrame):
    """Show a year of days and its choice."""

    fetch_requested = Signal(object, object)
    """First and last (``date``) of days of which some are not held."""
    fetch_and_pin_requested = Signal(object, object)
    """First and last (``date``) of days that are to be pinned, those to be fetched as they come."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.calendar = YearCalendar(theme)
        self._title = label("", Role.SECTION)
        self._back = tool_button(theme, "caret-left", "Previous year", size=14)
        self._back.clicked.connect(lambda: self.calendar.show_year(self.calendar.year - 1))
        self._year = label("", Role.SECONDARY)
        self._on = tool_button(theme, "caret-right", "Next year", size=14)
        self._on.clicked.connect(lambda: self.calendar.show_year(self.calendar.year + 1))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.px(6))
        head.addWidget(self._title, 1)
        for each in (self._back, self._year, self._on):
            head.addWidget(each)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(theme.px(4))
        column.addLayout(head)
        column.addWidget(self.calendar)
        self.legend = CalendarLegend(theme)
        column.addWidget(self.legend)
        self._choice = self._make_choice(theme)
        column.addWidget(self._choice)
        column.addStretch(1)
        self._theme = theme
        self.set_compact(False)
        self.calendar.year_changed.connect(lambda _year: self._renew_year())
        self.calendar.range_chosen.connect(lambda _first, _last: self.renew_choice())
        self.calendar.range_cleared.connect(self.renew_choice)
        self._renew_year()
        self.renew_choice()

    def _make_choice(self, theme: Theme) -> QFrame:
        choice = QFrame()
        set_role(choice, Role.CARD)
        self._words = ElidedLabel()
        self._fetch = button(theme, "Fetch days", icon="cloud-arrow-down")
        self._fetch.clicked.connect(lambda: self._on_fetch())
        self._fetch_and_pin = button(theme, "Fetch and pin", icon="push-pin")
        self._fetch_and_pin.clicked.connect(lambda: self._on_fetch_and_pin())
        clear = tool_button(theme, "x", "Choose no days (Esc)", size=14)
        clear.clicked.connect(lambda: self.calendar.clear_range())
        row = QHBoxLayout(choice)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(6), theme.px(4))
        row.setSpacing(theme.px(6))
        row.addWidget(self._words, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._fetch)
        row.addWidget(self._fetch_and_pin)
        row.addWidget(clear)
        return choice

    def set_compact(self, compact: bool) -> None:
        """Take little height, or what is usual."""
        theme = self._theme
        self.calendar.set_compact(compact)
        edge = theme.px(6 if compact else 10)
        self._column.setContentsMargins(theme.px(12), edge, theme.px(12), edge)
        self._column.setSpacing(theme.px(2 if compact else 4))

    def _renew_year(self) -> None:
        year = self.calendar.year
        self._title.setText(f"Days of {year}")
        self._year.setText(str(year))
        self._back.setEnabled(self.calendar.can_go_back)
        self._on.setEnabled(self.calendar.can_go_on)

    def renew_choice(self) -> None:
        """Say anew what is chosen, and how much of it is not held."""
        chosen = self.calendar.chosen_days
        self._choice.setVisible(chosen is not None)
        if chosen is None:
            return
        first, last = chosen
        count = (last - first).days + 1
        days = "1 day" if count == 1 else f"{format_full(count)} days"
        self._words.setText(range_words(first, last, has_year=False))
        self._words.setAccessibleName(f"{days} chosen: {range_words(first, last)}")
        holes = len(self._holes(first, last))
        self._fetch.setVisible(holes > 0)
        self._fetch.setText(f"Fetch {format_full(holes)}")
        self._fetch.setToolTip("Fetch the chosen days that are not held")
        self._fetch.setAccessibleName(f"Fetch {holes} of the chosen days that are not held")
        self._fetch_and_pin.setVisible(holes > 0)
        tip = f"Fetch {format_full(holes)}, and pin all of the {days} chosen"
        self._fetch_and_pin.setToolTip(tip)
        self._fetch_and_pin.setAccessibleName(tip)

    def _holes(self, first: date, last: date) -> list[date]:
        """List the chosen days that a fetch might bring."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in days if (held := self.calendar.day_at(day)) is None or held.state.is_hole]

    def _on_fetch(self) -> None:
        chosen = self.calendar.chosen_days
        holes = self._holes(*chosen) if chosen is not None else []
        if holes:
            self.fetch_requested.emit(holes[0], holes[-1])

    def _on_fetch_and_pin(self) -> None:
        chosen = self.calendar.chosen_days
        if chosen is not None:
            self.fetch_and_pin_requested.emit(*chosen)
