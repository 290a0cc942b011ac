"""What the user does with kept set-ups: save, rename, delete, each to be undone; written soon after."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.errors import TickreelError
from tickreel_desktop.keeping import Writer
from tickreel_desktop.replay.saved import ReplayBook, SavedPlan, setup_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.replay import ReplayPlan
    from tickreel_desktop.replay.panel_choice import PanelChoice
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.undo import Undo


class SavedReplays(QObject):
    """The kept set-ups of one home, and what was open last."""

    changed = Signal()
    """Other set-ups are kept now, or another replay was open last."""

    def __init__(
        self,
        home: Path,
        tasks: Tasks,
        undo: Undo,
        refuse: Callable[[TickreelError], object],
        parent: QObject,
        *,
        keeps: bool,
    ) -> None:
        """Look after the file of a home; without *keeps* it is read only. *refuse* tells what went wrong."""
        super().__init__(parent)
        self._book = ReplayBook(home)
        self._tasks = tasks
        self._undo = undo
        self._refuse = refuse
        self._keeps = keeps
        self._writer = Writer(self._book.write, refuse)
        self.newest = ""
        """The name that was kept last by the change that is told; empty when none was."""

    async def begin(self) -> str:
        """Read what is kept; give what was wrong with the file, if anything."""
        problem = await asyncio.to_thread(self._book.read)
        self.changed.emit()
        return problem

    async def close(self) -> None:
        """Write what has changed last."""
        if self._keeps:
            await self._writer.write()

    @property
    def names(self) -> list[str]:
        """The names of the kept set-ups, sorted."""
        return self._book.names

    def setup(self, name: str) -> SavedPlan | None:
        """Give a kept set-up; None when there is none of that name."""
        return self._book.setup(name)

    def plan(self, name: str) -> ReplayPlan | None:
        """Give the plan of a kept set-up; None when there is none of that name."""
        setup = self._book.setup(name)
        return None if setup is None else setup.plan

    @property
    def last(self) -> SavedPlan | None:
        """What was open last, and where it stood."""
        return self._book.last

    @property
    def last_plan(self) -> ReplayPlan | None:
        """What was open last."""
        return None if self._book.last is None else self._book.last.plan

    def note_last(self, plan: ReplayPlan, at_us: int) -> None:
        """Note which replay is open, and where it stands."""
        self._book.note_last(plan, at_us)
        self._renew()

    def save(self, text: str, plan: ReplayPlan, panels: PanelChoice) -> None:
        """Keep a plan and its panels under a name, in the place of one that has it."""
        try:
            name = setup_name(text)
        except TickreelError as error:
            self._refuse(error)
            return
        before, setup = self._book.setup(name), SavedPlan.of(plan, panels=panels)
        self._keep_as(name, setup)
        if before is not None and before != setup:
            self._undo.did(
                f"Replace set-up {name}",
                partial(self._keep_as, name, before),
                partial(self._keep_as, name, setup),
            )

    def rename(self, name: str, text: str) -> None:
        """Give a kept set-up another name; one that is taken is refused."""
        try:
            to = setup_name(text)
            self._rename(name, to)
        except TickreelError as error:
            self._refuse(error)
            return
        if to != name:
            self._undo.did(
                f"Rename set-up {name}", partial(self._rename, to, name), partial(self._rename, name, to)
            )

    def delete(self, name: str) -> None:
        """Drop a kept set-up; it can be had back."""
        setup = self._book.setup(name)
        if setup is not None:
            self._forget(name)
            self._undo.did(
                f"Delete set-up {name}",
                partial(self._keep_as, name, setup),
                partial(self._forget, name),
                told="Set-up deleted",
                explained=name,
            )

    def _keep_as(self, name: str, setup: SavedPlan) -> None:
        self._book.keep(name, setup)
        self._renew(name)

    def _rename(self, name: str, to: str) -> None:
        self._book.rename(name, to)
        self._renew(to)

    def _forget(self, name: str) -> None:
        self._book.forget(name)
        self._renew()

    def _renew(self, newest: str = "") -> None:
        self.newest = newest
        if self._keeps:
            self._tasks.start(self._writer.write(), "keep the set-ups")
        self.changed.emit()
        self.newest = ""
