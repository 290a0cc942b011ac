"""What the user can do with runs that are kept: list, show, compare, tag, note, export, report and delete."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.listing import RunListing
from tickreel.backtest.runs.trash import KEPT_DAYS
from tickreel.events import DatasetsChanged
from tickreel.market.units import format_full
from tickreel_desktop.backtest.runs import rows_of
from tickreel_desktop.backtest.runs.exporting import RunExports
from tickreel_desktop.backtest.runs.marking import RunMarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.runs.service import Runs
    from tickreel.events import Bus
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.backtest import RunsKeeper
    from tickreel_desktop.backtest.compare import CompareView
    from tickreel_desktop.backtest.run import RunView
    from tickreel_desktop.backtest.runs import ListedRun, Rows, RunsPane
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo


_OFFERED = 40


class RunsControl(QObject):
    """The verbs of the list of runs, the run in view and the comparison."""

    listed = Signal()
    """The list shows the runs as they are now."""
    opened = Signal(str)
    """A run is to be brought into view."""
    compared = Signal(list)
    """Runs are to be brought into view side by side."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        pane: RunsPane,
        view: RunView,
        compare: CompareView,
        keeper: RunsKeeper,
        bus: Bus,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._pane = pane
        self._view = view
        self._compare = compare
        self._keeper = keeper
        self._tasks = tasks
        self._undo = undo
        self._listing = RunListing()
        self._is_reading = False
        self._is_stale = False
        self.marks = RunMarks(theme, keeper, tasks, undo, window)
        self.exports = RunExports(keeper, tasks, teller, window)
        self._connect()
        bus.subscribe(DatasetsChanged, lambda _event: self.refresh())
        keeper.changed.connect(self.refresh)

    def _connect(self) -> None:
        pane, view, compare = self._pane, self._view, self._compare
        for shown in (pane, view):
            shown.tag_asked.connect(self.ask_tags)
            shown.note_asked.connect(self.marks.ask_note)
            shown.export_asked.connect(self.exports.ask)
            shown.delete_asked.connect(self.delete)
        self.marks.changed.connect(self._on_changed)
        view.report_asked.connect(self.exports.report)
        compare.export_asked.connect(self.exports.ask_table)
        compare.opened.connect(self.opened)
        pane.opened.connect(self.opened)
        pane.compare_asked.connect(self.compare)
        pane.chosen.connect(lambda _ids: self.renew_possible())
        view.shown.connect(lambda _id: self.renew_possible())
        self._window.workspace_changed.connect(lambda _before, _now: self.renew_possible())
        actions = self._actions
        actions.on("runs.filter", pane.focus_filter)
        actions.on("runs.compare", lambda: self.compare(pane.chosen_ids()))
        actions.on("runs.report", lambda: self.exports.report(self._one()))
        actions.on("runs.export", lambda: self.exports.ask(self._runs()))
        actions.on("runs.tag", lambda: self.ask_tags(self._runs()))
        actions.on("runs.note", lambda: self.marks.ask_note(self._one()))
        actions.on("runs.delete", lambda: self.delete(pane.chosen_ids()))
        for name in ("compare", "report", "delete"):
            actions.offer_command(f"runs.{name}", partial(self._command, name))
        self.renew_possible()

    def renew_possible(self) -> None:
        """Let actions be on and off by what is marked and what is in view."""
        if self._window.front != "backtest":
            return
        actions, pane = self._actions, self._pane
        for name, control in (
            ("compare", pane.compare_button),
            ("export", pane.export_button),
            ("tag", pane.tag_button),
        ):
            actions.enable(f"runs.{name}", control.isEnabled(), control.toolTip() or "Choose a run first")
        for name in ("report", "note"):
            actions.enable(f"runs.{name}", bool(self._one()), "Choose a run first")
        actions.enable("runs.delete", bool(pane.chosen_ids()), "Choose a run first")

    def _runs(self) -> list[str]:
        """Give the marked or current runs, without sweeps."""
        return [row.id for row in self._rows(self._pane.chosen_ids()) if not row.is_sweep]

    def _one(self) -> str:
        """Give the run in view, else the current one; empty where there is none."""
        runs = self._runs()
        return self._view.run_id or (runs[0] if len(runs) == 1 else "")

    def _rows(self, row_ids: Sequence[str]) -> list[ListedRun]:
        rows = map(self._pane.model.rows.get, row_ids)
        return [row for row in rows if row is not None]

    def _command(self, name: str) -> str | None:
        """Spell what an action would do now as a command line, where there is one that does it."""
        runs, one = self._runs(), self._one()
        match name:
            case "compare" if len(runs) == 2:
                return f"tickreel runs compare {' '.join(runs)}"
            case "report" if one:
                return f"tickreel runs export {one} --format html"
            case "delete" if runs:
                return f"tickreel runs delete {' '.join(runs)}"
            case _:
                return None

    def refresh(self) -> None:
        """Read the list anew, off the UI thread; once more where something changes meanwhile."""
        self._is_stale = True
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._refresh(), "list runs")

    async def _refresh(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                listing, rows = await self._keeper.ask(partial(_read, before=self._listing))
                if rows is not None:
                    self._listing = listing
                    self._pane.show_rows(rows)
                    self._compare.offer(_newest_ended(rows))
                self.listed.emit()
        finally:
            self._is_reading = False

    def compare(self, run_ids: Sequence[str]) -> None:
        """Bring two or more runs into view side by side."""
        if len(run_ids) < 2:
            return
        self._compare.show_runs(list(run_ids))
        self.compared.emit(list(run_ids))

    def ask_tags(self, run_ids: Sequence[str]) -> None:
        """Ask for the tags of runs."""
        known = dict.fromkeys(tag for row in self._pane.model.rows.runs for tag in row.tags)
        self.marks.ask_tags(run_ids, known)

    def _on_changed(self, run_ids: list[str]) -> None:
        self.refresh()
        if self._view.run_id in run_ids:
            self._view.renew()

    def delete(self, row_ids: Sequence[str]) -> None:
        """Move runs to the trash, and all runs of sweeps; that can be undone."""
        sweeps = frozenset(row.id for row in self._rows(row_ids) if row.is_sweep)
        if row_ids:
            self._tasks.start(self._delete(list(row_ids), sweeps), "delete runs")

    async def _delete(self, row_ids: list[str], sweeps: frozenset[str]) -> None:
        run_ids = await self._keeper.ask(partial(_members, row_ids=row_ids, sweeps=sweeps))
        gone: list[str] = []
        try:
            await self._trash(run_ids, gone)
        finally:
            if gone:
                what = "1 run" if len(gone) == 1 else f"{format_full(len(gone))} runs"
                self._undo.did(
                    f"Delete {what}",
                    partial(self._restore, gone),
                    partial(self._trash, gone),
                    told=f"{what} deleted",
                    explained=f"Kept in the trash for {KEPT_DAYS} days.",
                )

    async def _trash(self, run_ids: list[str], gone: list[str] | None = None) -> None:
        """Move one after the other, for others ask of runs meanwhile; *gone* takes those that were moved."""
        try:
            for run_id in run_ids:
                await self._keeper.ask(partial(_put_away, run_id=run_id))
                if gone is not None:
                    gone.append(run_id)
        finally:
            self.refresh()
        if self._view.run_id in run_ids:
            self._view.show_none()

    async def _restore(self, run_ids: list[str]) -> None:
        try:
            for run_id in run_ids:
                await self._keeper.ask(partial(_put_back, run_id=run_id))
        finally:
            self.refresh()


def _read(runs: Runs, before: RunListing) -> tuple[RunListing, Rows | None]:
    """Give the list as it is, and its rows where it is another than before."""
    listing = runs.records.listing()
    return listing, None if listing == before else rows_of(listing)


def _newest_ended(rows: Rows) -> list[tuple[str, str]]:
    """Name the newest runs that can be put beside others, by id."""
    ended = (row for row in rows.runs if not row.is_sweep and row.state is not RunState.RUNNING)
    return [(row.id, f"{row.title} {row.short_id}: {row.subtitle}") for row in islice(ended, _OFFERED)]


def _members(runs: Runs, row_ids: Sequence[str], sweeps: frozenset[str]) -> list[str]:
    found: list[str] = []
    for row_id in row_ids:
        found += [one.id for one in runs.runs(row_id)] if row_id in sweeps else [row_id]
    return found


def _put_away(runs: Runs, run_id: str) -> None:
    runs.trash.put(run_id)


def _put_back(runs: Runs, run_id: str) -> None:
    runs.trash.restore(run_id)
