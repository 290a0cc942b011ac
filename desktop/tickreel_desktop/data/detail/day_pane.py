"""The opened day: how it went minute by minute, what its health report lists, and its first rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.market.time import day_start_us
from tickreel.market.units import format_bytes, format_full, format_percent
from tickreel.store import DayState
from tickreel_desktop.components import ButtonKind, EmptyState, Tag, Tone, button, label
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.components.row_delegate import ROW_PX
from tickreel_desktop.data.detail.day_chart import DayChart, chart_caption
from tickreel_desktop.data.detail.day_words import grade_words, medium_day, why_not_held
from tickreel_desktop.data.detail.intervals import IntervalTable
from tickreel_desktop.data.detail.kinds import colour_of, counted
from tickreel_desktop.data.detail.peek_table import PeekTable
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import health_of_day, minutes_key, minutes_of, rows_from
from tickreel_desktop.data.detail.subject import version_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel.store import Day
    from tickreel.store.library.minutes import DayMinutes
    from tickreel.store.library.peeking import Peek
    from tickreel_desktop.data.detail.reading import HealthList
    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.zone import DisplayZone

_ROWS = 100
_MOST_TAGS = 3
_MOST_INTERVALS, _MOST_IN_LITTLE_HEIGHT = 5, 3
"""Rows of the table of intervals that are in view; the rest is scrolled to."""
_FIRST_ROWS = 5
_SLOTS = ("day.health", "day.minutes", "day.rows")


class DayPane(QFrame):
    """Show a day; what has to be read comes when it is read."""

    fetch_requested = Signal()
    """The opened day is not held and should be."""
    interval_opened = Signal(object)
    """A ``DayInterval``."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._reader = reader
        self._is_wide = False
        self._shown: tuple[object, ...] = ()
        self.title = ElidedLabel()
        set_role(self.title, Role.SECTION)
        self._tags = QHBoxLayout()
        self._tags.setSpacing(theme.px(4))
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(4))
        head.setSpacing(theme.px(8))
        head.addWidget(self.title, 1)
        head.addLayout(self._tags)
        head.addStretch(0)
        self._head = head
        self.chart = DayChart(theme, zone)
        self._caption = ElidedLabel()
        set_role(self._caption, Role.CAPTION)
        self.intervals = IntervalTable(theme, zone, "Health notes of the day", with_day=False)
        self.intervals.interval_opened.connect(self.interval_opened)
        self.rows = PeekTable(theme, "First rows of the day", brief=True)
        self._rows_caption = ElidedLabel()
        set_role(self._rows_caption, Role.CAPTION)
        self._rows_caption.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        fetch = button(theme, "Fetch this day", ButtonKind.PRIMARY, icon="cloud-arrow-down")
        fetch.clicked.connect(lambda: self.fetch_requested.emit())
        self._fetch = fetch
        self._not_held = EmptyState(theme, "calendar-blank", "", "", (fetch,))
        self._held = self._make_held()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._held)
        self._pages.addWidget(self._not_held)
        self._show_page(self._held)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def _make_held(self) -> QWidget:
        theme = self._theme
        upper = QVBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        picture = QVBoxLayout()
        picture.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(6))
        picture.setSpacing(theme.px(4))
        picture.addWidget(self.chart)
        picture.addWidget(self._caption)
        upper.addLayout(picture)
        upper.addWidget(self.intervals)
        upper.addStretch(1)
        self._rows_heading = heading = QHBoxLayout()
        heading.setSpacing(theme.px(8))
        heading.addWidget(label("First rows", Role.SECTION))
        heading.addWidget(self._rows_caption, 1)
        lower = QVBoxLayout()
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(0)
        lower.addLayout(heading)
        lower.addWidget(self.rows, 1)
        self.rows.setMinimumHeight(theme.px(ROW_PX * (1 + _FIRST_ROWS)))
        held = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, held)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addLayout(upper)
        self._body.addLayout(lower, 1)
        return held

    def set_wide(self, wide: bool) -> None:
        """Stand side by side with little height, or one below the other."""
        self._is_wide = wide
        self.chart.set_compact(wide)
        self._head.setStretch(0, 0 if wide else 1)
        self._head.setStretch(2, 1 if wide else 0)
        px = self._theme.px
        self._rows_heading.setContentsMargins(px(12), px(0 if wide else 8), px(12), px(4))
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._body.setDirection(direction)
        self._body.setStretch(0, 6 if wide else 0)
        self._body.setStretch(1, 7 if wide else 1)
        self.rows.setMinimumHeight(self._theme.px(ROW_PX * (1 + (2 if wide else _FIRST_ROWS))))
        self._fit_intervals()

    def leave(self) -> None:
        """Let go of what is asked; what is shown next is read, whatever it is."""
        self._shown = ()
        for slot in _SLOTS:
            self._reader.drop(slot)

    def show_subject(self, subject: Subject) -> None:
        """Show the opened day of a subject, and read what is not known of it."""
        wanted = (subject.key, subject.opened, version_of(subject.day), subject.in_span)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.title.setText(medium_day(subject.opened))
        for slot in _SLOTS:
            self._reader.drop(slot)
        day = subject.held_day
        if day is None:
            self._show_not_held(subject)
            return
        self._show_page(self._held)
        self._show_tags(day, None)
        self._show_no_intervals()
        self._caption.setText("")
        self._rows_caption.setText(f"{format_full(day.rows)} rows, {format_bytes(day.bytes)}")
        self.rows.rows.clear()
        self._ask(subject, day)

    def _show_not_held(self, subject: Subject) -> None:
        heading, text, can_fetch = why_not_held(subject.day, in_span=subject.in_span)
        self._not_held.set_text(heading, text)
        self._fetch.setVisible(can_fetch)
        self._fetch.setAccessibleName(f"Fetch {subject.opened.isoformat()}")
        self._show_page(self._not_held)
        self._clear_tags()

    def _show_page(self, page: QWidget) -> None:
        """Bring one page to the front; the other one asks for no room."""
        for each in (self._held, self._not_held):
            policy = QSizePolicy.Policy.Preferred if each is page else QSizePolicy.Policy.Ignored
            each.setSizePolicy(policy, policy)
        self._pages.setCurrentWidget(page)

    def _ask(self, subject: Subject, day: Day) -> None:
        waiting = "" if self._reader.is_ready else "Preparing the engine, once after an installation..."
        self.chart.show_intervals(())
        self.chart.show_message(waiting or "Reading the day...")
        start_us = day_start_us(day.day)
        self._reader.ask(
            "day.health",
            Question(
                work=lambda cache, _monitor: health_of_day(cache, day),
                done=partial(self._on_health, day),
                failed=self._on_health_failed,
            ),
            # A report that is kept needs no kernels.
            reads_rows=day.grade is None,
        )
        self._reader.ask(
            "day.rows",
            Question(
                work=lambda cache, _monitor: rows_from(cache, day, start_us, _ROWS),
                done=partial(self._on_rows, subject),
                failed=self._on_rows_failed,
            ),
            reads_rows=True,
        )
        self._reader.ask(
            "day.minutes",
            Question(
                work=lambda cache, monitor: minutes_of(cache, day, monitor),
                done=partial(self._on_minutes, start_us),
                failed=self._on_minutes_failed,
                progressed=self._on_progressed,
                keep_as=minutes_key(day),
            ),
            reads_rows=True,
        )

    def _on_progressed(self, done: int, total: int | None) -> None:
        share = format_percent(done / total, 0) if total else ""
        self.chart.show_message(f"Reading the day, {share}" if share else "Reading the day...")

    def _on_minutes(self, start_us: int, minutes: DayMinutes) -> None:
        self.chart.show_minutes(start_us, minutes)
        self._caption.setText(chart_caption(minutes.measure))

    def _on_minutes_failed(self, text: str) -> None:
        self._shown = ()  # opened once more, it is tried once more
        self.chart.show_message(text, is_error=True)

    def _on_rows_failed(self, text: str) -> None:
        self._shown = ()
        self._rows_caption.setText(text)

    def _on_rows(self, subject: Subject, seen: Peek) -> None:
        self.rows.show_rows(subject.key, seen)

    def _on_health(self, day: Day, health: HealthList) -> None:
        if health.problems:
            self._on_health_failed(health.problems[0])
        self._show_tags(day, health)
        self.intervals.rows.replace(health.intervals)
        self.chart.show_intervals([one.interval for one in health.intervals])
        self.intervals.setVisible(bool(health.intervals))
        self._fit_intervals()

    def _fit_intervals(self) -> None:
        most = _MOST_IN_LITTLE_HEIGHT if self._is_wide else _MOST_INTERVALS
        self.intervals.setFixedHeight(self.intervals.height_px(min(self.intervals.rows.rowCount(), most)))

    def _on_health_failed(self, text: str) -> None:
        self._shown = ()
        self._clear_tags()
        self._add_tag("health unknown", Tone.ERROR, text)

    def _show_no_intervals(self) -> None:
        self.intervals.rows.replace(())
        self.intervals.hide()

    # Tags

    def _show_tags(self, day: Day, health: HealthList | None) -> None:
        self._clear_tags()
        if day.state is DayState.PARTIAL:
            self._add_tag(
                "partial", Tone.WARNING, "Not all of the day is held; the tab Files says which hours"
            )
        counts = {} if health is None else health.counts
        shown = list(counts.items())
        most = (_MOST_TAGS if self._is_wide else _MOST_TAGS - 1) - (day.state is DayState.PARTIAL)
        for kind, count in shown[:most]:
            tone = Tone.WARNING if colour_of(kind) == "warning" else Tone.NEUTRAL
            self._add_tag(counted(kind, count), tone, grade_words(day))
        rest = shown[most:]
        if rest:
            self._add_tag(f"+{len(rest)}", Tone.NEUTRAL, ", ".join(counted(*each) for each in rest))
        if health is not None and not shown and not health.problems:
            self._add_tag("no health notes", Tone.NEUTRAL, grade_words(day))

    def _add_tag(self, text: str, tone: Tone, tip: str) -> None:
        tag = Tag(text, tone)
        tag.setToolTip(tip)
        self._tags.addWidget(tag, 0, Qt.AlignmentFlag.AlignVCenter)

    def _clear_tags(self) -> None:
        while (item := self._tags.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
