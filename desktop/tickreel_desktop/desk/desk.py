"""The window from its first to its last moment: begun with what is kept and held, and taken down in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tickreel.session import Session
from tickreel_desktop.crash import RecoveryCard, SessionKeeper
from tickreel_desktop.desk.verbs import Verbs
from tickreel_desktop.frame.overlay import Overlay
from tickreel_desktop.imports import IMPORT_KIND
from tickreel_desktop.outside import OutsideWatch
from tickreel_desktop.welcome.facts import look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.logs import Ring
    from tickreel.session import Interrupted
    from tickreel.settings import Settings
    from tickreel.store import Cache
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FIRST_SIZE_PX = (1280, 800)
_KEPT_WORKSPACES = ("data", "replay", "backtest")


class Desk(Verbs):
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
        speed = settings.replay.speed
        super().__init__(cache, theme, zone, ring, default_speed=speed, keeps=leaves_marks, flags=flags)
        self._leaves_marks = leaves_marks
        self._session = SessionKeeper(Session(cache.home), self.tasks, self._opened, self.window)

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
        interrupted = await self._session.begin() if self._leaves_marks else None
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
            await self._session.end()
        self.crashes.close()
        self.responsiveness.stop()
        self.window.deleteLater()
