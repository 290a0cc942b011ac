"""What does things in the window: each verb once, and what one of them sets off in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel_desktop import offers
from tickreel_desktop.analysis_control import AnalysisControl
from tickreel_desktop.analysis_view import SELECTED
from tickreel_desktop.assistance import Assistance
from tickreel_desktop.backtest_control import BacktestControl
from tickreel_desktop.data_control import DataControl
from tickreel_desktop.desk.rooms import Rooms
from tickreel_desktop.frame.layout_control import LayoutControl
from tickreel_desktop.operations import Operations
from tickreel_desktop.palette_control import PaletteControl
from tickreel_desktop.replay_control import ReplayControl
from tickreel_desktop.run_replay_control import RunReplayControl
from tickreel_desktop.runs_control import RunsControl
from tickreel_desktop.settings_control import SettingsControl
from tickreel_desktop.shared_control import SharedControl
from tickreel_desktop.sweep_control import SweepControl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.logs import Ring
    from tickreel.store import Cache
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class Verbs(Rooms):
    """The window as it works."""

    def __init__(
        self,
        cache: Cache,
        theme: Theme,
        zone: DisplayZone,
        ring: Ring,
        *,
        default_speed: float | str,
        keeps: bool,
        flags: Mapping[str, object] | None,
    ) -> None:
        """Build what does things, and wire it; *flags* are settings that the command line gave, by key."""
        super().__init__(cache, theme, zone, ring, default_speed=default_speed, keeps=keeps)
        self._rows: list[DatasetRow] = []
        self._make_frame_verbs(flags, keeps=keeps)
        self._make_data_verbs(keeps=keeps)
        self._make_replay_verbs()
        self._make_backtest_verbs(keeps=keeps)
        self._make_analysis_verbs()
        self._make_palette()
        self._connect()

    def _make_frame_verbs(self, flags: Mapping[str, object] | None, *, keeps: bool) -> None:
        """Make what is done from everywhere."""
        window, actions, theme = self.window, self.actions, self.theme
        self.layout_control = LayoutControl(
            window,
            actions,
            self.layouts,
            self.tasks,
            self.undo,
            self.teller.error,
            keeps=keeps,
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
            flags=flags,
        )
        self.assistance = Assistance(
            window=window,
            actions=actions,
            shortcuts=self.shortcuts,
            theme=theme,
            home=self.cache.home,
            tasks=self.tasks,
            teller=self.teller,
        )
        self.teller.explanation_wanted.connect(self.assistance.explain)

    def _make_data_verbs(self, *, keeps: bool) -> None:
        """Make what is done with what is held, here and on the desk's server."""
        window, actions, theme = self.window, self.actions, self.theme
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
            keeps=keeps,
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

    def _make_replay_verbs(self) -> None:
        """Make what is done in the Replay workspace."""
        window, actions, theme = self.window, self.actions, self.theme
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

    def _make_backtest_verbs(self, *, keeps: bool) -> None:
        """Make what is done in the Backtest workspace."""
        window, actions, theme = self.window, self.actions, self.theme
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
            keeps=keeps,
        )
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
        self.sweep_control = SweepControl(window=window, actions=actions, workspace=self.backtest)

    def _make_analysis_verbs(self) -> None:
        """Make what is done in the Analysis panel."""
        window, actions, theme = self.window, self.actions, self.theme
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

    def _make_palette(self) -> None:
        """Offer all of it in the palette."""
        window, actions, theme = self.window, self.actions, self.theme
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
        """Let what happens in one room set off what is done in another."""
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
        welcome.help_requested.connect(lambda: self.assistance.open_help("welcome"))
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
        self.shared_control.watch.opened.connect(self._on_shared_opened)
        self.shared_control.used_changed.connect(
            lambda is_used: self.data_control.care.use_shared(is_used=is_used)
        )
        self._connect_backtests()

    def _connect_backtests(self) -> None:
        self.backtest_control.fetch_wanted.connect(self.data_control.fetch_ranges)
        self.runs_control.opened.connect(self.backtest.show_run)
        self.runs_control.compared.connect(self.backtest.show_compared)
        self.run_replay.window_selected.connect(lambda: self.analysis_control.view.choose(SELECTED))

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
