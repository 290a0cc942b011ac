"""The Replay workspace: what the frames of one player look like, and the controls that drive it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_speed
from tickreel.replay.speed import FASTEST, SLOWEST
from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    DockTitle,
    ElidedLabel,
    EmptyState,
    button,
    label,
)
from tickreel_desktop.replay.depth import DepthChart
from tickreel_desktop.replay.strips import TouchStrips
from tickreel_desktop.replay.transport import Transport
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import range_text

if TYPE_CHECKING:
    from tickreel.replay import Frame
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.readout import BookReadout
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SKIP_US = 30 * US_PER_SECOND
_RATE_WINDOW_S = 1.0
_TELL_EVERY_S = 0.25
"""How often figures that are read, not watched, change."""


class ReplayWorkspace(QWidget):
    """Show one replay at a time; without one, say how to get one."""

    sample_requested = Signal()
    data_requested = Signal()
    setup_requested = Signal()

    def __init__(
        self, theme: Theme, zone: DisplayZone, readout: BookReadout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.replay.page")
        self._theme = theme
        self._zone = zone
        self._readout = readout
        self._player: Player | None = None
        self._played: deque[tuple[float, int]] = deque()
        self._told_s = 0.0

        self._empty = self._make_empty()
        self._waiting = EmptyState(theme, "clock", "Opening", "Reading the days of this replay.")
        self.strips = TouchStrips(theme, zone)
        self.depth_chart = DepthChart(theme)
        self.transport = Transport(theme, zone)
        self._symbol = label("", Role.SECTION)
        self._range = ElidedLabel("")
        self._slow = Banner(theme, BannerKind.WARNING, "")
        self._slow.hide()
        self._stack = QStackedWidget()
        for page in (self._empty, self._waiting, self._make_stage()):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack)
        self._connect()

    def _make_empty(self) -> EmptyState:
        self._sample_button = sample = button(self._theme, "Open sample", ButtonKind.PRIMARY)
        sample.clicked.connect(lambda: self.sample_requested.emit())
        choose = button(self._theme, "Choose a dataset")
        choose.clicked.connect(lambda: self.data_requested.emit())
        return EmptyState(
            self._theme,
            "play-circle",
            "No replay open",
            "A replay plays the order book of a dataset as it was, at any speed. "
            "Start with the sample, or double-click a dataset.",
            [sample, choose],
        )

    def _make_stage(self) -> QWidget:
        stage = QFrame()
        set_role(stage, Role.WINDOW)
        bar = QFrame()
        set_role(bar, Role.BAR)
        bar.setFixedHeight(self._theme.px(36))
        row = QHBoxLayout(bar)
        row.setContentsMargins(self._theme.px(12), 0, self._theme.px(8), 0)
        row.setSpacing(self._theme.px(8))
        row.addWidget(self._symbol)
        set_role(self._range, Role.CAPTION)
        row.addWidget(self._range, 1)
        setup = button(self._theme, "Set-up", ButtonKind.FLAT, icon="sliders-horizontal")
        setup.clicked.connect(lambda: self.setup_requested.emit())
        row.addWidget(setup)
        self.command_button = button(self._theme, "Copy as command", ButtonKind.FLAT, icon="terminal-window")
        row.addWidget(self.command_button)

        charts = QSplitter(Qt.Orientation.Horizontal)
        charts.setObjectName("layout.replay.charts")
        charts.setChildrenCollapsible(False)
        over_time = DockTitle(self._theme, "Mid and spread", "best prices over time")
        charts.addWidget(_titled(over_time, self.strips.make_window_choice(), self.strips))
        depth = DockTitle(self._theme, "Depth")
        charts.addWidget(_titled(depth, self.depth_chart.make_span_choice(), self.depth_chart))
        charts.setStretchFactor(0, 3)
        charts.setStretchFactor(1, 2)

        column = QVBoxLayout(stage)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._slow)
        column.addWidget(charts, 1)
        column.addWidget(self.transport)
        self._stage = stage
        return stage

    def _connect(self) -> None:
        transport = self.transport
        transport.play_toggled.connect(self.toggle)
        transport.speed_chosen.connect(self.set_speed)
        transport.seek_requested.connect(self.seek)
        transport.seek_previewed.connect(self.seek)
        self.strips.seek_requested.connect(self.seek)
        self.depth_chart.cursor_moved.connect(self._readout.set_cursor)
        self._zone.changed.connect(self._show_range)

    @property
    def player(self) -> Player | None:
        """The replay that is shown."""
        return self._player

    def title(self) -> str:
        """Say in a few words what is shown."""
        if self._player is None:
            return "Replay"
        return f"Replay: {self._player.request.exchange} {self._player.request.symbol}"

    def take_focus(self) -> None:
        """Take the keyboard, so that Space plays and pauses."""
        if self._player is not None:
            self.transport.take_focus()
        else:
            self._sample_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_waiting(self, heading: str, text: str) -> None:
        """Say what is being waited for."""
        self._waiting.set_text(heading, text)
        self._stack.setCurrentWidget(self._waiting)

    def show_player(self, player: Player) -> None:
        """Show another replay; its first frame brings the charts to life."""
        self._player = player
        self._played.clear()
        request = player.request
        self._symbol.setText(f"{request.exchange} {request.symbol}")
        self._show_range()
        self.transport.set_range(request.start_us, request.end_us)
        self.transport.set_speed(request.plan.speed)
        self.strips.set_range(request.start_us, request.end_us)
        self.depth_chart.clear_history()
        self.depth_chart.set_book(None)
        self._readout.set_frame(None)
        player.frame_ready.connect(self._on_frame)
        player.playing_changed.connect(self._on_playing_changed)
        self._stack.setCurrentWidget(self._stage)
        self.transport.take_focus()

    def _show_range(self) -> None:
        if self._player is not None:
            request = self._player.request
            self._range.setText(range_text(self._zone.zone, request.start_us, request.end_us))

    def clear(self) -> None:
        """Show nothing but the way to a replay."""
        self._player = None
        self._readout.set_frame(None)
        self._stack.setCurrentWidget(self._empty)

    def toggle(self) -> None:
        """Play or pause."""
        if self._player is not None:
            self._player.toggle()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed; None is as fast as the machine goes."""
        if self._player is not None:
            self._player.set_speed(speed)
            self.transport.set_speed(speed)

    def scale_speed(self, factor: float) -> None:
        """Multiply the speed; as fast as possible stays what it is."""
        if self._player is not None and self._player.clock.speed is not None:
            self.set_speed(min(max(self._player.clock.speed * factor, SLOWEST), FASTEST))

    def seek(self, at_us: int) -> None:
        """Go to a moment."""
        if self._player is not None:
            self._player.seek(at_us)

    def skip(self, direction: int) -> None:
        """Go 30 s of market time back (-1) or forward (1)."""
        if self._player is not None:
            self._player.seek(self._player.clock.reached_us + direction * _SKIP_US)

    def to_start(self) -> None:
        """Go to the first moment of the range."""
        if self._player is not None:
            self._player.seek(self._player.request.start_us)

    def _on_playing_changed(self, is_playing: bool) -> None:
        self.transport.set_playing(is_playing)
        self._played.clear()
        if not is_playing:
            self.transport.set_achieved(None, 0.0)
            self._slow.hide()

    def _on_frame(self, frame: Frame) -> None:
        shown = frame.symbols[0]
        if frame.is_jump:
            self.strips.replace(shown.touch)
        else:
            self.strips.append(shown.touch)
        self.strips.set_now(frame.at_us)
        if shown.book is not None:
            self.depth_chart.set_book(shown.book)
        self._readout.set_frame(shown)
        self.transport.set_now(frame.at_us)
        self._tell_speed(frame)

    def _tell_speed(self, frame: Frame) -> None:
        """Measure rows a second, and say when the machine cannot keep up."""
        now_s = time.monotonic()
        self._played.append((now_s, frame.rows_since))
        while now_s - self._played[0][0] > _RATE_WINDOW_S:
            self._played.popleft()
        if self._player is None or not self._player.clock.is_playing or now_s - self._told_s < _TELL_EVERY_S:
            return
        self._told_s = now_s
        clock = self._player.clock
        achieved = clock.achieved_speed()
        span_s = now_s - self._played[0][0]
        rows = sum(rows for _, rows in self._played)
        self.transport.set_achieved(achieved, rows / span_s if span_s > 0 else 0.0)
        is_slow = clock.speed is not None and achieved is not None and achieved < 0.9 * clock.speed
        if is_slow and clock.speed is not None and achieved is not None:
            self._slow.set_text(
                f"Playing at {format_speed(achieved)} of {format_speed(clock.speed)}: this machine is at "
                "its limit. Time slows, no event is left out."
            )
        self._slow.setVisible(is_slow)


def _titled(title: DockTitle, choice: QWidget, content: QWidget) -> QWidget:
    """Put a chart below its title and the choice of what it shows."""
    panel = QFrame()
    set_role(panel, Role.PANEL)
    title.add_control(choice)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(title)
    column.addWidget(content, 1)
    return panel
