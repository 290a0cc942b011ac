"""Everything that lives as long as the window, built in one place and taken down in order."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from tickreel.events import Bus
from tickreel.jobs.runner import JobRunner
from tickreel_desktop import offers
from tickreel_desktop.actions import Actions, Shortcuts
from tickreel_desktop.assistance import Assistance
from tickreel_desktop.components import EmptyState
from tickreel_desktop.data import DataWorkspace, ImportController, JobRelay
from tickreel_desktop.frame import LayoutBook, MainWindow, Panel, Workspace
from tickreel_desktop.frame.layout_control import LayoutControl
from tickreel_desktop.log import LogPanel
from tickreel_desktop.operations import Operations
from tickreel_desktop.outside import OutsideWatch
from tickreel_desktop.palette_control import PaletteControl
from tickreel_desktop.replay.engine import Engine
from tickreel_desktop.replay.opening import ReplayOpener
from tickreel_desktop.replay.readout import BookReadout
from tickreel_desktop.replay.workspace import ReplayWorkspace
from tickreel_desktop.responsiveness import Responsiveness
from tickreel_desktop.settings_control import SettingsControl
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.telling import Teller
from tickreel_desktop.undo import Undo
from tickreel_desktop.welcome import WelcomePage
from tickreel_desktop.welcome.facts import look

if TYPE_CHECKING:
    from types import TracebackType

    from tickreel.logs import Ring
    from tickreel.settings import Settings
    from tickreel.store import Cache
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_FIRST_SIZE_PX = (1280, 800)
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Desk:
    """Everything that lives as long as the window."""

    def __init__(self, cache: Cache, theme: Theme, zone: DisplayZone, settings: Settings, ring: Ring) -> None:
        self.cache = cache
        self.zone = zone
        self.bus = Bus()
        self.responsiveness = Responsiveness()
        self.tasks = Tasks(lambda error: self.teller.error(error))
        self.relay = JobRelay()
        self.runner = JobRunner(self.relay.tell)
        self.imports = ImportController(cache, self.runner, self.bus, self.relay)
        self.undo = Undo()
        self.actions = Actions(theme)
        self.shortcuts = Shortcuts(cache.home)
        self.readout = BookReadout(theme, zone)
        self.data = DataWorkspace(theme, zone, self.imports)
        self.replay = ReplayWorkspace(theme, zone, self.readout)
        self.welcome = WelcomePage(theme, self.actions["data.import"], self.actions["help.contents"])
        self.log = LogPanel(theme, ring, cache.home / "logs")
        self.engine = Engine()
        self.window = MainWindow(theme, zone, self.actions, self._workspaces(), self._panels(theme))
        self.teller = Teller(self.window.toasts)
        self.layouts = LayoutBook(cache.home)
        self.layout_control = LayoutControl(
            self.window, self.actions, self.layouts, self.tasks, self.undo, self.teller.error
        )
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
        self.operations = Operations(
            window=self.window,
            actions=self.actions,
            teller=self.teller,
            zone=zone,
            data=self.data,
            replay=self.replay,
            opener=self.opener,
            imports=self.imports,
            cache=cache,
            bus=self.bus,
            tasks=self.tasks,
        )
        self._rows: list[DatasetRow] = []
        self.operations.refreshed.connect(self._on_refreshed)
        self.settings_control = SettingsControl(
            window=self.window,
            actions=self.actions,
            theme=theme,
            zone=zone,
            opener=self.opener,
            home=cache.home,
            tasks=self.tasks,
            teller=self.teller,
            undo=self.undo,
        )
        self.assistance = Assistance(
            window=self.window,
            actions=self.actions,
            shortcuts=self.shortcuts,
            theme=theme,
            home=cache.home,
            tasks=self.tasks,
            teller=self.teller,
        )
        self.palette_control = PaletteControl(
            window=self.window,
            actions=self.actions,
            theme=theme,
            teller=self.teller,
            edit_keys=self.assistance.open_editor,
            providers=(
                offers.places(self.operations.find_places, self.operations.go_to_place),
                offers.datasets(lambda: self._rows, self.operations.show_dataset),
                offers.commands(self.actions),
                offers.layouts(self.layout_control),
            ),
        )
        self.actions.on("app.quit", self.window.close)
        self.window.status.jobs.clicked.connect(lambda: self.window.show_panel("jobs"))
        self.window.status.cache.clicked.connect(lambda: self.window.go_to("data"))
        self.log.trouble_met.connect(lambda text: self.teller.warning("The log folder", text))
        self._connect_welcome()
        self._watch_engine()

    def _workspaces(self) -> list[Workspace]:
        return [
            Workspace(
                "data",
                lambda: "Data",
                self.data,
                self.data.take_focus,
                "database",
                {"jobs": 190},
            ),
            Workspace(
                "replay",
                self.replay.title,
                self.replay,
                self.replay.take_focus,
                "play-circle",
                {"analysis": 320},
            ),
            Workspace("welcome", lambda: "Welcome", self.welcome, self.welcome.take_focus),
        ]

    def _panels(self, theme: Theme) -> list[Panel]:
        return [
            Panel("analysis", "Analysis", "sparkle", self.readout, _RIGHT, (280, 200)),
            Panel(
                "jobs",
                "Jobs",
                "queue",
                EmptyState(theme, "queue", "No jobs", "placeholder"),
                _BOTTOM,
                (400, 96),
            ),
            Panel("log", "Log", "file-text", self.log, _BOTTOM, (400, 170)),
        ]

    def _connect_welcome(self) -> None:
        welcome = self.welcome
        welcome.sample_requested.connect(self.operations.open_sample)
        welcome.import_requested.connect(self.operations.import_files)
        welcome.fetch_requested.connect(lambda: self.settings_control.open_page("tardis"))
        welcome.help_requested.connect(self.actions["help.contents"].trigger)

    def _on_refreshed(self, rows: list[DatasetRow]) -> None:
        self._rows = rows

    def _watch_engine(self) -> None:
        status = self.window.status.engine
        self.engine.progressed.connect(status.show_progress)
        self.engine.filled.connect(status.clear)
        self.engine.failed.connect(status.show_failure)
        self.engine.failed.connect(self._on_engine_failed)

    def _on_engine_failed(self, problem: str) -> None:
        self.teller.warning(
            "The engine is not prepared",
            f"{problem}. Everything works, but what needs the engine first makes the window stutter.",
        )

    async def begin(self, size: tuple[int, int] | None = None) -> None:
        """Read what is kept and held, show the window as it was left, and begin to watch and prepare.

        *size*, in pixels, stands above what was kept.
        """
        problem = await asyncio.to_thread(self.layouts.read)
        own_keys, keys_problem = await asyncio.to_thread(self.shortcuts.read)
        self.actions.use_keys(own_keys)
        stood = self.layout_control.restore(usable=lambda key: key in ("data", "replay"))
        if size is not None or not stood:
            self.window.resize(*(size or _FIRST_SIZE_PX))
        self.window.show()
        for each in (problem, keys_problem):
            if each:
                self.teller.warning("What was kept of the window is not used", each)
        self.tasks.start(self._prepare_engine(), "prepare the engine")
        await self.operations.refresh()
        self.tasks.start(OutsideWatch(self.cache, self.bus).run(), "watch for changes")
        if not self._rows and not self.layouts.workspace:
            self.window.go_to("welcome")
        is_read_only = self.cache.is_read_only
        facts = await asyncio.to_thread(look, self.cache.home, is_read_only=is_read_only)
        self.welcome.show_facts(facts)

    async def _prepare_engine(self) -> None:
        await self.engine.fill()
        await self.engine.prepare()

    def running(self) -> list[str]:
        """Name the work that would be lost if the window closed now."""
        return [job.title for job in self.runner.jobs if not job.state.is_final]

    def watch_for_bugs(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell of what nobody caught instead of losing it."""

        def on_exception(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            self.teller.error(error)

        def on_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            self.teller.error(error if isinstance(error, BaseException) else RuntimeError(context["message"]))

        sys.excepthook = on_exception
        loop.set_exception_handler(on_loop_exception)

    async def close(self) -> None:
        """End all work, wait for it, and take the window down."""
        await self.layout_control.close()
        await self.settings_control.close()
        self.assistance.close()
        self.window.hide()
        self.imports.close()
        await self.opener.close()
        await self.tasks.close()
        await asyncio.to_thread(self.runner.shutdown)
        self.responsiveness.stop()
        self.window.deleteLater()
