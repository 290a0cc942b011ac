"""Rows of the opened day in the vendor's columns, from any time of it on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, day_start_us, format_us
from tickreel.market.units import THIN_SPACE, format_full
from tickreel_desktop.components import ButtonKind, EmptyState, button, label
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.data.detail.day_words import long_day, why_not_held
from tickreel_desktop.data.detail.peek_table import PeekTable
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import rows_from
from tickreel_desktop.data.detail.subject import version_of
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property
from tickreel_desktop.zone.label import ZoneLabel

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.zone import Zone
    from tickreel.store import Day
    from tickreel.store.library.peeking import Peek
    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.zone import DisplayZone

_ROWS = 1_000
_FIELD_PX = 190


class RowsTab(QFrame):
    """Show a thousand rows at a time."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._reader = reader
        self._shown: tuple[object, ...] = ()
        self._subject: Subject | None = None
        self._next_us: int | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText("HH:MM:SS")
        self.field.setAccessibleName("Go to a time of the day")
        self.field.setToolTip("Rows from this time on; Enter goes there")
        self.field.setMaximumWidth(theme.px(_FIELD_PX))
        self.field.setAcceptDrops(False)  # a file dropped here is meant for the window, not as text
        self.field.returnPressed.connect(self._on_time_typed)
        self.field.textEdited.connect(lambda _text: self._show_problem(""))
        self._zone_label = ZoneLabel(zone)
        start = button(theme, "First", ButtonKind.FLAT)
        start.setToolTip("The first rows of the day")
        start.clicked.connect(lambda: self._on_start())
        self.later = button(theme, "Later rows")
        self.later.clicked.connect(lambda: self._on_later())
        self.table = PeekTable(theme, "Rows of the day", brief=False)
        self._none = EmptyState(theme, "list-bullets", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._none)
        self.caption = ElidedLabel()
        set_role(self.caption, Role.CAPTION)
        self._problem = label("", Role.ERROR, wrap=True)
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(8))
        for each in (self.field, self._zone_label, start):
            bar.addWidget(each)
        bar.addStretch(1)
        bar.addWidget(self.later)
        head = QVBoxLayout()
        head.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(6))
        head.setSpacing(theme.px(4))
        head.addLayout(bar)
        head.addWidget(self._problem)
        head.addWidget(self.caption)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self._show_problem("")

    def leave(self) -> None:
        """Let go of what is asked; what is shown next is read, whatever it is."""
        self._shown = ()
        self._reader.drop("rows")

    def show_subject(self, subject: Subject) -> None:
        """Show the first rows of the opened day; the same day stays where it is."""
        wanted = (subject.key, subject.opened, version_of(subject.day), subject.in_span)
        if wanted == self._shown:
            return
        self._shown, self._subject = wanted, subject
        self._reader.drop("rows")
        self._zone_label.set_moment(day_start_us(subject.opened))
        self._show_problem("")
        self.field.clear()
        held = subject.held_day
        self.field.setEnabled(held is not None)
        self.later.setEnabled(False)
        if held is None:
            heading, text, _ = why_not_held(subject.day, in_span=subject.in_span)
            self._none.set_text(heading, text)
            self._pages.setCurrentWidget(self._none)
            self.caption.setText(long_day(subject.opened))
        else:
            self._pages.setCurrentWidget(self.table)
            self.table.rows.clear()
            self._read(held, day_start_us(held.day))

    def _read(self, day: Day, from_us: int) -> None:
        waits = "reading..." if self._reader.is_ready else "waiting for the engine..."
        self.caption.setText(f"{long_day(day.day)}: {waits}")
        self._reader.ask(
            "rows",
            Question(
                work=lambda cache, _monitor: rows_from(cache, day, from_us, _ROWS),
                done=partial(self._on_rows, day, from_us),
                failed=partial(self._on_failed, day),
            ),
            reads_rows=True,
        )

    def _on_failed(self, day: Day, text: str) -> None:
        self._shown = ()
        self.caption.setText(long_day(day.day))
        self._show_problem(text)

    def _on_rows(self, day: Day, from_us: int, seen: Peek) -> None:
        self.table.show_rows(day.key, seen)
        self.table.scrollToTop()
        self._next_us = seen.next_us
        self.later.setEnabled(seen.next_us is not None)
        count = format_full(len(seen.rows))
        begin = self._zone.zone.clock(from_us)
        if seen.rows:
            text = f"{count} rows from {begin} on, of {format_full(day.rows)}"
        else:
            text = f"no rows from {begin} on"
        self.caption.setText(f"{long_day(day.day)}: {text}")

    def _on_start(self) -> None:
        self._go_to(None)

    def _on_later(self) -> None:
        if self._next_us is not None:
            self._go_to(self._next_us)

    def _go_to(self, at_us: int | None) -> None:
        day = None if self._subject is None else self._subject.held_day
        if day is not None:
            self._show_problem("")
            self._read(day, day_start_us(day.day) if at_us is None else at_us)

    def _on_time_typed(self) -> None:
        if self._subject is None:
            return
        try:
            at_us = time_of_day(self._zone.zone, self._subject.opened, self.field.text())
        except UsageError as error:
            self._show_problem(capital(str(error)))
        else:
            self._go_to(at_us)

    def _show_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        set_style_property(self.field, "error", bool(text))


def time_of_day(zone: Zone, day: date, text: str) -> int:
    """Read a time that was typed for a UTC day: a clock of the zone, or a whole moment of that day.

    Raises:
        UsageError: it cannot be read, or lies outside the day.
    """
    text = text.strip().replace(THIN_SPACE, "")
    start_us = day_start_us(day)
    if not text:
        return start_us
    if text.isdigit() or "-" in text[:8]:
        at_us = zone.parse(text)
        if start_us <= at_us < start_us + US_PER_DAY:
            return at_us
        raise UsageError(f"{format_us(at_us)} is not on {day.isoformat()} UTC: open its day first")
    # A UTC day touches two dates of a zone that is not UTC.
    last_error = UsageError(f"{text!r} is no time of {day.isoformat()} UTC: write HH:MM or HH:MM:SS.mmm")
    for local in dict.fromkeys((zone.day_of(start_us), zone.day_of(start_us + US_PER_DAY - 1))):
        try:
            at_us = zone.parse(f"{local.isoformat()} {text}")
        except UsageError:
            continue
        if start_us <= at_us < start_us + US_PER_DAY:
            return at_us
    raise last_error
