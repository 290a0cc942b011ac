"""Joins the transport with the player that is open: every verb of a replay once, whoever asks for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_speed
from tickreel.replay import BandKind
from tickreel.replay.speed import FASTEST, SLOWEST
from tickreel_desktop.components import Banner, BannerKind
from tickreel_desktop.replay.band_words import band_word, stretch_text
from tickreel_desktop.replay.player import StepUnit
from tickreel_desktop.replay.reached import ReachedMeter

if TYPE_CHECKING:
    from tickreel.replay import Frame, Note
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.reached import Reached
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.transport import Transport
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SKIP_US = 30 * US_PER_SECOND
_TELL_EVERY_S = 0.25
"""How often figures that are read, not watched, change."""
_SLOW_BELOW = 0.9
_SLOW_STAYS_S = 3.0
"""So long the banner stays at least: each time it comes or goes, all charts have another size."""
_OF_DAYS = (BandKind.USABLE, BandKind.BAD, BandKind.MISSING)


class ReplayControls(QObject):
    """The verbs of the replay that is open; without one they do nothing.

    :attr:`stop_banner` and :attr:`slow_banner` are to be put above the charts, never over the transport.
    """

    moved = Signal()
    """The user went somewhere else, by a seek or a step."""
    toggles_changed = Signal()
    """Loop, skipping of quiet or the unit of steps is another."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        transport: Transport,
        shared: SharedView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._zone = zone
        self._transport = transport
        self._shared = shared
        self._player: Player | None = None
        self._loop: tuple[int, int] | None = None
        self._quiet_us: int | None = None
        self._meter = ReachedMeter()
        self._told_s = 0.0
        self._slow_until_s = 0.0
        self.stop_banner = Banner(theme, BannerKind.WARNING, "", action="Go on", closable=True)
        self.stop_banner.hide()
        self.stop_banner.action_triggered.connect(self.play)
        self.slow_banner = Banner(theme, BannerKind.WARNING, "")
        self.slow_banner.hide()
        transport.play_toggled.connect(self.toggle)
        transport.speed_chosen.connect(self.set_speed)
        transport.seek_requested.connect(self.seek)
        transport.seek_previewed.connect(self.seek)
        transport.step_requested.connect(self.step)
        transport.unit_chosen.connect(lambda _unit: self.toggles_changed.emit())
        transport.loop_toggled.connect(self.set_looping)
        transport.quiet_chosen.connect(self.skip_quiet)
        shared.selection_changed.connect(self._on_selection_changed)

    # Whose they are

    @property
    def player(self) -> Player | None:
        """The replay that is open."""
        return self._player

    def show_player(self, player: Player) -> None:
        """Drive another replay."""
        self._player = player
        plan = player.request.plan
        self._meter = ReachedMeter()
        self._transport.set_range(player.request.start_us, player.request.end_us)
        self._transport.set_speed(plan.speed)
        self._transport.set_playing(player.clock.is_playing)
        self._show_loop(None if plan.loop is None else (plan.loop.from_us, plan.loop.to_us))
        self._show_quiet(plan.skip_quiet_us)
        self.stop_banner.hide()
        self.slow_banner.hide()
        player.frame_ready.connect(self._on_frame)
        player.playing_changed.connect(self._on_playing_changed)
        player.stopped.connect(self._on_stopped)
        player.refused.connect(self._transport.show_problem)

    def clear(self) -> None:
        """Drive none."""
        self._player = None
        self.stop_banner.hide()
        self.slow_banner.hide()

    # Verbs

    def play(self) -> None:
        """Let it run."""
        if self._player is not None:
            self._player.play()

    def toggle(self) -> None:
        """Play or pause."""
        if self._player is not None:
            self._player.toggle()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed; None is as fast as the machine goes."""
        if self._player is not None:
            self._player.set_speed(speed)
            self._transport.set_speed(speed)

    def scale_speed(self, factor: float) -> None:
        """Multiply the speed; as fast as possible stays what it is."""
        if self._player is not None and self._player.clock.speed is not None:
            self.set_speed(min(max(self._player.clock.speed * factor, SLOWEST), FASTEST))

    def seek(self, at_us: int) -> None:
        """Go to a moment."""
        if self._player is not None:
            self.moved.emit()
            self._transport.show_problem("")
            self._player.seek(at_us)

    def skip(self, direction: int) -> None:
        """Go 30 s of market time back (-1) or forward (1); what plays plays on."""
        if self._player is not None:
            self.seek(self._player.clock.reached_us + direction * _SKIP_US)

    def to_start(self) -> None:
        """Go to the first moment of the range."""
        if self._player is not None:
            self.seek(self._player.request.start_us)

    def to_end(self) -> None:
        """Go to the last moment of the range."""
        if self._player is not None:
            self.seek(self._player.request.end_us - 1)

    def step(self, count: int) -> None:
        """Go by so many of the unit that is chosen, back below 0, and pause."""
        if self._transport.unit is StepUnit.HEALTH:
            self.step_health(count)
        elif self._player is not None:
            self.moved.emit()
            self._transport.show_problem("")
            self._player.step(self._transport.unit, count)

    def step_health(self, count: int) -> None:
        """Go to where something about the quality of the data begins or is over, and pause."""
        if self._player is None:
            return
        if self._has_no_health(count):
            where = "after" if count > 0 else "before"
            self._transport.show_problem(f"no health event {where} this moment")
            return
        self.moved.emit()
        self._transport.show_problem("")
        self._player.step(StepUnit.HEALTH, count)

    def _has_no_health(self, count: int) -> bool:
        """Tell whether it is known that there is none; a step would go to the end of the range then."""
        player, outlines = self._player, self._transport.overview.outlines
        if player is None or not outlines or not all(one.is_whole for one in outlines):
            return False
        if len(player.request.plan.symbols) > 1:  # the overview shows one of them
            return False
        now_us, start_us, end_us = player.clock.reached_us, player.request.start_us, player.request.end_us
        if (outlines[0].from_us, outlines[-1].to_us) != (start_us, end_us):
            return False
        edges = (
            us
            for one in outlines
            for band in one.bands
            if band.kind not in _OF_DAYS
            for us in (band.from_us, band.to_us)
            if start_us <= us < end_us
        )
        return not any((us > now_us) if count > 0 else (us < now_us) for us in edges)

    def cycle_unit(self) -> None:
        """Let steps go by the next unit."""
        units = list(StepUnit)
        self._transport.set_unit(units[(units.index(self._transport.unit) + 1) % len(units)])
        self.toggles_changed.emit()

    @property
    def is_looping(self) -> bool:
        """Whether a stretch is played again and again."""
        return self._loop is not None

    def set_looping(self, is_on: bool) -> None:
        """Play the selection, else what is in view, again and again; or go on."""
        player = self._player
        if player is None:
            return
        loop = None
        if is_on:
            stretch = self._shared.selection or (self._shared.from_us, self._shared.to_us)
            start_us, end_us = player.request.start_us, player.request.end_us
            loop = (max(stretch[0], start_us), min(stretch[1], end_us))
            if loop[0] >= loop[1]:
                self._transport.show_problem("nothing of the replay is in view to be looped")
                loop = None
        self._set_loop(loop)

    def toggle_loop(self) -> None:
        """Loop, or loop no more."""
        self.set_looping(not self.is_looping)

    @property
    def is_skipping_quiet(self) -> bool:
        """Whether the clock jumps over quiet."""
        return self._quiet_us is not None

    def skip_quiet(self, longest_us: int | None) -> None:
        """Jump over time in which nothing happens for longer than this; None plays it."""
        if self._player is not None:
            self._player.skip_quiet(longest_us)
            self._show_quiet(longest_us)

    def toggle_quiet(self) -> None:
        """Skip what is quiet, or play it."""
        self.skip_quiet(None if self.is_skipping_quiet else self._transport.quiet_us)

    # What happens

    def _set_loop(self, loop: tuple[int, int] | None) -> None:
        if self._player is not None:
            self._player.set_loop(*(loop or (None,)))
        self._show_loop(loop)

    def _show_loop(self, loop: tuple[int, int] | None) -> None:
        self._loop = loop
        self._transport.set_loop(loop)
        self.toggles_changed.emit()

    def _show_quiet(self, longest_us: int | None) -> None:
        self._quiet_us = longest_us
        self._transport.set_quiet(longest_us)
        self.toggles_changed.emit()

    def _on_selection_changed(self) -> None:
        if self.is_looping and self._shared.selection is not None:
            self.set_looping(True)

    def _on_playing_changed(self, is_playing: bool) -> None:
        self._meter.pause()
        self._transport.set_playing(is_playing)
        self.slow_banner.hide()
        if is_playing:
            self._transport.show_problem("")
            self.stop_banner.hide()

    def _on_stopped(self, note: Note) -> None:
        what = "a stretch" if note.band is None else band_word(note.band.kind).lower()
        whose = "" if note.band is None else f" of {note.band.symbol} {note.band.type.value}"
        stretch = stretch_text(self._zone.zone, note.from_us, note.to_us)
        self.stop_banner.set_text(f"Stopped before {what}{whose}, as the plan says: {stretch}.")
        self.stop_banner.show()

    def _on_frame(self, frame: Frame) -> None:
        player = self._player
        if player is None:
            return
        self._transport.set_now(frame.at_us)
        if frame.is_jump:
            self.stop_banner.hide()
        reached = self._meter.take(frame, player.clock)
        now_s = time.monotonic()
        if player.clock.is_playing and now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self._transport.set_reached(reached)
            self._tell_slowness(reached, player.clock.speed)

    def _tell_slowness(self, reached: Reached, wanted: float | None) -> None:
        speed = reached.speed
        if wanted is not None and speed is not None and speed < _SLOW_BELOW * wanted:
            self.slow_banner.set_text(
                f"Playing at {format_speed(speed)} of {format_speed(wanted)}: this machine is at "
                "its limit. Time slows, no event is left out."
            )
            self.slow_banner.show()
            self._slow_until_s = time.monotonic() + _SLOW_STAYS_S
        elif time.monotonic() >= self._slow_until_s:
            self.slow_banner.hide()
