"""The Replay workspace: what the frames of one player look like, and the controls that drive it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.components import (
    ButtonKind,
    ElidedLabel,
    EmptyState,
    button,
    label,
)
from tickreel_desktop.replay.clock_choice import ClockChoice
from tickreel_desktop.replay.controls import ReplayControls
from tickreel_desktop.replay.heatmap import (
    make_column_choice,
    make_group_choice,
    make_measure_choice,
    make_size_choice,
)
from tickreel_desktop.replay.naming import spell_symbols
from tickreel_desktop.replay.panels import ReplayPanels
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.replay.stage import ReplayStage
from tickreel_desktop.replay.symbols.bar import SymbolBar
from tickreel_desktop.replay.transport import Transport
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import range_text

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel.replay import Frame
    from tickreel_desktop.components import Banner
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.readout import BookReadout
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_WORDS_FROM_PX, _CLOCK_FROM_PX, _CELL_FROM_PX, _SIZE_FROM_PX = 1240, 980, 840, 700
"""Widths from which on the bar has room for the names of its choices, and for the less needed of them."""
_COMPACT_BELOW_PX = 900
"""Height of the window below which the transport is lower."""


class ReplayWorkspace(QWidget):
    """Show one replay at a time; without one, say how to get one."""

    sample_requested = Signal()
    data_requested = Signal()
    setup_requested = Signal()
    leave_requested = Signal()
    """What is being opened is not wanted any more."""
    player_changed = Signal()
    """Another replay is shown, or none."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, readout: BookReadout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.replay.page")
        self._theme = theme
        self._zone = zone
        self._readout = readout
        self._player: Player | None = None

        self._empty = self._make_empty()
        self.leave_button = button(theme, "Cancel")
        self.leave_button.clicked.connect(lambda: self.leave_requested.emit())
        self._waiting = EmptyState(
            theme, "clock", "Opening", "Reading the days of this replay.", [self.leave_button]
        )
        self.shared = SharedView(self)
        self.panels = ReplayPanels(theme, zone, self.shared)
        self.transport = Transport(theme, zone, self.shared)
        self.controls = ReplayControls(theme, zone, self.transport, self.shared, self)
        self.stage = ReplayStage(theme, self.panels, self.shared, self.controls.seek)
        self.symbol_bar = SymbolBar(theme, self.panels.company, self.shared)
        self.clock_choice = ClockChoice(theme)
        self._name = label("", Role.SECTION)
        self._range = ElidedLabel("")
        self._room_wanted: dict[QWidget, int] = {}
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
        row.addWidget(self._name)
        set_role(self._range, Role.CAPTION)
        row.addWidget(self._range, 1)
        heatmap = self.panels.heatmap
        for name, choice, least_px in (
            ("Group", make_group_choice(heatmap), 0),
            ("Column", make_column_choice(heatmap), 0),
            ("Cell", make_measure_choice(self._theme, heatmap), _CELL_FROM_PX),
            ("Size from", make_size_choice(heatmap), _SIZE_FROM_PX),
        ):
            word = label(name, Role.SECONDARY)
            row.addWidget(word)
            row.addWidget(choice)
            self._room_wanted[word] = _WORDS_FROM_PX
            self._room_wanted[choice] = least_px
        row.addWidget(self.clock_choice)
        self._room_wanted[self.clock_choice] = _CLOCK_FROM_PX
        setup = button(self._theme, "Set-up", ButtonKind.FLAT, icon="sliders-horizontal")
        setup.clicked.connect(lambda: self.setup_requested.emit())
        row.addWidget(setup)
        self.command_button = button(self._theme, "Copy as command", ButtonKind.FLAT, icon="terminal-window")
        row.addWidget(self.command_button)

        column = QVBoxLayout(stage)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.symbol_bar)
        column.addWidget(self.controls.stop_banner)
        column.addWidget(self.controls.slow_banner)
        column.addWidget(self.panels, 1)
        column.addWidget(self.transport)
        self._stage, self._column = stage, column
        return stage

    def add_banner(self, banner: Banner) -> None:
        """Put a banner above the charts."""
        self._column.insertWidget(self._column.indexOf(self.panels), banner)

    def _connect(self) -> None:
        self.shared.cursor_changed.connect(lambda: self._readout.set_cursor(self.shared.cursor.price))
        self._zone.changed.connect(self._show_range)
        self.symbol_bar.leave_wanted.connect(self.stage.leave_out)
        self.clock_choice.latency_chosen.connect(self.set_latency)
        self.stage.symbols_changed.connect(self._show_names)

    @property
    def player(self) -> Player | None:
        """The replay that is shown."""
        return self._player

    def title(self) -> str:
        """Say in a few words what is shown."""
        if self._player is None:
            return "Replay"
        return f"Replay: {spell_symbols(self._player.request.plan.symbols)}"

    def take_focus(self) -> None:
        """Take the keyboard, so that Space plays and pauses."""
        if self._player is not None:
            self.transport.take_focus()
        else:
            self._sample_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_waiting(self, heading: str, text: str, *, can_leave: bool = False) -> None:
        """Say what is being waited for, and let it be left if that may take long."""
        self._waiting.set_text(heading, text)
        self.leave_button.setVisible(can_leave)
        self._stack.setCurrentWidget(self._waiting)

    def show_player(self, player: Player) -> None:
        """Take another replay; :meth:`reveal` shows it, and its first frame brings the charts to life.

        Each of both takes much of the time that a handler may.
        """
        self._player = player
        request = player.request
        self.clock_choice.take(request.plan)
        self._show_range()
        self.shared.begin(request.start_us, request.end_us)
        self.controls.show_player(player)
        self._readout.set_frame(None)
        self.stage.show_player(player)
        self._show_names()
        player.frame_ready.connect(self._on_frame)
        self.player_changed.emit()

    def reveal(self) -> None:
        """Bring the charts into view, and give the keyboard to the transport."""
        self._stack.setCurrentWidget(self._stage)
        self.transport.take_focus()

    def set_latency(self, latency_us: int) -> None:
        """Let what is known lag by so much."""
        self.stage.set_latency(latency_us)
        if self._player is not None:
            self.clock_choice.take(self._player.request.plan)

    def _show_names(self) -> None:
        symbol = self.stage.symbol
        if symbol is not None:
            self._name.setText(spell_symbols((symbol,)))

    def _show_range(self) -> None:
        if self._player is not None:
            request = self._player.request
            self._range.setText(range_text(self._zone.zone, request.start_us, request.end_us))

    def clear(self) -> None:
        """Show nothing but the way to a replay."""
        self._player = None
        self.controls.clear()
        self.stage.clear()
        self._readout.set_frame(None)
        self._stack.setCurrentWidget(self._empty)
        self.player_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lower the transport in a window that is low, and leave out of the bar what has no room."""
        super().resizeEvent(event)
        self.panels.fit(self.width())
        for part, least_px in self._room_wanted.items():
            part.setVisible(self.width() >= self._theme.px(least_px))
        is_compact = self.window().height() < self._theme.px(_COMPACT_BELOW_PX)
        self.transport.set_compact(is_compact)
        self.panels.set_compact(is_compact=is_compact)

    def _on_frame(self, frame: Frame) -> None:
        self._readout.set_frame(frame.symbols[self.stage.symbol_index])
