"""The controls at the foot of a replay: where in the range, play and pause, steps, the time, the speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s
from tickreel_desktop.components import ButtonKind, ElidedLabel, button, label, tool_button
from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.fitting import Fitting
from tickreel_desktop.replay.overview import Overview
from tickreel_desktop.replay.player import StepUnit
from tickreel_desktop.replay.reached_view import ReachedView
from tickreel_desktop.replay.speed import SpeedChoice
from tickreel_desktop.replay.time_field import TimeField
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.zone import ZoneLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction, QResizeEvent

    from tickreel_desktop.replay.reached import Reached
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.zone import DisplayZone
    from tickreel_resources import IconName

_HEIGHT_PX, _COMPACT_HEIGHT_PX = 128, 104
_PROBLEM_PX = 300
"""So much of what is wrong can be read at least; other things make room for it."""
UNIT_WORDS = {
    StepUnit.MESSAGE: "Message",
    StepUnit.SECOND: "Second",
    StepUnit.TRADE: "Trade",
    StepUnit.PRICE: "Price",
    StepUnit.HEALTH: "Health",
}
_UNIT_TIPS = {
    StepUnit.MESSAGE: "By one message of the feed",
    StepUnit.SECOND: "By a second of market time",
    StepUnit.TRADE: "To the next trade",
    StepUnit.PRICE: "To the next change of a best price",
    StepUnit.HEALTH: "To the next edge of something about the quality of the data",
}
_QUIET_WORDS = {
    1 * US_PER_SECOND: "1 s",
    5 * US_PER_SECOND: "5 s",
    30 * US_PER_SECOND: "30 s",
    60 * US_PER_SECOND: "1 min",
    300 * US_PER_SECOND: "5 min",
}


class Transport(QFrame):
    """Drive a replay; it only asks, and shows what it is told."""

    play_toggled = Signal()
    speed_chosen = Signal(object)
    """Market seconds per second (float), or None for as fast as the machine goes."""
    seek_requested = Signal(object)
    """An instant to go to (microseconds, int)."""
    seek_previewed = Signal(object)
    """The instant under a pointer that still drags (microseconds, int); may come often."""
    step_requested = Signal(int)
    """By how many of the unit that is chosen, back below 0."""
    unit_chosen = Signal(object)
    """The :class:`StepUnit` of steps."""
    loop_toggled = Signal(bool)
    quiet_chosen = Signal(object)
    """Skip what is quiet for longer than this (microseconds, int); None plays it."""
    bookmark_requested = Signal()
    bookmarks_requested = Signal()
    """All of them are to be shown."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.FOOT)
        self._theme = theme
        self._range_us = (0, 1)
        self._is_playing = False
        self.quiet_us = 5 * US_PER_SECOND
        """From which length on quiet is skipped when it is."""
        self.overview = Overview(theme, zone, shared)
        self.overview.moved.connect(self._on_dragged)
        self.overview.chosen.connect(self._on_chosen)
        self._make_steps()
        self.time_field = TimeField(theme, zone)
        self.time_field.chosen.connect(self._on_time_typed)
        self.time_field.widened.connect(self._on_widened)
        self.time_field.refused.connect(self.show_problem)
        self._zone_label = ZoneLabel(zone)
        self.speed = SpeedChoice(theme)
        self.speed.chosen.connect(self._on_speed_chosen)
        self.speed.refused.connect(self.show_problem)
        self.reached = ReachedView(theme)
        self._problem = ElidedLabel("")
        set_role(self._problem, Role.ERROR)
        self._problem.hide()
        self._make_toggles()
        self._lay_out()
        self.set_compact(True)
        self.set_playing(False)

    def _make_steps(self) -> None:
        self._to_start = self._button("skip-back", "To the start", lambda: self._seek(self._range_us[0]))
        self._to_end = self._button("skip-forward", "To the end", lambda: self._seek(self._range_us[1] - 1))
        self._back = self._button("caret-left", "Step back", lambda: self.step_requested.emit(-1))
        self._forward = self._button("caret-right", "Step forward", lambda: self.step_requested.emit(1))
        for each in (self._back, self._forward):
            each.setAutoRepeat(True)
        self.play_button = button(self._theme, "", ButtonKind.PRIMARY)
        self.play_button.setFixedSize(self._theme.px(44), self._theme.px(30))
        self.play_button.clicked.connect(lambda: self.play_toggled.emit())
        self.unit_choice = QComboBox()
        self.unit_choice.setAccessibleName("Unit of a step")
        self.unit_choice.view().setAccessibleName("Units of a step")
        for unit, word in UNIT_WORDS.items():
            self.unit_choice.addItem(word, unit)
            self.unit_choice.setItemData(
                self.unit_choice.count() - 1, _UNIT_TIPS[unit], Qt.ItemDataRole.ToolTipRole
            )
        self.unit_choice.activated.connect(lambda _index: self.unit_chosen.emit(self.unit))
        self.unit_choice.currentIndexChanged.connect(lambda _index: self._tell_unit())
        self.set_unit(StepUnit.PRICE)

    def _button(self, icon: IconName, name: str, act: Callable[[], object]) -> QToolButton:
        made = tool_button(self._theme, icon, name)
        made.clicked.connect(lambda: act())
        return made

    def _make_toggles(self) -> None:
        self.loop_button = tool_button(self._theme, "repeat", "Loop", checkable=True)
        self.loop_button.setToolTip("Play the selection, or what is in view, again and again (R)")
        self.loop_button.clicked.connect(self.loop_toggled)
        self.quiet_button = tool_button(self._theme, "fast-forward", "Skip quiet", checkable=True)
        self.quiet_button.clicked.connect(self._on_quiet_clicked)
        self._quiet_menu = QMenu(self)
        lengths = QActionGroup(self)
        for longest_us, word in _QUIET_WORDS.items():
            action = self._quiet_menu.addAction(f"Longer than {word}")
            action.setCheckable(True)
            action.setData(longest_us)
            action.setChecked(longest_us == self.quiet_us)
            lengths.addAction(action)
        lengths.triggered.connect(self._on_quiet_length)
        self._quiet_more = self._menu_button("How long quiet must be to be skipped", self._quiet_menu)
        self.bookmark_button = tool_button(self._theme, "bookmark-simple", "Bookmark")
        self.bookmark_button.setToolTip("Bookmark this moment (B)")
        self.bookmark_button.clicked.connect(lambda: self.bookmark_requested.emit())
        self.bookmarks_button = tool_button(self._theme, "list-bullets", "All bookmarks")
        self.bookmarks_button.clicked.connect(lambda: self.bookmarks_requested.emit())
        self._tell_quiet()

    def _menu_button(self, name: str, menu: QMenu) -> QToolButton:
        made = tool_button(self._theme, "caret-down", name, size=12)
        made.setFixedSize(self._theme.px(24), self._theme.px(22))
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setMenu(menu)
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        row = QHBoxLayout()
        row.setContentsMargins(px(6), 0, px(6), 0)
        row.setSpacing(px(6))
        for widget in (self._to_start, self._back, self.play_button, self._forward, self._to_end):
            row.addWidget(widget)
        self._step_word = label("step", Role.SECONDARY)
        row.addWidget(self._step_word)
        row.addWidget(self.unit_choice)
        row.addSpacing(px(6))
        row.addWidget(self.time_field)
        row.addWidget(self._zone_label)
        row.addSpacing(px(6))
        self._speed_word = label("Speed", Role.SECONDARY)
        row.addWidget(self._speed_word)
        row.addWidget(self.speed)
        row.addSpacing(px(6))
        row.addWidget(self.reached.bar)
        row.addWidget(self.reached.words)
        row.addWidget(self.reached.counters, 1)
        row.addWidget(self._problem, 1)
        self._gap = QWidget()
        row.addWidget(self._gap, 1)
        for each in (
            self.loop_button,
            self.quiet_button,
            self._quiet_more,
            self.bookmark_button,
            self.bookmarks_button,
        ):
            row.addWidget(each)
        self._row = row
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(px(6), px(6), px(6), px(8))
        column.setSpacing(0)
        column.addWidget(self.overview)
        column.addStretch(1)
        column.addLayout(row)
        self._fitting = Fitting(
            row,
            [
                self.speed.show_slider,
                self.reached.show_counters,
                self._show_words,
                lambda shown: self._speed_word.setVisible(shown),
                lambda shown: self._step_word.setVisible(shown),
                self.speed.show_other,
                lambda shown: self.reached.bar.setVisible(shown),
                lambda shown: self._zone_label.setVisible(shown),
                lambda shown: self._quiet_more.setVisible(shown),
                self._show_ends,
                lambda shown: self.unit_choice.setVisible(shown),
                self.speed.show_usual,
            ],
        )

    def _show_words(self, shown: bool) -> None:
        """Let the buttons at the right say in words what they do, where there is room."""
        style = Qt.ToolButtonStyle
        for each in (self.quiet_button, self.bookmark_button):
            each.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly)
            width = each.fontMetrics().horizontalAdvance(each.text()) + self._theme.px(38)
            each.setFixedWidth(width if shown else self._theme.px(24))

    def _show_ends(self, shown: bool) -> None:
        self._to_start.setVisible(shown)
        self._to_end.setVisible(shown)

    def set_compact(self, is_compact: bool) -> None:
        """Be lower, for a window that is."""
        self.setFixedHeight(self._theme.px(_COMPACT_HEIGHT_PX if is_compact else _HEIGHT_PX))
        self.overview.set_compact(is_compact)

    # What is shown

    def set_range(self, start_us: int, end_us: int) -> None:
        """Span another range [from, to)."""
        self._range_us = (start_us, end_us)
        self.time_field.set_range(start_us, end_us)
        self.overview.set_range(start_us, end_us)
        self.set_now(start_us)

    def set_now(self, now_us: int) -> None:
        """Show where the replay is."""
        self.overview.set_now(now_us)
        self.reached.set_end(self._range_us[0] < now_us >= self._range_us[1] - 1)
        self._show_time()

    def set_playing(self, is_playing: bool) -> None:
        """Show that it plays, or that it is paused."""
        self._is_playing = is_playing
        name = "Pause" if is_playing else "Play"
        self._theme.bind_icon(self.play_button, "pause-fill" if is_playing else "play-fill", "on_accent", 16)
        self.play_button.setAccessibleName(name)
        self.play_button.setToolTip(f"{name} (Space)")
        self.reached.set_playing(is_playing)

    def set_speed(self, speed: float | None) -> None:
        """Show the wanted speed; None is as fast as the machine goes."""
        self.speed.set_speed(speed)

    def set_reached(self, reached: Reached) -> None:
        """Show what is reached."""
        self.reached.show(reached, self.speed.speed)

    @property
    def unit(self) -> StepUnit:
        """The unit of a step."""
        return StepUnit(self.unit_choice.currentData())

    def set_unit(self, unit: StepUnit) -> None:
        """Show another unit without telling anyone."""
        self.unit_choice.setCurrentIndex(list(UNIT_WORDS).index(unit))

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Show the stretch that is played again and again, or that there is none."""
        self.loop_button.setChecked(loop is not None)
        self.overview.set_loop(loop)

    def set_quiet(self, longest_us: int | None) -> None:
        """Show from which length on quiet is skipped, or that it is not."""
        self.quiet_button.setChecked(longest_us is not None)
        if longest_us is not None:
            self.quiet_us = longest_us
            for action in self._quiet_menu.actions():
                action.setChecked(action.data() == longest_us)
        self._tell_quiet()

    def edit_time(self) -> None:
        """Let the user type a time."""
        self.time_field.edit()

    def take_focus(self) -> None:
        """Bring the keyboard back to play and pause, so that single letters are shortcuts again."""
        self.play_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def problem(self) -> str:
        """Give what is wrong with what was typed; empty when nothing is."""
        return self._problem.text()

    # What is asked for

    def _seek(self, at_us: int) -> None:
        self.seek_requested.emit(at_us)

    def _on_dragged(self, at_us: int) -> None:
        self._show_time()
        self.seek_previewed.emit(at_us)

    def _on_chosen(self, at_us: int) -> None:
        self._show_time()
        self.seek_requested.emit(at_us)

    def _show_time(self) -> None:
        self.time_field.show_moment(self.overview.position_us)
        self._zone_label.set_moment(self.overview.position_us)

    def _on_time_typed(self, at_us: int) -> None:
        self.take_focus()
        self.seek_requested.emit(at_us)

    def _on_speed_chosen(self, speed: float | None) -> None:
        if self.speed.field.hasFocus():
            self.take_focus()
        self.speed_chosen.emit(speed)

    def _on_quiet_clicked(self, is_on: bool) -> None:
        self._tell_quiet()
        self.quiet_chosen.emit(self.quiet_us if is_on else None)

    def _on_quiet_length(self, action: QAction) -> None:
        self.set_quiet(int(action.data()))
        self.quiet_chosen.emit(self.quiet_us)

    def _tell_quiet(self) -> None:
        usual = _QUIET_WORDS.get(self.quiet_us)
        length = usual or format_duration_s(self.quiet_us / US_PER_SECOND)
        self.quiet_button.setToolTip(f"Jump over time in which nothing happens for longer than {length}")

    def _tell_unit(self) -> None:
        word = UNIT_WORDS[self.unit].lower()
        self.unit_choice.setToolTip(f"{_UNIT_TIPS[self.unit]} (U for the next unit)")
        self._back.setToolTip(f"Step back by a {word} (,)")
        self._forward.setToolTip(f"Step forward by a {word} (.)")

    def show_problem(self, problem: str) -> None:
        """Say what cannot be done and why; empty when that is over."""
        if problem == self._problem.text():
            return
        self._problem.setText(problem)
        if problem:
            announce(self, problem)
        self._problem.setVisible(bool(problem))
        self._problem.setMinimumWidth(self._theme.px(_PROBLEM_PX) if problem else 0)
        self.reached.set_hidden(bool(problem))
        self._gap.setVisible(not problem)
        self._on_widened()

    def _on_widened(self) -> None:
        self._fitting.measure_anew()
        self._fit()

    def _fit(self) -> None:
        self._fitting.fit(self.width() - 2 * self._theme.px(6))

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as what is always there needs."""
        margins = self.contentsMargins()
        width = self._fitting.least_width() + margins.left() + margins.right() + 2 * self._theme.px(6)
        return QSize(width, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what there is room for."""
        super().resizeEvent(event)
        self._fit()
