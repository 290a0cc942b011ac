"""Everything that lives as long as the window, built in one place and taken down in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tickreel.events import Bus
from tickreel.jobs.runner import JobRunner
from tickreel.session import Session
from tickreel_desktop import offers
from tickreel_desktop.actions import Actions, Shortcuts
from tickreel_desktop.analysis import AnalysisPanel, Scope
from tickreel_desktop.analysis_control import AnalysisControl
from tickreel_desktop.analysis_view import SELECTED
from tickreel_desktop.assistance import Assistance
from tickreel_desktop.backtest import BacktestWorkspace, RunsKeeper
from tickreel_desktop.backtest.running.jobs import BacktestJobs
from tickreel_desktop.backtest_control import BacktestControl
from tickreel_desktop.crash import CrashReporter, RecoveryCard, SessionKeeper
from tickreel_desktop.data import DataWorkspace
from tickreel_desktop.data.detail import DetailReader
from tickreel_desktop.data_control import DataControl
from tickreel_desktop.frame import LayoutBook, MainWindow
from tickreel_desktop.frame.layout_control import LayoutControl
from tickreel_desktop.frame.overlay import Overlay
from tickreel_desktop.imports import IMPORT_KIND, DropTarget, ImportController, ImportPreviewer, JobRelay
from tickreel_desktop.jobs_control import JobsControl
from tickreel_desktop.log import LogPanel
from tickreel_desktop.operations import Operations
from tickreel_desktop.outside import OutsideWatch
from tickreel_desktop.palette_control import PaletteControl
from tickreel_desktop.places import panels, workspaces
from tickreel_desktop.replay.engine import Engine
from tickreel_desktop.replay.opening import ReplayOpener
from tickreel_desktop.replay.readout import BookReadout
from tickreel_desktop.replay.setup_control import SetupControl
from tickreel_desktop.replay.workspace import ReplayWorkspace
from tickreel_desktop.replay_control import ReplayControl
from tickreel_desktop.responsiveness import Responsiveness
from tickreel_desktop.run_replay_control import RunReplayControl
from tickreel_desktop.runs_control import RunsControl
from tickreel_desktop.settings_control import SettingsControl
from tickreel_desktop.shared_control import SharedControl
from tickreel_desktop.sweep_control import SweepControl
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.telling import Teller
from tickreel_desktop.undo import Undo
from tickreel_desktop.welcome import WelcomePage
from tickreel_desktop.welcome.facts import look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.logs import Ring
    from tickreel.session import Interrupted
    from tickreel.settings import Settings
    from tickreel.store import Cache
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FIRST_SIZE_PX = (1280, 800)
_KEPT_WORKSPACES = ("data", "replay", "backtest")


class Desk:
    """Everything that lives as long as the window."""

    def __init__(
        self,
        cache: Cache,
        theme: Theme,
        zone: DisplayZone,
        settings: Settings,
        ring: Ring,
        *,
        leaves_marks: bool = True,
        flags: Mapping[str, object] | None = None,
    ) -> None:
        """Build it all.

        Without *leaves_marks* nothing of the window is kept: neither where it stood nor that it was open.
        *flags* are the values of *settings* that the command line gave, by key.
        """
        self._leaves_marks = leaves_marks
        self._flags = flags
        self.cache = cache
        self.theme = theme
        self.zone = zone
        self._rows: list[DatasetRow] = []
        self._make_frame(settings)
        self._make_rooms(ring)
        self.opener = ReplayOpener(
            theme=theme,
            zone=zone,
            window=self.window,
            workspace=self.replay,
            cache=cache,
            engine=self.engine,
            tasks=self.tasks,
            tell=self.teller.error,
            default_speed=settings.replay.speed,
        )
        self.setup = SetupControl(
            theme=theme,
            zone=zone,
            window=self.window,
            cache=cache,
            opener=self.opener,
            panels=self.replay.panels,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
            keeps=leaves_marks,
        )
        self.window.fill(
            workspaces(self.data, self.replay, self.backtest, self.welcome),
            panels(self.analysis, self.jobs.panel, self.log),
        )
        self._make_controls()
        self._connect()

    def _make_frame(self, settings: Settings) -> None:
        """Make the window, and what tells, undoes and watches."""
        self.bus = Bus()
        self.responsiveness = Responsiveness()
        self.actions = Actions(self.theme)
        self.window = MainWindow(self.theme, self.zone, self.actions)
        self.crashes = CrashReporter(self.theme, self.window, parent=self.window)
        self.teller = Teller(self.window.toasts, self.crashes)
        self.tasks = Tasks(self.teller.error)
        self.undo = Undo(self.tasks, self.window.toasts, self.teller.error, self.window)
        self.drops = DropTarget(self.theme, self.window)
        self.undo.bind(self.actions["edit.undo"], self.actions["edit.redo"])
        self.shortcuts = Shortcuts(self.cache.home)
        self.layouts = LayoutBook(self.cache.home)
        self.session = SessionKeeper(Session(self.cache.home), self.tasks, self._opened, self.window)

    def _make_rooms(self, ring: Ring) -> None:
        """Make what stands in the window."""
        theme, zone = self.theme, self.zone
        self.relay = JobRelay()
        self.runner = JobRunner(self.relay.tell)
        self.imports = ImportController(self.cache, self.runner, self.bus, self.relay)
        self.previews = ImportPreviewer(theme, self.cache, self.imports, self.window)
        self.readout = BookReadout(theme, zone)
        self.scope = Scope(self.window)
        self.analysis = AnalysisPanel(theme, zone, self.scope, self.readout)
        self.reader = DetailReader(self.cache, is_ready=False, parent=self.window)
        self.reader.bug_met.connect(self.teller.error)
        self.data = DataWorkspace(theme, zone, self.reader)
        self.replay = ReplayWorkspace(theme, zone, self.readout)
        self.runs = RunsKeeper(self.cache, self.window)
        self.backtest = BacktestWorkspace(theme, zone, self.runs, self.tasks)
        self.welcome = WelcomePage(
            theme, self.actions["data.fetch"], self.actions["data.import"], self.actions["help.contents"]
        )
        self.log = LogPanel(theme, zone, ring, self.cache.home / "logs")
        self.backtests = BacktestJobs(self.cache, zone, self.window)
        self.jobs = JobsControl(
            window=self.window,
            theme=theme,
            zone=zone,
            cache=self.cache,
            imports=self.imports,
            runner=self.runner,
            relay=self.relay,
            others=(self.backtests,),
            teller=self.teller,
            undo=self.undo,
        )
        self.engine = Engine()

    def _make_controls(self) -> None:
        """Make what does things: each verb of the window once."""
        window, actions, theme, home = self.window, self.actions, self.theme, self.cache.home
        self.layout_control = LayoutControl(
            window,
            actions,
            self.layouts,
            self.tasks,
            self.undo,
            self.teller.error,
            keeps=self._leaves_marks,
        )
        self.operations = Operations(
            window=window,
            actions=actions,
            teller=self.teller,
            zone=self.zone,
            data=self.data,
            replay=self.replay,
            opener=self.opener,
            setup=self.setup,
            imports=self.imports,
            preview=self.previews.preview,
            cache=self.cache,
            bus=self.bus,
            tasks=self.tasks,
        )
        self.replay_control = ReplayControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=self.zone,
            workspace=self.replay,
            opener=self.opener,
            cache=self.cache,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
        )
        self.run_replay = RunReplayControl(
            window=window,
            actions=actions,
            theme=theme,
            workspace=self.replay,
            opener=self.opener,
            keeper=self.runs,
            tasks=self.tasks,
            teller=self.teller,
        )
        self.settings_control = SettingsControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=self.zone,
            opener=self.opener,
            cache=self.cache,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
            flags=self._flags,
        )
        self.data_control = DataControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=self.zone,
            data=self.data,
            cache=self.cache,
            runner=self.runner,
            bus=self.bus,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
            jobs=self.jobs,
            operations=self.operations,
            settings=self.settings_control,
            keeps=self._leaves_marks,
        )
        self.backtest_control = BacktestControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=self.zone,
            workspace=self.backtest,
            keeper=self.runs,
            jobs=self.backtests,
            panel=self.jobs,
            cache=self.cache,
            operations=self.operations,
            replays=self.run_replay,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
            keeps=self._leaves_marks,
        )
        self.backtest_control.fetch_wanted.connect(self.data_control.fetch_ranges)
        self.runs_control = RunsControl(
            window=window,
            actions=actions,
            theme=theme,
            pane=self.backtest.runs,
            view=self.backtest.run_view,
            compare=self.backtest.compare,
            keeper=self.runs,
            bus=self.bus,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
        )
        self.runs_control.opened.connect(self.backtest.show_run)
        self.runs_control.compared.connect(self.backtest.show_compared)
        self.analysis_control = AnalysisControl(
            window=window,
            actions=actions,
            theme=theme,
            panel=self.analysis,
            scope=self.scope,
            cache=self.cache,
            engine=self.engine,
            replay=self.replay,
            data=self.data,
            opener=self.opener,
            operations=self.operations,
            replay_control=self.replay_control,
            settings=self.settings_control,
            tasks=self.tasks,
            teller=self.teller,
        )
        self.run_replay.window_selected.connect(lambda: self.analysis_control.view.choose(SELECTED))
        self.sweep_control = SweepControl(window=window, actions=actions, workspace=self.backtest)
        self.assistance = Assistance(
            window=window,
            actions=actions,
            shortcuts=self.shortcuts,
            theme=theme,
            home=home,
            tasks=self.tasks,
            teller=self.teller,
        )
        self.shared_control = SharedControl(
            window=window,
            actions=actions,
            theme=theme,
            cache=self.cache,
            tasks=self.tasks,
            teller=self.teller,
            settings=self.settings_control,
            data=self.data,
            operations=self.operations,
            bus=self.bus,
            open_help=self.assistance.open_help,
        )
        self.shared_control.watch.opened.connect(self._on_shared_opened)
        self.shared_control.used_changed.connect(
            lambda is_used: self.data_control.care.use_shared(is_used=is_used)
        )
        self.palette_control = PaletteControl(
            window=window,
            actions=actions,
            theme=theme,
            teller=self.teller,
            providers=(
                offers.places(self.operations.find_places, self.operations.go_to_place),
                offers.datasets(lambda: self._rows, self.operations.show_dataset),
                offers.commands(actions),
                offers.setups(self.setup),
                offers.layouts(self.layout_control),
                offers.links(self.operations.follow_link),
            ),
            edit_keys=self.assistance.open_editor,
        )

    def _connect(self) -> None:
        window, welcome, status = self.window, self.welcome, self.window.status
        self.actions.on("app.quit", window.close)
        self.drops.dropped.connect(self.previews.preview)
        self.data.laid_out.connect(window.note_arranging)
        self.operations.refreshed.connect(self._on_refreshed)
        self.setup.fetch_wanted.connect(self.data_control.fetch_ranges)
        welcome.sample_requested.connect(self.operations.open_sample)
        welcome.backtest_requested.connect(self.backtest_control.run_sample)
        welcome.import_requested.connect(self.operations.import_files)
        welcome.fetch_requested.connect(lambda: self.data_control.fetching.open())
        welcome.help_requested.connect(lambda: self.assistance.open_help("data"))
        status.jobs.clicked.connect(lambda: window.show_panel("jobs"))
        status.cache.clicked.connect(lambda: window.go_to("data"))
        self.jobs.panel.failures_changed.connect(self._on_failures_changed)
        self.log.trouble_met.connect(lambda text: self.teller.warning("The log folder", text))
        self.crashes.quit_requested.connect(window.close)
        self.crashes.diagnostics_requested.connect(self.assistance.open_diagnostics)
        self.crashes.repeated.connect(lambda text: self.teller.warning("An error came again", text))
        self.engine.progressed.connect(status.engine.show_progress)
        self.engine.filled.connect(status.engine.clear)
        self.engine.failed.connect(status.engine.show_failure)
        self.engine.failed.connect(self._on_engine_failed)

    async def begin(self, size_px: tuple[int, int] | None = None) -> None:
        """Read what is kept and held, show the window as it was left, and begin to watch and prepare.

        *size_px* stands above the size that was kept.
        """
        problems = [await asyncio.to_thread(self.layouts.read)]
        is_first_start = not self.layouts.workspace  # which is noted soon after the window is shown
        own_keys, problem = await asyncio.to_thread(self.shortcuts.read)
        problems.append(problem)
        problems.append(await self.data_control.keeper.begin())
        problems.append(await self.setup.begin())
        self.actions.use_keys(own_keys)
        stood = self.layout_control.restore(usable=_KEPT_WORKSPACES.__contains__)
        if size_px is not None or not stood:
            self.window.resize(*(size_px or _FIRST_SIZE_PX))
        self.window.show()
        for problem in filter(None, problems):
            self.teller.warning("What was kept of the window is not used", problem)
        self.tasks.start(self._prepare_engine(), "prepare the engine")
        await self.settings_control.begin()
        await self.data_control.begin()
        await self.replay_control.begin()
        await self.analysis_control.begin()
        await self.backtest_control.begin()
        self.runs_control.refresh()
        interrupted = await self.session.begin() if self._leaves_marks else None
        watch = OutsideWatch(self.cache, self.bus)
        await watch.begin()
        await self.operations.refresh()
        self.tasks.start(watch.run(), "watch for changes")
        if not self._rows and is_first_start:
            self.window.go_to("welcome")
        if interrupted is not None:
            self._offer_recovery(interrupted, await asyncio.to_thread(self.jobs.count_fetches))
        read_only = self.cache.is_read_only
        self.welcome.show_facts(await asyncio.to_thread(look, self.cache.home, is_read_only=read_only))

    def _offer_recovery(self, interrupted: Interrupted, fetch_jobs: int) -> None:
        card = RecoveryCard(self.theme, self.zone, interrupted, fetch_jobs=fetch_jobs)
        card.go_on_requested.connect(self.operations.go_on)
        card.diagnostics_requested.connect(self.assistance.open_diagnostics)
        card.closed.connect(card.deleteLater)
        Overlay(self.window, card)
        card.go_on_button.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _prepare_engine(self) -> None:
        await self.engine.fill()
        await self.engine.prepare()
        self.reader.release()

    def _opened(self) -> tuple[str, str | None]:
        """Say what a next start could go on with."""
        link = self.opener.link()
        return self.window.front, None if link is None else link.text()

    def _on_refreshed(self, rows: list[DatasetRow]) -> None:
        self._rows = rows

    def _on_shared_opened(self) -> None:
        """Let go of the line of before, which was closed."""
        self.jobs.renew_fetching()
        self.data_control.fetching.look_again()

    def _on_failures_changed(self, count: int) -> None:
        self.window.rail.set_badge(self.actions["panel.jobs"], count, "failed")

    def _on_engine_failed(self, problem: str) -> None:
        self.teller.warning(
            "The engine is not prepared",
            f"{problem}. Everything works, but what needs the engine first makes the window stutter.",
        )

    def running(self) -> list[str]:
        """Name the work that would be lost if the window closed now."""
        others = [job.title for job in self.runner.jobs if not job.state.is_final and job.kind != IMPORT_KIND]
        files = [item.path.name for item in self.imports.items if not item.state.is_final]
        return [*others, *self.backtests.running(), *(f"Import of {name}" for name in files)]

    async def close(self) -> None:
        """End all work, wait for it, and take the window down."""
        if self._leaves_marks:
            await self.layout_control.close()
        await self.data_control.close()
        await self.settings_control.close()
        await self.shared_control.close()
        self.assistance.close()
        self.run_replay.close()
        self.replay_control.close()
        await self.analysis_control.close()
        self.window.hide()
        self.previews.close()
        self.imports.close()
        await asyncio.to_thread(self.previews.shutdown)
        self.reader.stop()
        await asyncio.to_thread(self.reader.close)
        await self.jobs.close()
        await self.setup.close()
        await self.backtest_control.close()
        await self.opener.close()
        await self.tasks.close()
        await asyncio.to_thread(self.runner.shutdown)
        await self.runs.close()
        if self._leaves_marks:
            await self.session.end()
        self.crashes.close()
        self.responsiveness.stop()
        self.window.deleteLater()
