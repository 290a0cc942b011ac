"""What the user can do with backtests: each verb once, whoever asks for it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.backtest.runs.service import workers_of
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.jobs import State
from tickreel.market.types import DataType
from tickreel.sample import SAMPLE_END_US, SAMPLE_EXCHANGE, SAMPLE_START_US, SAMPLE_SYMBOLS
from tickreel_desktop.actions import Place
from tickreel_desktop.backtest.form.control import FormControl
from tickreel_desktop.backtest.form.draft import Draft, bound_text, draft_of
from tickreel_desktop.backtest.form.sweep_dialog import SweepDialog
from tickreel_desktop.backtest.running.rows import running_row, sweep_work
from tickreel_desktop.backtest.running.words import failure_words, result_words, strategy_name
from tickreel_desktop.children import make_sample
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_over
from tickreel_desktop.jobs import JobVerb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.declaring import Declaration
    from tickreel.backtest.request import BacktestRequest
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.backtest import BacktestWorkspace, RunsKeeper
    from tickreel_desktop.backtest.running.jobs import BacktestJobs
    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.jobs_control import JobsControl
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.run_replay_control import RunReplayControl
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone


class BacktestControl(QObject):
    """The verbs of the Backtest workspace of one window."""

    fetch_wanted = Signal(list)
    """These days (:class:`DayRange`) are missing and shall be fetched."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        workspace: BacktestWorkspace,
        keeper: RunsKeeper,
        jobs: BacktestJobs,
        panel: JobsControl,
        cache: Cache,
        operations: Operations,
        replays: RunReplayControl,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        keeps: bool,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._workspace = workspace
        self._keeper = keeper
        self._jobs = jobs
        self._panel = panel
        self._cache = cache
        self._operations = operations
        self._replays = replays
        self._tasks = tasks
        self._teller = teller
        self._theme = theme
        self._zone = zone
        self._is_making_sample = False
        self.sweep_dialog: SweepDialog | None = None
        """The form of a sweep, while it is open."""
        self.form = FormControl(workspace.form, cache, tasks, undo, teller.error, window, keeps=keeps)
        operations.take_backtests(self.open_run, self.command)
        self._connect()
        self._renew_place()

    def _connect(self) -> None:
        actions, jobs, pane = self._actions, self._jobs, self._workspace.form
        for name, do in (
            ("new", self.new_run),
            ("run", self.run),
            ("sweep", self.sweep),
            ("sample", self.run_sample),
            ("strategy", self.form.edit),
            ("reload", self.form.reload),
            ("template", self.form.ask_template_name),
        ):
            actions.on(f"backtest.{name}", do)
        actions.offer_command("backtest.run", lambda: pane.command() or None)
        pane.foot.run_wanted.connect(self.run)
        pane.foot.sweep_wanted.connect(self.sweep)
        pane.foot.command_wanted.connect(self._operations.copy_command)
        pane.changed.connect(self._renew_possible)
        pane.stated.connect(self._renew_possible)
        self.form.fetch_wanted.connect(self.fetch_wanted)
        space = self._workspace
        space.sample_requested.connect(self.run_sample)
        space.title_changed.connect(self._renew_title)
        space.runs.sweep_opened.connect(self.open_sweep)
        space.runs.cancel_asked.connect(lambda row_id: jobs.act(row_id, JobVerb.CANCEL))
        for view in (space.runs, space.run_view):
            view.rerun_asked.connect(lambda run_id: self._tasks.start(self._rerun(run_id), "do a run again"))
        for shown in (space.run_view, space.why, space.compare):
            shown.replay_asked.connect(self._replay)
        for viewed in (space.run_view, space.why):
            viewed.analyse_asked.connect(self._analyse)
        self._replays.why_asked.connect(self._show_order)
        space.sweep.opened.connect(space.show_run)
        space.sweep.compare_asked.connect(space.show_compared)
        space.sweep.pause_asked.connect(jobs.pause)
        space.sweep.cancel_asked.connect(jobs.cancel)
        space.sweep.resume_asked.connect(
            lambda sweep_id: self._tasks.start(self._resume(sweep_id), "go on with a sweep")
        )
        space.sweep.refine_asked.connect(
            lambda sweep_id, grid: self._tasks.start(self._refine(sweep_id, grid), "refine a sweep")
        )
        jobs.changed.connect(self._show_running)
        jobs.recorded.connect(self._keeper.changed)
        jobs.ended.connect(self._on_ended)
        jobs.open_wanted.connect(self.open_work)
        jobs.line_wanted.connect(self._open_line)
        running = self._workspace.running
        running.cancel_asked.connect(lambda work: jobs.act(work.row_id, JobVerb.CANCEL))
        running.retry_asked.connect(self._retry)
        running.line_asked.connect(self._open_line)
        self._operations.refreshed.connect(self._on_refreshed)
        self._window.workspace_changed.connect(lambda _before, _now: self._renew_place())

    async def begin(self) -> None:
        """Open the runs of the home, and fill the form in as it was left."""
        await self._keeper.begin()
        problem = await self.form.begin()
        if problem:
            self._teller.warning("The form of backtests is not as it was left", problem)

    async def close(self) -> None:
        """End what goes on, and keep the form."""
        await self._jobs.close()
        await self.form.close()

    def new_run(self) -> None:
        """Bring the form to the front, and the keyboard into it."""
        self._window.go_to("backtest")
        self._workspace.show_form()
        self._workspace.form.take_focus()

    def command(self) -> str | None:
        """Spell what is in view as a command line."""
        return self._workspace.form.command() or None

    # Running

    def run(self) -> None:
        """Run what the form says; what stands in the way is said in its foot."""
        pane = self._workspace.form
        request = pane.reading().request
        if request is not None and pane.foot.run_button.isEnabled():
            self.form.note()
            self.submit(request, has_band=pane.draft().has_band)

    def submit(self, request: BacktestRequest | SweepRequest, *, has_band: bool = False) -> None:
        """Queue a run or a sweep."""
        self._tasks.start(self._submit(request, has_band=has_band), "begin a backtest")

    async def _submit(self, request: BacktestRequest | SweepRequest, *, has_band: bool) -> None:
        runs = await self._keeper.runs()
        work = self._jobs.submit(runs, request, has_band=has_band)
        self._workspace.show_work(work)

    def sweep(self, grid: Mapping[str, Sequence[object]] | None = None) -> None:
        """Ask for the values of a sweep of what the form says, and run it; *grid* is filled in."""
        pane = self._workspace.form
        request, declared = pane.reading().request, pane.declaration()
        if request is None or declared is None or pane.obstacle():
            return
        self._tasks.start(self._ask_sweep(request, declared, grid or {}), "set up a sweep")

    async def _ask_sweep(
        self, request: BacktestRequest, declared: Declaration, grid: Mapping[str, Sequence[object]]
    ) -> None:
        pane = self._workspace.form
        self.sweep_dialog = dialog = SweepDialog(
            self._theme,
            pane.draft(),
            request,
            declared,
            self._window,
            rows=pane.rows(),
            rows_per_s=self.form.book.rate(request.strategy),
            workers=await asyncio.to_thread(workers_of, self._cache),
        )
        dialog.take(grid)
        dialog.chosen.connect(self.submit)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(self._on_sweep_dialog_closed)
        open_over(self._window, dialog)

    def _on_sweep_dialog_closed(self) -> None:
        self.sweep_dialog = None

    def run_sample(self) -> None:
        """Make the sample where it is not there yet, fill the form in for it, and run it."""
        if not self._is_making_sample:
            self._tasks.start(self._run_sample(), "run the sample backtest")

    async def _run_sample(self) -> None:
        self._is_making_sample = True
        try:
            self._window.go_to("backtest")
            await make_sample(self._cache.home)
            await self._operations.refresh()
            self.form.take(sample_draft())
            await self.form.settled()
            self.run()
        finally:
            self._is_making_sample = False

    async def _rerun(self, run_id: str) -> None:
        runs = await self._keeper.runs()
        self._jobs.submit_rerun(runs, await self._keeper.ask(lambda runs: runs.run(run_id)))
        self._window.show_panel("jobs")

    async def _resume(self, sweep_id: str) -> None:
        """Go on with a sweep that was cancelled, or whose program ended."""
        found = await self._keeper.ask(lambda runs: runs.records.sweep(sweep_id))
        request = SweepRequest.from_form(found.request)
        self._jobs.submit(await self._keeper.runs(), request, resumed=found.id)

    async def _refine(self, sweep_id: str, grid: dict[str, list[object]]) -> None:
        """Fill the form in as a sweep was asked for, and its finer grid into the form of sweeps."""
        found = await self._keeper.ask(lambda runs: runs.records.sweep(sweep_id))
        self.form.take(draft_of(SweepRequest.from_form(found.request).base))
        await self.form.settled()
        self.sweep(grid)

    def _analyse(self, run_id: str, from_us: int, to_us: int) -> None:
        """Replay a run at the end of a part of it, which is selected, with the analysis beside it."""
        self._tasks.start(self._open_window(run_id, from_us, to_us), "analyse a part of a run")

    async def _open_window(self, run_id: str, from_us: int, to_us: int) -> None:
        await self._replays.open_window(run_id, from_us, to_us)
        self._window.show_panel("analysis")

    def _replay(self, run_id: str, at_us: int) -> None:
        self._tasks.start(self._replays.open_run(run_id, at_us), "replay a run")

    def _show_order(self, run_id: str, order: int) -> None:
        self._window.go_to("backtest")
        self._workspace.show_order(run_id, order)

    def _retry(self, work: Work) -> None:
        again = self._jobs.retry(work)
        if again is not None:
            self._workspace.show_work(again)

    # What came of it

    def _on_ended(self, work: Work) -> None:
        run = work.run
        if run is not None and run.card.rows and run.card.backtest_duration_s:
            self.form.note_rate(work.base.strategy, run.card.rows / run.card.backtest_duration_s)
        name = strategy_name(work.base.strategy)
        open_it = MessageAction("Open sweep" if work.is_sweep else "Open run", partial(self.open_work, work))
        match work.job.state:
            case State.SUCCEEDED if work.proof:
                kind = ToastKind.GOOD if work.proof["identical"] else ToastKind.WARNING
                self._teller.say(Message(kind, f"Run {work.rerun_of} once more", result_words(work)))
            case State.SUCCEEDED:
                what = "The sweep is done" if work.is_sweep else "The run is done"
                message = Message(ToastKind.GOOD, what, f"{name}: {result_words(work)}")
                before = self._before(work)
                actions = [open_it]
                if before is not None:
                    compare_it = partial(self._compare, before, work)
                    actions.append(MessageAction("Compare with the run before", compare_it))
                # What is in view needs no words over it, unless there is more to offer than to open it.
                is_seen = self._window.front == "backtest" and self._workspace.is_in_view(work)
                (self._teller.keep if is_seen and before is None else self._teller.say)(message, actions)
            case State.FAILED:
                actions = [MessageAction("Show cause", lambda: self._show_cause(work))]
                if work.failure is not None and work.failure.line is not None:
                    actions.insert(0, MessageAction("Open the line", partial(self._open_line, work)))
                if run is not None:
                    actions.append(open_it)
                self._teller.say(Message(ToastKind.ERROR, f"{name} failed", failure_words(work)), actions[:3])
            case _:
                return
        self._workspace.note_ended(work)

    def _before(self, work: Work) -> Work | None:
        """Find the newest run of this window before a run, of the same symbols over the same range."""
        if work.run is None:
            return None
        for other in reversed(self._jobs.works()):
            is_whole = other.run is not None and other.job.error is None
            if other.number < work.number and is_whole and _asks_of(other) == _asks_of(work):
                return other
        return None

    def _compare(self, *works: Work) -> None:
        self._window.go_to("backtest")
        self._workspace.show_compared([work.live.id for work in works if work.live.id is not None])

    def open_work(self, work: Work) -> None:
        """Bring what came of a run or sweep into view."""
        found_id = work.live.id
        if found_id is None:
            return
        self._window.go_to("backtest")
        if work.is_sweep:
            self.open_sweep(found_id)
        else:
            self._workspace.show_run(found_id)

    def open_sweep(self, sweep_id: str) -> None:
        """Bring a sweep into view."""
        self._workspace.show_sweep(sweep_id)
        self._show_running()

    def _show_running(self) -> None:
        """Tell the list of what goes on, and the sweep in view of its runs."""
        space, works = self._workspace, [work for work in self._jobs.works() if not work.job.state.is_final]
        space.runs.show_running([running_row(work, self._zone.zone) for work in works])
        shown = next((work for work in works if work.live.id == space.sweep.sweep_id), None)
        if space.is_sweep_shown:
            space.sweep.show_work(None if shown is None else sweep_work(shown))

    def _renew_title(self) -> None:
        if self._window.front == "backtest":
            self._window.set_title(self._workspace.title())

    async def open_run(self, run_id: str) -> None:
        """Bring a run into view, by its id or as much of its beginning as no other has.

        Raises:
            TickreelError: there is none.
        """
        run = await self._keeper.ask(lambda runs: runs.run(run_id))
        self._window.go_to("backtest")
        self._workspace.show_run(run.id)

    def _show_cause(self, work: Work) -> None:
        self._window.show_panel("jobs")
        self._panel.panel.open_job(work.row_id)

    def _open_line(self, work: Work) -> None:
        failure = work.failure
        if failure is not None and failure.file is not None:
            self.form.open_file(Path(failure.file), failure.line)

    def _on_refreshed(self, rows: list[DatasetRow]) -> None:
        books = dict.fromkeys(
            (row.key.exchange, row.key.symbol) for row in rows if row.key.type is DataType.INCREMENTAL_BOOK_L2
        )
        self.form.offer_symbols(list(books))

    def _renew_place(self) -> None:
        """Say what can be done here at all; whoever has actions of this place then says it of his own."""
        self._actions.enable_place(Place.BACKTEST, self._window.front == "backtest", "Go to Backtest first")
        self._renew_possible()

    def _renew_possible(self) -> None:
        is_front, pane = self._window.front == "backtest", self._workspace.form
        self._operations.renew_possible()
        obstacle = pane.obstacle()
        if is_front:
            for name in ("backtest.run", "backtest.sweep"):
                self._actions.enable(name, not obstacle, obstacle)
            has_strategy = bool(pane.strategy.reference)
            for name in ("backtest.strategy", "backtest.reload"):
                self._actions.enable(name, has_strategy, "Choose a strategy first")


def _asks_of(work: Work) -> tuple[object, ...]:
    """Give on what a run is done: runs on the same can be compared."""
    return work.base.instruments, work.base.start_us, work.base.end_us


def sample_draft() -> Draft:
    """Give the form of the sample backtest."""
    return Draft(
        strategy="market_maker",
        symbols=((SAMPLE_EXCHANGE, SAMPLE_SYMBOLS[0]),),
        first=bound_text(SAMPLE_START_US),
        last=bound_text(SAMPLE_END_US),
        capital="10000",
    )
