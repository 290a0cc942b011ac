"""What stands in the window: its workspaces and panels, and what they are filled from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.jobs.runner import JobRunner
from tickreel_desktop.analysis import AnalysisPanel, Scope
from tickreel_desktop.backtest import BacktestWorkspace, RunsKeeper
from tickreel_desktop.backtest.running.jobs import BacktestJobs
from tickreel_desktop.data import DataWorkspace
from tickreel_desktop.data.detail import DetailReader
from tickreel_desktop.desk.ground import Ground
from tickreel_desktop.imports import DropTarget, ImportController, ImportPreviewer, JobRelay
from tickreel_desktop.jobs_control import JobsControl
from tickreel_desktop.log import LogPanel
from tickreel_desktop.places import panels, workspaces
from tickreel_desktop.replay.engine import Engine
from tickreel_desktop.replay.opening import ReplayOpener
from tickreel_desktop.replay.readout import BookReadout
from tickreel_desktop.replay.setup_control import SetupControl
from tickreel_desktop.replay.workspace import ReplayWorkspace
from tickreel_desktop.welcome import WelcomePage

if TYPE_CHECKING:
    from tickreel.logs import Ring
    from tickreel.store import Cache
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class Rooms(Ground):
    """The window with all that stands in it, which nobody has wired yet."""

    def __init__(
        self,
        cache: Cache,
        theme: Theme,
        zone: DisplayZone,
        ring: Ring,
        *,
        default_speed: float | str,
        keeps: bool,
    ) -> None:
        """Build what stands in the window, and put it there; without *keeps* none of it is remembered."""
        super().__init__(cache, theme, zone)
        self.drops = DropTarget(theme, self.window)
        self.relay = JobRelay()
        self.runner = JobRunner(self.relay.tell)
        self.imports = ImportController(cache, self.runner, self.bus, self.relay)
        self.previews = ImportPreviewer(theme, cache, self.imports, self.window)
        self.readout = BookReadout(theme, zone)
        self.scope = Scope(self.window)
        self.analysis = AnalysisPanel(theme, zone, self.scope, self.readout)
        self.reader = DetailReader(cache, is_ready=False, parent=self.window)
        self.reader.bug_met.connect(self.teller.error)
        self.data = DataWorkspace(theme, zone, self.reader)
        self.replay = ReplayWorkspace(theme, zone, self.readout)
        self.runs = RunsKeeper(cache, self.window)
        self.backtest = BacktestWorkspace(theme, zone, self.runs, self.tasks)
        self.welcome = WelcomePage(
            theme, self.actions["data.fetch"], self.actions["data.import"], self.actions["help.contents"]
        )
        self.log = LogPanel(theme, zone, ring, cache.home / "logs")
        self.backtests = BacktestJobs(cache, zone, self.window)
        self.jobs = JobsControl(
            window=self.window,
            theme=theme,
            zone=zone,
            cache=cache,
            imports=self.imports,
            runner=self.runner,
            relay=self.relay,
            others=(self.backtests,),
            teller=self.teller,
            undo=self.undo,
        )
        self.engine = Engine()
        self.opener = ReplayOpener(
            theme=theme,
            zone=zone,
            window=self.window,
            workspace=self.replay,
            cache=cache,
            engine=self.engine,
            tasks=self.tasks,
            tell=self.teller.error,
            default_speed=default_speed,
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
            keeps=keeps,
        )
        self.window.fill(
            workspaces(self.data, self.replay, self.backtest, self.welcome),
            panels(self.analysis, self.jobs.panel, self.log),
        )
