"""Opens the fetch dialog and the standing orders, and does what was chosen in them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import TickreelError
from tickreel.market.time import day_of
from tickreel.market.units import format_full
from tickreel.store import DayState, Source
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_over
from tickreel_desktop.fetching.dialog import DialogParts, FetchDialog, Submission
from tickreel_desktop.fetching.facts import is_plain
from tickreel_desktop.fetching.preview import Previewer
from tickreel_desktop.fetching.remembered import Remembered
from tickreel_desktop.fetching.standing_dialog import StandingDialog
from tickreel_desktop.fetching.vendor import Vendor
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.fetching.words import queued
from tickreel_desktop.jobs import WATCH_EVERY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from tickreel.fetch.standing import StandingOrder
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.jobs_control import JobsControl
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo

_SECTIONS = ("network", "tardis", "fetch", "store", "shared")
"""Sections of the settings that a plan depends on."""
_PLAN_S = 2.0
"""Whoever pointed at days waits no longer without seeing for what."""


class FetchControl(QObject):
    """The verbs of fetching of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        jobs: JobsControl,
        undo: Undo,
        open_settings: Callable[[str], object],
        selected: Callable[[], DatasetRow | None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._cache = cache
        self._tasks = tasks
        self._teller = teller
        self._jobs = jobs
        self._undo = undo
        self._open_settings = open_settings
        self._selected = selected
        self._vendor = Vendor(cache)
        self._remembered = Remembered(cache.home)
        self._is_opening = False
        self.dialog: FetchDialog | None = None
        """The dialog while it is open."""
        self.standing: StandingDialog | None = None
        """The standing orders while they are shown."""
        actions.on("data.fetch", self.open)
        actions.on("data.fetch_missing", self.open_missing)
        actions.on("data.standing", self.open_standing)
        actions.offer_command("data.fetch", lambda: self._remembered.wish.command())
        actions.offer_command("data.fetch_missing", self._missing_command)
        actions.offer_command("data.standing", lambda: "tickreel jobs kept")
        self.renew_possible()

    async def begin(self) -> None:
        """Read what is remembered, and look after standing orders where the user wants that."""
        problem = await asyncio.to_thread(self._remembered.read)
        if problem:
            self._teller.warning("What was kept of fetching is not used", problem)
        if self._remembered.is_watching and not self._cache.is_read_only:
            self._jobs.watch_orders(True)

    def open(self, wish: FetchWish | None = None) -> None:
        """Ask what to fetch, filled in as wished or as it was last; an open dialog comes to the front."""
        if self.dialog is not None:
            self.dialog.activateWindow()
        elif not self._is_opening:
            self._is_opening = True
            self._start(self._open(self._remembered.wish if wish is None else wish), "open the fetch dialog")

    def fetch_days(self, wish: FetchWish) -> None:
        """Fetch days that were pointed at; where something is to be decided, ask as :meth:`open` does."""
        if self.dialog is not None or self._is_opening:
            self.open(wish)
        else:
            self._is_opening = True
            self._start(self._fetch_days(wish), "fetch chosen days")

    async def _fetch_days(self, wish: FetchWish) -> None:
        try:
            async with asyncio.timeout(_PLAN_S):
                preview = await Previewer(self._vendor.planner).asked(wish)
        except (TickreelError, TimeoutError):
            preview = None  # the dialog plans again, and tells what is wrong or awaited
        finally:
            self._is_opening = False
        if preview is None or not is_plain(preview):
            self.open(wish)
        else:
            await self._submit(Submission(preview, is_paused=False))

    async def _open(self, wish: FetchWish) -> None:
        try:
            dialog = await self._made(wish)
            await asyncio.sleep(0)  # to make it and to show it take as long as the window may be held
        finally:
            self._is_opening = False
        self.dialog = dialog
        open_over(self._window, dialog)

    async def _made(self, wish: FetchWish) -> FetchDialog:
        today = day_of(self._cache.disk.now_us())
        dialog = FetchDialog(
            self._theme,
            self._vendor,
            await DialogParts.made(self._theme, today),
            tasks=self._tasks,
            wish=wish,
            today=today,
            is_watching=self._remembered.is_watching,
            parent=self._window,
        )
        dialog.submitted.connect(self._on_submitted)
        dialog.settings_wanted.connect(self._open_settings)
        dialog.finished.connect(self._on_closed)
        return dialog

    def open_missing(self) -> None:
        """Ask to fetch the days that the selected dataset lacks between its first and its last."""
        wish = self._missing()
        if wish is not None:
            self.open(wish)

    def open_standing(self) -> None:
        """Show what is kept complete."""
        if self.standing is not None:
            self.standing.activateWindow()
            return
        dialog = StandingDialog(
            self._theme,
            self._vendor,
            tasks=self._tasks,
            is_watching=self._remembered.is_watching,
            every_s=WATCH_EVERY_S,
            parent=self._window,
        )
        dialog.ended.connect(lambda order: self._start(self._end_order(order), "end a standing order"))
        dialog.new_wanted.connect(self._on_new_order)
        dialog.watch_chosen.connect(self._on_watch_chosen)
        dialog.queued.connect(lambda _count: self._jobs.fetch_now())
        dialog.finished.connect(self._on_standing_closed)
        self.standing = dialog
        open_over(self._window, dialog)

    def look_again(self) -> None:
        """Take note that the vendor's key, or how it is reached, is another one."""
        if self.dialog is not None:
            self.dialog.look_again()
        else:
            self._vendor.planner.renew()

    def setting_changed(self, key: str) -> None:
        """Take note of a setting that has another value."""
        if key.partition(".")[0] in _SECTIONS:
            self.look_again()

    def renew_possible(self) -> None:
        """Say whether the selected dataset has days to fetch."""
        self._actions.enable(
            "data.fetch_missing",
            self._missing() is not None,
            "Select a dataset of the vendor that lacks days between its first and its last",
        )

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(work, name)

    def _missing(self) -> FetchWish | None:
        """Give the selected dataset's days from the first that is missing to the last."""
        row = self._selected()
        if row is None or any(part.source is Source.SAMPLE for day in row.days for part in day.parts):
            return None
        lacking = [
            place
            for place, state in enumerate(row.coverage.states)
            if state in (DayState.MISSING, DayState.PARTIAL, DayState.DAMAGED, DayState.PENDING)
        ]
        if not lacking:
            return None
        first, last = (row.first_day + timedelta(days=place) for place in (lacking[0], lacking[-1]))
        return FetchWish.of_days(row.key, first, last)

    def _missing_command(self) -> str | None:
        wish = self._missing()
        return None if wish is None else wish.command()

    def _on_closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _on_standing_closed(self) -> None:
        if self.standing is not None:
            self.standing.deleteLater()
            self.standing = None

    def _on_new_order(self) -> None:
        if self.standing is not None:
            self.standing.accept()
        self.open(replace(self._remembered.wish, keeps_on=True))

    def _on_submitted(self, submission: Submission) -> None:
        self._start(self._submit(submission), "submit a fetch")

    async def _submit(self, submission: Submission) -> None:
        """Queue it, let this program work on it, and show where it goes on."""
        dialog = self.dialog
        try:
            submitted = await self._vendor.submit(submission.preview, is_paused=submission.is_paused)
        except TickreelError as error:
            if dialog is not None and dialog is self.dialog:
                dialog.show_refusal(str(error))
            else:
                self._teller.error(error)
            return
        self._remembered.wish = submission.preview.wish.without_choices()
        if dialog is not None and dialog is self.dialog:  # not one that was opened meanwhile
            dialog.accept()
        job_id = submitted.job_id
        if job_id is not None:
            if not submission.is_paused:
                self._jobs.fetch_now()
            self._jobs.panel.show_active()
            self._window.show_panel("jobs")
        self._say(submission, job_id)
        if submitted.problem:
            self._teller.warning("It is not kept complete", submitted.problem)
        await self._keep()

    def _say(self, submission: Submission, job_id: int | None) -> None:
        wish, count = submission.preview.wish, queued(submission.preview)
        what = f"{wish.exchange} {', '.join(wish.symbols)}"
        days = f"{format_full(count)} {'day' if count == 1 else 'days'}"
        if job_id is None:
            self._teller.good("It is kept complete", f"{what}: new days are fetched as they are published.")
            return
        heading = f"{days} queued, paused" if submission.is_paused else f"{days} are being fetched"
        self._teller.say(
            Message(ToastKind.GOOD, heading, f"{what}. Job {job_id}."),
            (MessageAction("Show the job", partial(self._show_job, job_id)),),
        )

    def _show_job(self, job_id: int) -> None:
        self._window.show_panel("jobs")
        self._jobs.panel.open_job(f"fetch:{job_id}")

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self._remembered.write)
        except TickreelError as error:
            self._teller.error(error)

    def _on_watch_chosen(self, is_watching: bool) -> None:
        self._remembered.is_watching = is_watching
        self._jobs.watch_orders(is_watching)
        self._start(self._keep(), "keep whether orders are looked after")

    async def _end_order(self, order: StandingOrder) -> None:
        try:
            await self._vendor.end_order(order)
        except TickreelError as error:
            self._teller.error(error)
            return
        finally:
            self._renew_standing()
        self._undo.did(
            f"End the standing order of {order.key}",
            partial(self._bring_back, order),
            partial(self._end_again, order),
            told="It is kept complete no longer",
            explained=f"{order.key}. What was fetched stays.",
        )

    async def _bring_back(self, order: StandingOrder) -> None:
        await self._vendor.bring_order_back(order)
        self._renew_standing()

    async def _end_again(self, order: StandingOrder) -> None:
        for kept in await self._vendor.orders():
            if kept.key == order.key:
                await self._vendor.end_order(kept)
        self._renew_standing()

    def _renew_standing(self) -> None:
        if self.standing is not None:
            self.standing.refresh()

    async def close(self) -> None:
        """Close what is open, and end the planning; before the cache."""
        for dialog in (self.dialog, self.standing):
            if dialog is not None:
                dialog.reject()
        await self._vendor.planner.close()
