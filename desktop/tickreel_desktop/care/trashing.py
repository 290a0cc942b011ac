"""The trash in the window: shown, put back, removed for good."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from shiboken6 import isValid

from tickreel.errors import ConflictError, TickreelError
from tickreel.events import DatasetsChanged
from tickreel.market.units import format_bytes
from tickreel_desktop.care.question import Question
from tickreel_desktop.care.restoration import Restoration
from tickreel_desktop.care.survey import counted, days_words
from tickreel_desktop.care.trash_dialog import TrashDialog
from tickreel_desktop.components import open_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store.care.trash import Purged, TrashEntry
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.theme import Theme


class Trashing:
    """Opens the trash, and does what is asked for in it."""

    def __init__(self, context: CareContext, read_only: str) -> None:
        self._context = context
        self._read_only = read_only
        self._dialog: TrashDialog | None = None
        context.bus.subscribe(DatasetsChanged, lambda _event: self._on_changed())

    @property
    def dialog(self) -> TrashDialog | None:
        """The trash, while it is open."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    async def open(self) -> None:
        """Show what lies in the trash."""
        context = self._context
        life = context.cache.life
        dialog = TrashDialog(
            context.theme, context.cache.disk.now_us(), life.settings.trash_days, context.window
        )
        dialog.set_read_only(self._read_only)
        dialog.restore_requested.connect(
            lambda entries, replace: context.tasks.start(self._restore(entries, replace), "restore")
        )
        dialog.purge_requested.connect(lambda entries: context.tasks.start(self._purge(entries), "purge"))
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        await self._refresh()
        open_over(context.window, dialog)
        dialog.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self) -> None:
        if self.dialog is not None:
            self._context.tasks.start(self._refresh(), "read the trash")

    async def _refresh(self) -> None:
        entries = await asyncio.to_thread(self._context.cache.life.trash.entries)
        if (dialog := self.dialog) is not None:
            dialog.show_entries(entries)

    async def _restore(self, entries: Sequence[TrashEntry], replace: bool) -> None:
        life = self._context.cache.life
        crossed = [] if replace else await asyncio.to_thread(life.in_the_way, entries)
        dialog = self.dialog
        if crossed and dialog is not None:
            dialog.show_crossed(entries, crossed)
            return
        try:
            await self._put_back(entries, replace=replace)
        except TickreelError as error:
            if dialog is None or not isValid(dialog):
                raise
            dialog.show_problem(_without_flags(error))

    def restore_version(self, entry: TrashEntry) -> None:
        """Put one version back; what is held of its hours takes its place in the trash."""
        self._context.tasks.start(self._put_back([entry], replace=True), "restore a version")

    async def _put_back(self, entries: Sequence[TrashEntry], *, replace: bool) -> None:
        context = self._context
        restoration = Restoration(context.cache, entries, replaces=replace)
        await self._step(restoration, restoration.do)
        count = days_words(len(restoration.days))
        told, explained = f"{count} restored", restoration.words
        if not restoration.is_undoable:
            context.teller.good(told, explained)
            return
        context.undo.did(
            f"Restore {count}",
            partial(self._step, restoration, restoration.undo),
            partial(self._step, restoration, restoration.do),
            told=told,
            explained=explained,
        )

    async def _step(self, restoration: Restoration, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        finally:
            self._context.tell_changed(restoration.keys)
        await self._refresh()

    async def _purge(self, entries: Sequence[TrashEntry]) -> None:
        context = self._context
        free = [entry for entry in entries if not entry.holders]
        dialog = self.dialog
        if dialog is not None and not free:
            holders = ", ".join(sorted({holder for entry in entries for holder in entry.holders}))
            dialog.show_problem(f"Nothing was purged: needed by {holders}.")
            return
        over = dialog or context.window
        question = _purge_question(context.theme, free, kept=len(entries) - len(free), parent=over)
        if not await context.ask(question, over):
            return
        purged: Purged = await asyncio.to_thread(context.cache.life.trash.purge, free)
        context.tell_changed(entry.key for entry in entries)
        await self._refresh()
        context.teller.good(
            f"{counted(len(purged.entries), 'version')} purged",
            f"{format_bytes(purged.freed_bytes)} are free again.",
        )


def _purge_question(theme: Theme, entries: Sequence[TrashEntry], *, kept: int, parent: QWidget) -> Question:
    size = format_bytes(sum(entry.bytes for entry in entries))
    own = [entry for entry in entries if not entry.is_refetchable]
    sentences = ["Purging cannot be undone."]
    if own:
        sentences.append(
            f"{counted(len(own), 'version')} below cannot be fetched again: their rows are lost for ever."
        )
    else:
        sentences.append("All of it can be fetched again.")
    if kept:
        sentences.append(f"{counted(kept, 'version')} needed by somebody {'stays' if kept == 1 else 'stay'}.")
    return Question(
        theme,
        f"Purge {counted(len(entries), 'version')}, {size}?",
        sentences,
        f"Purge {len(entries)} for good",
        names=[f"{entry.key} {entry.day}" for entry in own or entries],
        is_danger=True,
        parent=parent,
    )


def _without_flags(error: TickreelError) -> str:
    """Leave out of a conflict what only a command line could follow."""
    text = str(error)
    return text.partition(": use --replace")[0] if isinstance(error, ConflictError) else text
