"""The controls at the foot of a replay: where in the range, play and pause, the time, the speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import day_of
from tickreel.market.units import format_count, format_speed
from tickreel_desktop.components import (
    BarState,
    ButtonKind,
    ElidedLabel,
    ProgressBar,
    Tone,
    button,
    label,
    tool_button,
)
from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.overview import Overview
from tickreel_desktop.replay.speed import SpeedChoice, TypedField
from tickreel_desktop.theme import FontRole, Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property
from tickreel_desktop.zone import ZoneLabel
from tickreel_desktop.zone.times import field_text, range_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.zone import DisplayZone
    from tickreel_resources import IconName

_SLOW_BELOW = 0.98
_COUNTERS_FROM_PX = 1150
_SPEEDS_FROM_PX = 900
"""Width from which on the usual speeds fit in as buttons."""
_STAMP_SAMPLE = "2024-08-05 13:32:00.114 "
_LONG_STAMP_SAMPLE = f"{_STAMP_SAMPLE}+01:00 "
"""In an hour that the clocks show twice."""


class Transport(QFrame):
    """Drive a replay; it only asks, and shows what it is told."""

    play_toggled = Signal()
    speed_chosen = Signal(object)
    """Market seconds per second (float), or None for as fast as the machine goes."""
    seek_requested = Signal(object)
    """An instant to go to (microseconds, int)."""
    seek_previewed = Signal(object)
    """The instant under a pointer that still drags (microseconds, int); may come often."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, *, compact: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.FOOT)
        self.setFixedHeight(theme.px(104 if compact else 128))
        self._theme = theme
        self._zone = zone
        self._range_us = (0, 1)
        self._now_us = 0
        self._is_playing = False
        self._fits = ""
        self.overview = Overview(theme, zone)
        self.overview.moved.connect(self._on_dragged)
        self.overview.chosen.connect(self._on_chosen)

        self._to_start = self._step_button("skip-back", "To the start", lambda: self._range_us[0])
        self._to_end = self._step_button("skip-forward", "To the end", lambda: self._range_us[1] - 1)
        self.play_button = button(theme, "", ButtonKind.PRIMARY)
        self.play_button.setFixedSize(theme.px(44), theme.px(30))
        self.play_button.clicked.connect(lambda: self.play_toggled.emit())
        self.time_field = TypedField()
        self.time_field.setFont(theme.font(FontRole.MONO))
        self.time_field.setToolTip(
            "Type a time and press Enter: 13:32, or 2024-08-05 13:32:00.114; with Z at its end it is UTC"
        )
        self.time_field.returnPressed.connect(self._on_time_typed)
        self.time_field.left.connect(self._on_time_left)
        self._zone_label = ZoneLabel(zone)
        self.speed = SpeedChoice(theme)
        self.speed.chosen.connect(self._on_speed_chosen)
        self.speed.refused.connect(self._show_problem)
        self._achieved_bar = ProgressBar("Reached part of the wanted speed")
        self._achieved_bar.setFixedWidth(theme.px(44))
        self._achieved = label("", Role.VALUE)
        self._achieved.setFixedWidth(theme.px(104))
        self._counters = ElidedLabel("")
        set_role(self._counters, Role.CAPTION)
        self._problem = ElidedLabel("")
        set_role(self._problem, Role.ERROR)
        self._problem.hide()
        self._lay_out()
        zone.changed.connect(self._on_zone_changed)
        self._on_zone_changed()
        self.set_playing(False)
        self.set_achieved(None, 0.0)

    def _step_button(self, icon: IconName, name: str, target: Callable[[], int]) -> QWidget:
        made = tool_button(self._theme, icon, name)
        made.clicked.connect(lambda: self.seek_requested.emit(target()))
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        row = QHBoxLayout()
        row.setContentsMargins(px(6), 0, px(6), 0)
        row.setSpacing(px(6))
        for widget in (self._to_start, self.play_button, self._to_end):
            row.addWidget(widget)
        row.addSpacing(px(6))
        row.addWidget(self.time_field)
        row.addWidget(self._zone_label)
        row.addSpacing(px(10))
        row.addWidget(label("Speed", Role.SECONDARY))
        row.addWidget(self.speed)
        row.addSpacing(px(10))
        row.addWidget(self._achieved_bar)
        row.addWidget(self._achieved)
        row.addWidget(self._counters, 1)
        row.addWidget(self._problem, 1)
        self._counters_gap = QWidget()
        row.addWidget(self._counters_gap, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(6), px(8), px(6), px(10))
        column.setSpacing(0)
        column.addWidget(self.overview)
        column.addStretch(1)
        column.addLayout(row)

    def set_range(self, start_us: int, end_us: int) -> None:
        """Span another range [from, to)."""
        self._range_us = (start_us, end_us)
        self.overview.set_range(start_us, end_us)
        self.set_now(start_us)

    def set_now(self, now_us: int) -> None:
        """Show where the replay is."""
        self._now_us = now_us
        self.overview.set_now(now_us)
        self._show_time()

    def set_playing(self, is_playing: bool) -> None:
        """Show that it plays, or that it is paused."""
        self._is_playing = is_playing
        name = "Pause" if is_playing else "Play"
        self._theme.bind_icon(self.play_button, "pause-fill" if is_playing else "play-fill", "on_accent", 16)
        self.play_button.setAccessibleName(name)
        self.play_button.setToolTip(f"{name} (Space)")
        if not is_playing:
            self.set_achieved(None, 0.0)

    def set_speed(self, speed: float | None) -> None:
        """Show the wanted speed; None is as fast as the machine goes."""
        self.speed.set_speed(speed)

    def set_achieved(self, achieved: float | None, rows_per_s: float) -> None:
        """Show the speed that is reached, None when it is not known, and the rows played a second."""
        counters = f"{format_count(round(rows_per_s))} rows/s" if self._is_playing else ""
        self._counters.setText(counters)
        if not self._is_playing:
            is_end = self._range_us[0] < self._now_us >= self._range_us[1] - 1
            text, share, tone = "ended" if is_end else "paused", 0.0, Tone.NEUTRAL
        elif achieved is None:
            text, share, tone = "starting", 0.0, Tone.NEUTRAL
        else:
            wanted = self.speed.speed
            share = 1.0 if wanted is None else min(1.0, achieved / wanted)
            # Up to the threshold it keeps up: a measured speed trembles.
            is_slow = wanted is not None and share < _SLOW_BELOW
            shown = wanted if wanted is not None and not is_slow else achieved
            text, tone = f"doing {format_speed(shown)}", Tone.WARNING if is_slow else Tone.NEUTRAL
        is_slow = tone is Tone.WARNING
        self._achieved.setText(text)
        set_style_property(self._achieved, "tone", str(tone))
        self._achieved_bar.set_fraction(share, BarState.SLOWED if is_slow else BarState.MOVING)
        tip = "The machine is slower than wanted: time slows, nothing is left out" if is_slow else ""
        self._achieved.setToolTip("\n".join(filter(None, (tip, counters))))

    def achieved_text(self) -> str:
        """Give what it says of the speed that is reached."""
        return self._achieved.text()

    def edit_time(self) -> None:
        """Let the user type a time."""
        self.time_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.time_field.selectAll()

    def problem(self) -> str:
        """Give what is wrong with what was typed; empty when nothing is."""
        return self._problem.text()

    def _show_time(self) -> None:
        text = field_text(self._zone.zone, self.overview.position_us, decimals=3)
        sample = _STAMP_SAMPLE if len(text) <= len(_STAMP_SAMPLE) else _LONG_STAMP_SAMPLE
        if sample != self._fits:
            self._fits = sample
            width = self.time_field.fontMetrics().horizontalAdvance(sample)
            self.time_field.setFixedWidth(width + self._theme.px(22))
        self.time_field.show_text(text)
        self._zone_label.set_moment(self.overview.position_us)

    def _on_zone_changed(self) -> None:
        self.time_field.setAccessibleName(f"Time, {self._zone.name}")
        self._show_time()

    def _on_dragged(self, at_us: int) -> None:
        self._show_time()
        self.seek_previewed.emit(at_us)

    def _on_chosen(self, at_us: int) -> None:
        self._now_us = at_us
        self._show_time()
        self.seek_requested.emit(at_us)

    def _on_speed_chosen(self, speed: float | None) -> None:
        if self.speed.field.hasFocus():
            self.take_focus()
        self.speed_chosen.emit(speed)

    def _on_time_typed(self) -> None:
        start_us, end_us = self._range_us
        try:
            at_us = self._parse_time(self.time_field.text())
            if not start_us <= at_us < end_us:
                raise UsageError(f"the replay goes from {range_text(self._zone.zone, start_us, end_us)}")
        except UsageError as error:
            self.time_field.set_problem(str(error))
            self._show_problem(str(error))
            return
        self.time_field.setModified(False)
        self.time_field.set_problem("")
        self._show_problem("")
        self.take_focus()
        self.seek_requested.emit(at_us)

    def _parse_time(self, text: str) -> int:
        """Read a time; one without a day is of the day that is shown."""
        text, zone = text.strip(), self._zone.zone
        has_day = "-" in text[:5] or text.isdigit()
        if has_day:
            return zone.parse(text)
        day = day_of(self._now_us) if text.endswith("Z") else zone.day_of(self._now_us)
        return zone.parse(f"{day.isoformat()} {text}")

    def take_focus(self) -> None:
        """Bring the keyboard back to play and pause, so that single letters are shortcuts again."""
        self.play_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_time_left(self) -> None:
        self.time_field.set_problem("")
        self._show_problem("")
        self._show_time()

    def _show_problem(self, problem: str) -> None:
        if problem == self._problem.text():
            return
        self._problem.setText(problem)
        if problem:
            announce(self, problem)
        self._share_out()

    def _share_out(self) -> None:
        """Give the rest of the row to the problem, else to the counters where they fit, else to nothing."""
        has_problem = bool(self._problem.text())
        has_room = self.width() >= self._theme.px(_COUNTERS_FROM_PX)
        self._problem.setVisible(has_problem)
        self._counters.setVisible(has_room and not has_problem)
        self._counters_gap.setVisible(not has_room and not has_problem)
        self.speed.set_narrow(self.width() < self._theme.px(_SPEEDS_FROM_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep to the tool-tip and the field what there is no room for."""
        super().resizeEvent(event)
        self._share_out()
