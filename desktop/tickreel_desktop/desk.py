"""Everything that lives as long as the window, built in one place and taken down in order."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from tickreel.events import Bus
from tickreel.jobs.runner import JobRunner
from tickreel_desktop.actions import Actions
from tickreel_desktop.data import DataWorkspace, ImportController, JobRelay
from tickreel_desktop.operations import Operations
from tickreel_desktop.replay.engine import Engine
from tickreel_desktop.replay.opening import ReplayOpener
from tickreel_desktop.replay.readout import BookReadout
from tickreel_desktop.replay.workspace import ReplayWorkspace
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.window import MainWindow

if TYPE_CHECKING:
    from types import TracebackType

    from tickreel.store import Cache
    from tickreel_desktop.theme import Theme


class Desk:
    """Everything that lives as long as the window."""

    def __init__(self, cache: Cache, theme: Theme, default_speed: float | str) -> None:
        self.cache = cache
        self.bus = Bus()
        self.tasks = Tasks(self._on_error)
        self.relay = JobRelay()
        self.runner = JobRunner(self.relay.tell)
        self.imports = ImportController(cache, self.runner, self.bus, self.relay)
        self.readout = BookReadout(theme)
        self.data = DataWorkspace(theme, self.imports)
        self.replay = ReplayWorkspace(theme, self.readout)
        self.engine = Engine()
        self.actions = Actions(theme)
        self.window = MainWindow(theme, self.actions, self.data, self.replay, self.readout)
        self.opener = ReplayOpener(
            theme=theme,
            window=self.window,
            workspace=self.replay,
            cache=cache,
            engine=self.engine,
            tasks=self.tasks,
            tell=self._on_error,
            default_speed=default_speed,
        )
        self.operations = Operations(
            window=self.window,
            actions=self.actions,
            theme=theme,
            data=self.data,
            replay=self.replay,
            opener=self.opener,
            imports=self.imports,
            cache=cache,
            bus=self.bus,
            tasks=self.tasks,
        )
        self.tasks.start(self.operations.refresh(), "refresh")
        self._watch_engine()
        self.tasks.start(self._prepare_engine(), "prepare the engine")

    def _watch_engine(self) -> None:
        status = self.window.engine_status
        self.engine.progressed.connect(status.show_progress)
        self.engine.filled.connect(status.clear)
        self.engine.failed.connect(status.show_failure)
        self.engine.failed.connect(self.operations.tell_unprepared)

    async def _prepare_engine(self) -> None:
        await self.engine.fill()
        await self.engine.prepare()

    def _on_error(self, error: BaseException) -> None:
        self.operations.tell(error)

    def watch_for_bugs(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell of what nobody caught instead of losing it."""

        def on_exception(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            self._on_error(error)

        def on_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            self._on_error(error if isinstance(error, BaseException) else RuntimeError(context["message"]))

        sys.excepthook = on_exception
        loop.set_exception_handler(on_loop_exception)

    async def close(self) -> None:
        """End all work, wait for it, and take the window down."""
        self.window.hide()
        self.imports.close()
        await self.opener.close()
        await self.tasks.close()
        await asyncio.to_thread(self.runner.shutdown)
        self.window.deleteLater()
