"""What the user can do with backtests: each verb once, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel_desktop.actions import Place

if TYPE_CHECKING:
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.backtest import BacktestWorkspace, RunsKeeper
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.tasks import Tasks


class BacktestControl(QObject):
    """The verbs of the Backtest workspace of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        workspace: BacktestWorkspace,
        keeper: RunsKeeper,
        operations: Operations,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._workspace = workspace
        self._keeper = keeper
        self._tasks = tasks
        actions.on("backtest.new", self.new_run)
        operations.lead_to_runs(self.open_run)
        window.workspace_changed.connect(lambda _before, _now: self._renew_possible())
        self._renew_possible()

    async def begin(self) -> None:
        """Open the runs of the home."""
        await self._keeper.begin()

    async def close(self) -> None:
        """Let go of the runs."""
        await self._keeper.close()

    def go(self) -> None:
        """Bring the workspace to the front."""
        self._window.go_to("backtest")

    def new_run(self) -> None:
        """Bring the form to the front, and the keyboard into it."""
        self.go()
        self._workspace.form.take_focus()

    async def open_run(self, run_id: str) -> None:
        """Bring a run into view, by its id or as much of its beginning as no other has.

        Raises:
            TickreelError: there is none.
        """
        run = await self._keeper.ask(lambda runs: runs.run(run_id))
        self.go()
        self._workspace.show_run(run.id)

    def _renew_possible(self) -> None:
        is_front = self._window.front == "backtest"
        self._actions.enable_place(Place.BACKTEST, is_front, "Go to Backtest first")
