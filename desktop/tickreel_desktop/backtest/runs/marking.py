"""Tags and notes of runs: asked for, kept, and undone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel_desktop.backtest.runs.dialogs import NoteDialog, TagDialog
from tickreel_desktop.components import open_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PySide6.QtWidgets import QDialog, QWidget

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo

Tags = tuple[str, ...]


class RunMarks(QObject):
    """What the user writes of runs, in dialogs over a window."""

    changed = Signal(list)
    """The tags or notes of these runs are others now."""

    def __init__(self, theme: Theme, keeper: RunsKeeper, tasks: Tasks, undo: Undo, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._keeper = keeper
        self._tasks = tasks
        self._undo = undo
        self._window = window
        self.dialog: QDialog | None = None
        """What is asked, while it is open."""

    def ask_tags(self, run_ids: Sequence[str], known: Iterable[str]) -> None:
        """Ask for the tags of runs, offering those that are *known*, and keep them."""
        if run_ids:
            self._tasks.start(self._ask_tags(tuple(run_ids), tuple(known)), "tag runs")

    async def _ask_tags(self, run_ids: Tags, known: Tags) -> None:
        before = await self._keeper.ask(partial(_tags, run_ids=run_ids))
        common = [tag for tag in before[run_ids[0]] if all(tag in tags for tags in before.values())]
        offered = [tag for tag in known if tag not in common]
        dialog = TagDialog(self._theme, len(run_ids), common, offered, self._window)
        dialog.accepted.connect(lambda: self.tag(run_ids, dialog.added, dialog.removed))
        self._open(dialog)

    def tag(self, run_ids: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> None:
        """Add tags to runs and take others off."""
        if added or removed:
            self._tasks.start(self._tag(tuple(run_ids), tuple(added), tuple(removed)), "tag runs")

    async def _tag(self, run_ids: Tags, added: Tags, removed: Tags) -> None:
        before = await self._keeper.ask(partial(_tags, run_ids=run_ids))
        await self._change(run_ids, added, removed)
        what = "1 run" if len(run_ids) == 1 else f"{len(run_ids)} runs"
        again = partial(self._change, run_ids, added, removed)
        self._undo.did(f"Tag {what}", partial(self._put, before), again, told=f"{what} tagged")

    async def _change(self, run_ids: Tags, added: Tags, removed: Tags) -> None:
        def change(runs: Runs) -> None:
            for run_id in run_ids:
                runs.records.tag(run_id, added, removed)

        await self._keeper.ask(change)
        self.changed.emit(list(run_ids))

    async def _put(self, tags: Mapping[str, Tags]) -> None:
        """Give each run the very tags that it had."""

        def put(runs: Runs) -> None:
            for run_id, own in tags.items():
                runs.records.tag(run_id, remove=runs.run(run_id).card.tags)
                runs.records.tag(run_id, own)

        await self._keeper.ask(put)
        self.changed.emit(list(tags))

    def ask_note(self, run_id: str) -> None:
        """Ask for the note of a run, and keep it."""
        if run_id:
            self._tasks.start(self._ask_note(run_id), "note a run")

    async def _ask_note(self, run_id: str) -> None:
        card = await self._keeper.ask(lambda runs: runs.run(run_id).card)
        dialog = NoteDialog(self._theme, f"run {card.id[:6]}", card.notes, self._window)
        dialog.accepted.connect(lambda: self.note(card.id, card.notes, dialog.text.toPlainText()))
        self._open(dialog)

    def note(self, run_id: str, before: str, now: str) -> None:
        """Keep a note in the place of the one before."""
        if now.strip() != before:
            self._tasks.start(self._note(run_id, before, now), "note a run")

    async def _note(self, run_id: str, before: str, now: str) -> None:
        await self._put_note(run_id, now)
        put_back, again = partial(self._put_note, run_id, before), partial(self._put_note, run_id, now)
        self._undo.did("Note of a run", put_back, again, told="Note kept")

    async def _put_note(self, run_id: str, text: str) -> None:
        await self._keeper.ask(lambda runs: runs.records.note(run_id, text))
        self.changed.emit([run_id])

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(self._on_closed)
        open_over(self._window, dialog)

    def _on_closed(self) -> None:
        self.dialog = None


def _tags(runs: Runs, run_ids: Sequence[str]) -> dict[str, Tags]:
    return {run_id: runs.run(run_id).card.tags for run_id in run_ids}
