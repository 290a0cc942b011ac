"""Which days are run: typed or chosen in a calendar, with how each stands, and a way to what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import parse_day
from tickreel_desktop.backtest.form.fields import DayBound
from tickreel_desktop.backtest.form.health_gate import HealthGate
from tickreel_desktop.backtest.form.strip import DayStrip
from tickreel_desktop.components import Banner, BannerKind, button, label, tool_button
from tickreel_desktop.fetching.calendar import MONTHS, MonthCalendar
from tickreel_desktop.fetching.fates import held_fates
from tickreel_desktop.replay.missing import counted, days_text, missing_text, ranges_of
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.backtest.form.holding import Extent
    from tickreel_desktop.replay.missing import MissingRows
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import Theme

_DAY_LENGTH = len("YYYY-MM-DD")
"""Longer texts stand below each other."""


class DaysField(QWidget):
    """Hold the range as it is typed."""

    changed = Signal()
    fetch_wanted = Signal(list)
    """These days (:class:`DayRange`) are missing and shall be fetched."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._missing: Sequence[MissingRows] = ()
        self.first = DayBound(theme, "First day, UTC")
        self.last = DayBound(theme, "Last day, UTC, included")
        for bound in (self.first, self.last):
            bound.textEdited.connect(lambda _text: self._on_typed())
        self.calendar_button = tool_button(theme, "calendar-blank", "Choose days in the calendar")
        self.calendar_button.clicked.connect(self.open_calendar)
        self.strip = DayStrip(theme)
        self.missing = Banner(theme, BannerKind.WARNING, "")
        self.fetch_button = button(theme, "Fetch")
        self.fetch_button.setToolTip("Ask for these days in the fetch dialog")
        self.fetch_button.clicked.connect(lambda: self.fetch_wanted.emit(ranges_of(self._missing)))
        self.leave_out = QCheckBox("Run over them")
        self.leave_out.setToolTip("From such a day on the book is empty, and open orders expire")
        self.leave_out.toggled.connect(lambda _on: self.changed.emit())
        self.gate = HealthGate(theme)
        self.gate.changed.connect(self.changed)
        self.gate.left_out.connect(self._on_chosen)
        self.popup = CalendarPopup(theme, self)
        self.popup.chosen.connect(self._on_chosen)
        self._bounds = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bounds.setSpacing(theme.px(6))
        self._to = label("to", Role.SECONDARY)
        self._bounds.addWidget(self.first, 1)
        self._bounds.addWidget(self._to)
        self._bounds.addWidget(self.last, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addLayout(self._bounds, 1)
        row.addWidget(self.calendar_button)
        cures = QHBoxLayout()
        cures.setSpacing(theme.px(10))
        cures.addWidget(self.fetch_button)
        cures.addWidget(self.leave_out)
        cures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addLayout(row)
        column.addWidget(self.strip)
        column.addWidget(self.missing)
        column.addLayout(cures)
        column.addWidget(self.gate)
        self.show_extent(None)

    def set_range(self, first: str, last: str, *, leaves_out: bool) -> None:
        """Fill the range in without telling anyone."""
        self.first.setText(first)
        self.last.setText(last)
        self.leave_out.blockSignals(True)
        self.leave_out.setChecked(leaves_out)
        self.leave_out.blockSignals(False)
        self._show_range()

    def show_symbols(self, symbols: Sequence[HeldSymbol]) -> None:
        """Let the calendar show what is held of these."""
        days = [day for each in symbols if each.main is not None for day in each.main.days]
        self.popup.calendar.show_fates(fates := held_fates(days), fates, frozenset())

    def show_extent(self, extent: Extent | None) -> None:
        """Show how the days of the range stand; None where there is no range."""
        self._missing = () if extent is None else extent.missing
        self.strip.setVisible(extent is not None)
        if extent is not None:
            self.strip.show_days(extent.days)
        if self._missing:
            days = sorted({each.day for each in self._missing})
            self.missing.set_text(f"{days_text(days)} UTC {'is' if len(days) == 1 else 'are'} missing.")
            self.missing.setToolTip(missing_text(self._missing))
            self.fetch_button.setText(f"Fetch {counted(len(days))}")
        for each in (self.missing, self.fetch_button, self.leave_out):
            each.setVisible(bool(self._missing))
        self.gate.show_extent(extent)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what is said the height that it needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.missing.layout()
        if layout is not None and not self.missing.isHidden():
            self.missing.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    @property
    def missing_days(self) -> int:
        """Days of which something is missing."""
        return len({each.day for each in self._missing})

    def reason(self) -> str:
        """Say that days are missing or known to be bad; empty when the user said that this is well."""
        if not self._missing or self.leave_out.isChecked():
            return self.gate.reason()
        return f"{counted(self.missing_days)} {'is' if self.missing_days == 1 else 'are'} missing"

    def open_calendar(self) -> None:
        """Open the calendar below the fields."""
        self._show_range()
        self.popup.open_below(self.calendar_button)

    def _show_range(self) -> None:
        is_long = any(len(bound.text()) > _DAY_LENGTH for bound in (self.first, self.last))
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._bounds.setDirection(down if is_long else across)
        self._to.setVisible(not is_long)
        days = [_day_of(bound.text()) for bound in (self.first, self.last)]
        self.popup.calendar.set_range(*days)
        if (shown := days[1] or days[0]) is not None:
            self.popup.calendar.show_month(shown)

    def _on_typed(self) -> None:
        self._show_range()
        self.changed.emit()

    def _on_chosen(self, first: date, last: date) -> None:
        self.first.setText(first.isoformat())
        self.last.setText(last.isoformat())
        self.changed.emit()


class CalendarPopup(QFrame):
    """A month at a time, in which a drag chooses days; closed by Esc or a press beside it."""

    chosen = Signal(object, object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        set_role(self, Role.CARD)
        self._theme = theme
        today = datetime.now(UTC).date()
        self.calendar = MonthCalendar(theme, today, self)
        self.calendar.range_chosen.connect(self.chosen)
        self.calendar.month_changed.connect(self._name_month)
        self._month = label("", Role.SECTION)
        earlier = tool_button(theme, "caret-left", "Earlier month", size=14)
        later = tool_button(theme, "caret-right", "Later month", size=14)
        earlier.clicked.connect(lambda: self.calendar.step(-1))
        later.clicked.connect(lambda: self.calendar.step(1))
        head = QHBoxLayout()
        head.addWidget(self._month)
        head.addStretch(1)
        head.addWidget(earlier)
        head.addWidget(later)
        column = QVBoxLayout(self)
        column.setContentsMargins(*([theme.px(12)] * 4))
        column.setSpacing(theme.px(8))
        column.addLayout(head)
        column.addWidget(self.calendar)
        self._name_month(self.calendar.month)

    def open_below(self, widget: QWidget) -> None:
        """Show it at the lower right of a button."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width(), widget.height() + self._theme.px(4)))
        left = max(corner.x() - self.width(), widget.window().mapToGlobal(QPoint(0, 0)).x())
        self.move(left, corner.y())
        self.show()
        self.calendar.setFocus(Qt.FocusReason.PopupFocusReason)

    def _name_month(self, month: date) -> None:
        self._month.setText(f"{MONTHS[month.month - 1]} {month.year}")


def _day_of(text: str) -> date | None:
    try:
        return parse_day(text.strip()[:10])
    except UsageError:
        return None
