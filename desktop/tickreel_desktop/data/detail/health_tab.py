"""What the health reports of the chosen days, or of a year, say: counts with what they mean, and a list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.market.units import format_full
from tickreel.store.health.model import WITHOUT_CONCERN
from tickreel_desktop.components import Banner, BannerKind, EmptyState, Segment, Segments, label
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.data.detail.intervals import IntervalTable
from tickreel_desktop.data.detail.kinds import colour_of, counted, words_of
from tickreel_desktop.data.detail.reader import DetailReader, Question
from tickreel_desktop.data.detail.reading import MOST_INTERVALS, health_of_days
from tickreel_desktop.data.detail.subject import version_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLayout

    from tickreel_desktop.data.detail.reading import HealthList
    from tickreel_desktop.data.detail.subject import Subject
    from tickreel_desktop.zone import DisplayZone

_KINDS_HEIGHT_PX = 260
_KINDS_WIDTH_PX = 400
_UNBOUNDED_PX = 16_777_215


class HealthTab(QFrame):
    """List what was met on the days of a subject."""

    interval_opened = Signal(object)
    """A ``DayInterval``."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, reader: DetailReader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._reader = reader
        self._shown: tuple[object, ...] = ()
        self.summary = label("", Role.SECTION, wrap=True)
        self._problem = Banner(theme, BannerKind.WARNING, "")
        self._problem.hide()
        self._kinds = QGridLayout()
        self._area = self._make_area()
        self.table = IntervalTable(theme, zone, "Health notes", with_day=True)
        self.table.interval_opened.connect(self.interval_opened)
        self._told: HealthList | None = None
        self._which = Segments(
            theme, "Which notes", (Segment("care", "Problems"), Segment("all", "All")), small=True
        )
        self._which.chosen.connect(lambda _key: self._fill_table())
        self._empty = EmptyState(theme, "shield-check", "", "")
        self._listed = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._listed)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self._area)
        self._body.addWidget(self.table, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._listed)
        self._pages.addWidget(self._empty)
        head = QVBoxLayout()
        head.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(6))
        head.setSpacing(theme.px(6))
        upper = QHBoxLayout()
        upper.setSpacing(theme.px(8))
        upper.addWidget(self.summary, 1)
        upper.addWidget(self._which, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(upper)
        head.addWidget(self._problem)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def _make_area(self) -> _KindsArea:
        theme = self._theme
        body = QFrame()
        set_role(body, Role.PANEL)
        outer = QVBoxLayout(body)
        outer.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(8))
        self._kinds.setHorizontalSpacing(theme.px(8))
        self._kinds.setVerticalSpacing(theme.px(1))
        self._kinds.setColumnStretch(1, 1)
        outer.addLayout(self._kinds)
        outer.addStretch(1)
        area = _KindsArea(outer, theme.px(_KINDS_HEIGHT_PX))
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        return area

    def set_wide(self, wide: bool) -> None:
        """Put the counts beside the list, or above it."""
        sideways, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(sideways if wide else down)
        self._area.setMaximumWidth(self._theme.px(_KINDS_WIDTH_PX) if wide else _UNBOUNDED_PX)
        vertical = QSizePolicy.Policy.Expanding if wide else QSizePolicy.Policy.Maximum
        self._area.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)

    def leave(self) -> None:
        """Let go of what is asked; what is shown next is read, whatever it is."""
        self._shown = ()
        self._reader.drop("health")

    def show_subject(self, subject: Subject) -> None:
        """Read the reports of the days of a subject."""
        versions = tuple(version_of(day) for day in subject.days)
        wanted = (subject.key, subject.first, subject.last, versions)
        if wanted == self._shown:
            return
        self._shown = wanted
        self._problem.hide()
        self.summary.setText(f"{subject.scope}: reading the reports...")
        self._told = None
        self.table.rows.replace(())
        self._clear_kinds()
        self._pages.setCurrentWidget(self._listed)
        days = subject.days
        self._reader.ask(
            "health",
            Question(
                work=lambda cache, monitor: health_of_days(cache, days, monitor),
                done=partial(self._on_health, subject),
                failed=partial(self._on_failed, subject),
                progressed=partial(self._on_progressed, subject),
            ),
        )

    def _on_progressed(self, subject: Subject, done: int, total: int | None) -> None:
        self.summary.setText(f"{subject.scope}: report {format_full(done + 1)} of {format_full(total or 0)}")

    def _on_failed(self, subject: Subject, text: str) -> None:
        self._shown = ()
        self.summary.setText(subject.scope)
        self._problem.set_text(text)
        self._problem.show()

    def _on_health(self, subject: Subject, health: HealthList) -> None:
        days = "1 day" if health.looked_at == 1 else f"{format_full(health.looked_at)} days"
        words = [f"{subject.scope}: {days} checked"]
        if health.unknown:
            is_one = health.unknown == 1
            words.append(
                f"{'1 has' if is_one else f'{format_full(health.unknown)} have'} no report yet: open "
                f"{'it' if is_one else 'one'} to make {'it' if is_one else 'its report'}"
            )
        if health.is_cut:
            words.append(f"the list shows the first {format_full(MOST_INTERVALS)}: choose fewer days")
        self.summary.setText("; ".join(words))
        if health.problems:
            more = len(health.problems) - 1
            tail = f" ({format_full(more)} more)" if more else ""
            self._problem.set_text(health.problems[0] + tail)
            self._problem.setToolTip("\n".join(health.problems[:20]))
            self._problem.show()
        self._told = health
        self._fill_table()
        self._fill_kinds(health)
        if not health.counts:
            if health.looked_at:
                self._empty.set_text("No problems found", "The health reports of these days list none.")
            else:
                self._empty.set_text("No day with a report", "None of these days has rows that were checked.")
            self._pages.setCurrentWidget(self._empty)

    def _fill_table(self) -> None:
        """List what was met; resets and the like stand on every good day, and are listed when asked for."""
        if self._told is not None:
            everything = self._which.value() == "all"
            self.table.rows.replace(
                [
                    one
                    for one in self._told.intervals
                    if everything or one.interval.kind not in WITHOUT_CONCERN
                ]
            )

    def _fill_kinds(self, health: HealthList) -> None:
        for place, (kind, count) in enumerate(health.counts.items()):
            words, days = words_of(kind), health.days_with[kind]
            top, row = Qt.AlignmentFlag.AlignTop, 2 * place
            self._kinds.addWidget(IconLabel(self._theme, words.icon, colour_of(kind), 14), row, 0, top)
            self._kinds.addWidget(label(counted(kind, count)), row, 1)
            on = "on 1 day" if days == 1 else f"on {format_full(days)} days"
            self._kinds.addWidget(label(on, Role.SECONDARY), row, 2, Qt.AlignmentFlag.AlignRight)
            told = label(words.explanation, Role.CAPTION, wrap=True)
            told.setContentsMargins(0, 0, 0, self._theme.px(6))
            self._kinds.addWidget(told, row + 1, 1, 1, 2)

    def _clear_kinds(self) -> None:
        while (item := self._kinds.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()


class _KindsArea(QScrollArea):
    """Ask for the height that the counts need at the width that there is, up to a most."""

    def __init__(self, body: QLayout, most: int) -> None:
        super().__init__()
        self._body = body
        self._most = most

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask anew when the counts are others; they take room only once they are shown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask anew at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for all of it, or for the most."""
        width = self.viewport().width()
        return QSize(width, min(self._body.totalHeightForWidth(width), self._most))

    def minimumSizeHint(self) -> QSize:
        """Scroll rather than push others away."""
        return QSize(0, min(self.sizeHint().height(), self._most // 4))
