"""What the user can do in the replay that is open, by menu, key or palette: each verb once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.replay import Threshold
from tickreel.replay.bands import BandKind, find_bands
from tickreel.replay.repertoire import DEFAULT_TYPES
from tickreel_desktop.actions import Place
from tickreel_desktop.replay.bookmarking import Bookmarking
from tickreel_desktop.replay.charts import ChartVerb
from tickreel_desktop.replay.crossing_finder import CrossingFinder
from tickreel_desktop.replay.heatmap import Mark, MarkKind
from tickreel_desktop.replay.outline_reader import OutlineReader
from tickreel_desktop.replay.panel_choice import PANELS
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.strips import SpreadUnit, StripKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tickreel.replay import Band, Order, ReplayPlan
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.replay.charts import Charts
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

_CHART_VERBS = {
    "replay.crossing": ChartVerb.CROSSING,
    "replay.crossingback": ChartVerb.CROSSING,
    "replay.measure": ChartVerb.MEASURE,
    "replay.table": ChartVerb.TABLE,
    "replay.export": ChartVerb.EXPORT,
}
_OVER_CHARTS = (BandKind.GAP, BandKind.CROSSED, BandKind.SNAPSHOT_MISMATCH, BandKind.MISSING)
_CLOSED = "Open a replay first: double-click a dataset"


class ReplayControl(QObject):
    """The verbs of the Replay workspace of one window, and the reading of what its overview shows."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        workspace: ReplayWorkspace,
        opener: ReplayOpener,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._workspace = workspace
        self._controls = workspace.controls
        self._shared = workspace.shared
        self._tasks = tasks
        self._cache = cache
        self._teller = teller
        self._opener = opener
        self._findings: tuple[Mark, ...] = ()
        self._charts: Charts = workspace.stage
        workspace.stage.write_wanted.connect(self._write)
        workspace.panels.strips.threshold_changed.connect(self.renew)
        self.bookmarking = Bookmarking(
            window=window,
            theme=theme,
            zone=zone,
            home=cache.home,
            controls=workspace.controls,
            tasks=tasks,
            teller=teller,
            undo=undo,
        )
        self.crossings = CrossingFinder(theme, cache, tasks, teller.error, self)
        """The search for a crossing of the threshold, if one is under way."""
        self.outlines = OutlineReader(cache, self)
        self._connect_actions(opener)
        self._connect_bookmarks()
        self._connect_crossings()
        overview = workspace.transport.overview
        self.outlines.outline_read.connect(overview.show_outline)
        self.outlines.failed.connect(overview.show_problem)
        workspace.player_changed.connect(self._read_symbol)
        workspace.stage.symbol_changed.connect(self._read_symbol)
        workspace.stage.symbols_changed.connect(self._on_symbols_changed)
        workspace.panels.strips.needs_changed.connect(self._show_toggles)
        workspace.clock_choice.order_chosen.connect(self._change_order)
        window.workspace_changed.connect(lambda _before, _now: self.renew())
        self._controls.toggles_changed.connect(self._show_toggles)
        self._shared.following_changed.connect(lambda _follows: self._show_toggles())
        self._shared.cursor_changed.connect(self._show_toggles)
        workspace.panels.heatmap.measuring_changed.connect(lambda _is_on: self._show_toggles())
        self.renew()

    async def begin(self) -> None:
        """Read what is kept."""
        await self.bookmarking.begin()

    def close(self) -> None:
        """Give up what is being read, and close what is open."""
        self.outlines.cancel()
        self.crossings.stop()
        self.bookmarking.close()

    def _connect_actions(self, opener: ReplayOpener) -> None:
        controls, marks = self._controls, self.bookmarking
        verbs: dict[str, Callable[[], object]] = {
            "play": self._play_or_press,
            "step": lambda: controls.step(1),
            "stepback": lambda: controls.step(-1),
            "unit": controls.cycle_unit,
            "back": lambda: controls.skip(-1),
            "forward": lambda: controls.skip(1),
            "start": controls.to_start,
            "end": controls.to_end,
            "goto": self._workspace.transport.edit_time,
            "crossing": lambda: self._seek_crossing(1),
            "crossingback": lambda: self._seek_crossing(-1),
            "health": lambda: controls.step_health(1),
            "healthback": lambda: controls.step_health(-1),
            "slower": lambda: controls.scale_speed(0.5),
            "faster": lambda: controls.scale_speed(2.0),
            "loop": controls.toggle_loop,
            "quiet": controls.toggle_quiet,
            "bookmark": marks.add,
            "bookmarks": marks.show_list,
            "nextmark": lambda: marks.go_next(1),
            "lastmark": lambda: marks.go_next(-1),
            "follow": lambda: self._shared.follow(follows=not self._shared.follows),
            "symbol": lambda: self._workspace.stage.show_next_symbol(),
            "overlay": self._toggle_overlay,
            "leaveout": self._leave_out,
            "feedlatency": self._toggle_feed_latency,
            "latency": lambda: self._workspace.clock_choice.ask_latency(),
            "hold": lambda: self._shared.hold_cursor(is_held=not self._shared.is_cursor_held),
            "measure": lambda: self._charts.measure(),
            "table": lambda: self._charts.show_table(),
            "export": lambda: self._charts.export(),
        }
        for verb, do in verbs.items():
            self._actions.on(f"replay.{verb}", do)
        panels = self._workspace.panels
        for key in PANELS:
            self._actions.on(f"replay.{key}", partial(self._toggle_panel, key))
        panels.shown_changed.connect(self._show_toggles)
        panels.shown_changed.connect(self._window.note_arranging)
        for verb in ("loop", "quiet", "follow", "hold", "measure", "overlay", "feedlatency"):
            # Qt has checked it already, whatever came of it.
            self._actions.on(f"replay.{verb}", self._show_toggles)
        self._actions.offer_command("replay.play", opener.command)

    def _connect_bookmarks(self) -> None:
        marks, transport = self.bookmarking, self._workspace.transport
        transport.bookmark_requested.connect(marks.add)
        transport.bookmarks_requested.connect(lambda: marks.show_list())
        marks.bookmarks.changed.connect(self._show_bookmarks)

    def _connect_crossings(self) -> None:
        finder, workspace = self.crossings, self._workspace
        workspace.add_banner(finder.banner)
        finder.found.connect(self._controls.seek)
        finder.not_found.connect(workspace.transport.show_problem)
        for changed in (
            self._controls.moved,
            workspace.player_changed,
            workspace.stage.symbol_changed,
            workspace.panels.strips.threshold_changed,
        ):
            changed.connect(finder.stop)

    def _seek_crossing(self, direction: int) -> None:
        """Go to the next crossing of the threshold (1), or the one before (-1), once it is found."""
        player, stage, strips = self._workspace.player, self._workspace.stage, self._workspace.panels.strips
        level = strips.threshold
        if player is not None and stage.symbol is not None and level is not None:
            threshold = Threshold(level, is_bps=strips.spread.unit is SpreadUnit.BPS)
            at_us = player.clock.reached_us
            self._workspace.transport.show_problem("")
            self.crossings.search(
                player.request.plan, stage.symbol, threshold, strips.threshold_words, at_us, direction
            )

    def _toggle_overlay(self) -> None:
        company = self._workspace.stage.company
        company.draw_others(are_drawn=not company.others)

    def _leave_out(self) -> None:
        symbol = self._workspace.stage.symbol
        if symbol is not None:
            self._workspace.stage.leave_out(symbol)

    def _toggle_feed_latency(self) -> None:
        strips = self._workspace.panels.strips
        strips.set_shown(StripKind.LATENCY, is_shown=not strips.latency.is_shown)

    def _toggle_panel(self, key: str) -> None:
        panels = self._workspace.panels
        panels.set_shown(key, is_shown=not panels.is_shown(key))

    def _change_order(self, order: Order) -> None:
        """Go by another clock from this moment on."""
        player = self._workspace.player
        if player is not None and order is not player.request.plan.order:
            plan = replace(player.request.plan.with_speed(player.clock.speed), order=order)
            again = self._go_by(ReplayRequest(plan, player.clock.reached_us), plays=player.clock.is_playing)
            self._tasks.start(again, "go by another clock")

    async def _go_by(self, request: ReplayRequest, *, plays: bool) -> None:
        player = await self._opener.open(request)
        if not plays:
            player.pause()

    def _on_symbols_changed(self) -> None:
        if self._window.front == "replay":
            self._window.set_title(self._workspace.title())
        self.renew()

    def _show_bookmarks(self) -> None:
        self._workspace.transport.overview.set_bookmarks(self.bookmarking.bookmarks.all)
        self._show_marks()
        self.renew()

    def set_findings(self, findings: Sequence[Mark]) -> None:
        """Show the pins of findings on the heat map and on the line under the charts."""
        self._findings = tuple(findings)
        self._workspace.transport.overview.set_findings([(mark.at_us, mark.text) for mark in findings])
        self._show_marks()

    def _show_marks(self) -> None:
        bookmarks = self.bookmarking.bookmarks.all
        self._workspace.panels.heatmap.set_marks(
            [*(Mark(mark.at_us, MarkKind.BOOKMARK, mark.name) for mark in bookmarks), *self._findings]
        )

    def _write(self, write: Callable[[], object], path: Path) -> None:
        self._tasks.start(self._written(write, path), "export a chart")

    async def _written(self, write: Callable[[], object], path: Path) -> None:
        try:
            await asyncio.to_thread(write)
        except OSError as error:
            reason = error.strerror or error
            self._teller.error(
                EnvironmentProblem(f"{path} cannot be written: {reason}; choose another folder")
            )
        except TickreelError as error:
            self._teller.error(error)
        else:
            self._teller.good("Exported", str(path))

    def _read_symbol(self) -> None:
        """Read what is kept and known of the symbol that is shown now, if any."""
        player, symbol = self._workspace.player, self._workspace.stage.symbol
        # What is still read of the one before must not come after this.
        self.outlines.cancel()
        self._workspace.transport.overview.forget_outlines()
        self._set_bands(())
        if player is None or symbol is None:
            self.bookmarking.bookmarks.close()
        else:
            self.bookmarking.bookmarks.open(*symbol)
            reading = self.outlines.read(*symbol, player.request.start_us, player.request.end_us)
            self._tasks.start(reading, "read the outline")
            self._tasks.start(self._show_bands(player, symbol), "read the bands")
        self.renew()

    async def _show_bands(self, player: Player, symbol: tuple[str, str]) -> None:
        """Find the stretches whose data is not sound, and show them while this symbol is shown."""
        bands = await asyncio.to_thread(_bands_of, self._cache, player.request.plan, symbol)
        if self._workspace.player is player and self._workspace.stage.symbol == symbol:
            self._set_bands(bands)

    def _set_bands(self, bands: Sequence[Band]) -> None:
        self._workspace.panels.heatmap.set_bands(bands)
        self._workspace.panels.strips.set_bands(bands)

    def renew(self) -> None:
        """Say of each action whether it can be done now, and if not what is missing."""
        actions = self._actions
        is_open = self._window.front == "replay" and self._workspace.player is not None
        actions.enable_place(Place.REPLAY, is_open, _CLOSED)
        if is_open:
            for action_id, verb in _CHART_VERBS.items():
                obstacle = self._charts.obstacle(verb)
                actions.enable(action_id, not obstacle, obstacle)
            player = self._workspace.player
            has_several = player is not None and len(player.request.plan.symbols) > 1
            for action_id in ("replay.symbol", "replay.overlay", "replay.leaveout"):
                actions.enable(action_id, has_several, "This replay plays one symbol")
            has_marks = bool(self.bookmarking.bookmarks.all)
            for action_id in ("replay.nextmark", "replay.lastmark"):
                actions.enable(action_id, has_marks, "Set a bookmark first")
        self._show_toggles()

    def _show_toggles(self) -> None:
        for action_id, is_on in (
            ("replay.loop", self._controls.is_looping),
            ("replay.quiet", self._controls.is_skipping_quiet),
            ("replay.follow", self._shared.follows),
            ("replay.hold", self._shared.is_cursor_held),
            ("replay.measure", self._charts.is_measuring),
            ("replay.overlay", bool(self._workspace.stage.company.others)),
            ("replay.feedlatency", self._workspace.panels.strips.latency.is_shown),
            *((f"replay.{key}", self._workspace.panels.is_shown(key)) for key in PANELS),
        ):
            self._actions[action_id].setChecked(is_on)

    def _play_or_press(self) -> None:
        """Let Space press the button that was reached by keyboard; otherwise play or pause."""
        button = self._window.pressed_by_keyboard()
        if button is not None:
            button.click()
        else:
            self._controls.toggle()


def _bands_of(cache: Cache, plan: ReplayPlan, symbol: tuple[str, str]) -> list[Band]:
    """Find the bands of the book and trades of *symbol*, exchange and name; on a worker thread.

    What is of less concern, and the grades of whole days, are left to the overview: over a chart they
    would hide what is to be seen.
    """
    library = cache.library
    types = library.held_types(*symbol, DEFAULT_TYPES)
    plans = [
        library.plan(library.select(*symbol, each), plan.start_us, plan.end_us, awaits=True) for each in types
    ]
    return [band for band in find_bands(cache, plans) if band.kind in _OVER_CHARTS]
