"""Keeps the card of savings current, opens its dialog, and takes plan and prices on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import TickreelError
from tickreel.fetch.economics import adopt, give_up, read_prices
from tickreel_desktop.components import open_soon
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.savings import CardChoice, SavingsCard, SavingsDialog, hit_rate_told, read_figures

if TYPE_CHECKING:
    from tickreel.fetch.economics import Adoption, PriceTable
    from tickreel.store import Cache
    from tickreel.store.care.statistics import Statistics
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.savings import SavingsFigures
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

_SHOW = "view.savings"


class SavingsControl(QObject):
    """The savings of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        keeps: bool = True,
    ) -> None:
        """Make the card; without *keeps* nothing is written of whether it is shown."""
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._zone = zone
        self._cache = cache
        self._tasks = tasks
        self._teller = teller
        self._undo = undo
        self._keeps = keeps
        self._choice = CardChoice(cache.home)
        self._writing = asyncio.Lock()
        self._asked = 0
        self._figures: SavingsFigures | None = None
        self._show = actions[_SHOW]
        self.card = SavingsCard(theme)
        self.card.assumptions_requested.connect(self.open)
        self.card.plan_requested.connect(self.open_plan)
        self.card.close_requested.connect(lambda: self._show.trigger())
        self.dialog: SavingsDialog | None = None
        self._show.setChecked(True)
        actions.on(_SHOW, self._on_show_chosen)
        actions.on("data.savings", self.open)
        actions.offer_command("data.savings", lambda: "tickreel plan show")
        window.workspace_changed.connect(self._on_workspace_changed)

    async def begin(self) -> None:
        """Show the card unless the user has closed it."""
        problem = await asyncio.to_thread(self._choice.read)
        if problem:
            self._teller.warning("What was kept of the savings is not used", problem)
        self._show.setChecked(self._choice.is_shown)
        self.card.setVisible(self._choice.is_shown)

    def refresh(self, found: Statistics | None = None) -> None:
        """Read the figures anew, on a worker thread, and show them; *found* are sums read already."""
        self._tasks.start(self.renew(found), "read the savings")

    async def renew(self, found: Statistics | None = None) -> None:
        """Read and show the figures; what a later call reads stands above what this one does.

        Raises:
            EnvironmentProblem: the catalog cannot be read.
        """
        self._asked += 1
        mine = self._asked
        figures = await asyncio.to_thread(read_figures, self._cache, found)
        if mine != self._asked:
            return
        self._figures = figures
        self.card.show_figures(figures)
        self._window.status.tell_hit_rate(*hit_rate_told(figures.account.found.local_days))
        if self.dialog is not None:
            self.dialog.show_figures(figures)

    def open(self) -> None:
        """Show what each figure rests on."""
        if self.dialog is None:
            self.dialog = SavingsDialog(self._theme, self._zone, self._cache.home, self._window)
            self.dialog.plan_wanted.connect(self.take_on)
            self.dialog.finished.connect(self._on_closed)
            if self._figures is not None:
                self.dialog.show_figures(self._figures)
            open_soon(self._window, self.dialog)
        self.refresh()

    def open_plan(self) -> None:
        """Show plan and prices."""
        self.open()
        if self.dialog is not None:
            self.dialog.show_plan()

    def take_on(self, table: PriceTable) -> None:
        """Keep a plan and prices in place of what is kept; it can be undone."""
        self._tasks.start(self._take_on(table), "keep plan and prices")

    async def _take_on(self, table: PriceTable) -> None:
        try:
            before, adoption = await asyncio.to_thread(_adopt, self._cache, table)
        except TickreelError as error:
            self._say(sentence(str(error)), is_wrong=True)
            return
        is_removed = _is_empty(table)
        self._undo.did(
            "Remove plan and prices" if is_removed else "Change plan and prices",
            partial(self._put_back, before),
            partial(self._put_back, table),
        )
        self._say(f"{'Removed' if is_removed else 'Saved'}; {adoption.note}")
        await self.renew()

    async def _put_back(self, table: PriceTable) -> None:
        _, adoption = await asyncio.to_thread(_adopt, self._cache, table)
        self._say(adoption.note)
        await self.renew()

    def _say(self, text: str, *, is_wrong: bool = False) -> None:
        """Tell at the foot of the dialog; what is wrong is told in any case."""
        if self.dialog is not None:
            self.dialog.say(text, is_wrong=is_wrong)
        elif is_wrong:
            self._teller.warning("Plan and prices were not saved", text)

    def _on_closed(self) -> None:
        self.dialog = None

    def _on_show_chosen(self) -> None:
        self.card.setVisible(self._show.isChecked())
        self._choice.choose(is_shown=self._show.isChecked())
        if self._keeps:
            self._tasks.start(self._keep(), "keep the savings")

    async def _keep(self) -> None:
        async with self._writing:
            await asyncio.to_thread(self._choice.write)

    def _on_workspace_changed(self, _before: str, now: str) -> None:
        if now == "data":  # reads of a replay were counted meanwhile
            self.refresh()


def _adopt(cache: Cache, table: PriceTable) -> tuple[PriceTable, Adoption]:
    """Take a table on, and give what was kept before; what it was of the quota is that of now."""
    before = read_prices(cache.home)
    if _is_empty(table):
        return before, give_up(cache.home, cache.disk)
    return before, adopt(cache.home, replace(table, quota=before.quota), cache.disk)


def _is_empty(table: PriceTable) -> bool:
    return table.plan is None and table.rates.is_empty
