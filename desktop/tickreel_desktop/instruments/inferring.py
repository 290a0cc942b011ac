"""Tick and lot found in the rows of the instrument that is shown, and stored when the user says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.errors import Cancelled, TickreelError
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.instruments.infer_form import InferenceWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.instruments.infer_form import InferForm
    from tickreel_desktop.instruments.keeper import Found, InstrumentKeeper
    from tickreel_desktop.instruments.sheet import InstrumentSheet
    from tickreel_desktop.tasks import Tasks


class Inferring(QObject):
    """Does what the form asks for; *say* tells what came of it."""

    def __init__(
        self,
        form: InferForm,
        keeper: InstrumentKeeper,
        tasks: Tasks,
        say: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._keeper = keeper
        self._tasks = tasks
        self._say = say
        self._sheet: InstrumentSheet | None = None
        self._watch: InferenceWatch | None = None
        self._is_closed = False
        form.inference_wanted.connect(self._on_inference_wanted)
        form.cancelled.connect(self._on_cancelled)
        form.storing_wanted.connect(self._on_storing_wanted)

    def show_sheet(self, sheet: InstrumentSheet | None) -> None:
        """Go on with another instrument, or with the same as it is known now."""
        before = self._sheet
        self._sheet = sheet
        is_same = (
            before is not None
            and sheet is not None
            and (before.exchange, before.symbol) == (sheet.exchange, sheet.symbol)
        )
        if not is_same:
            self._forget()
        self._form.show_sheet(sheet)

    def close(self) -> None:
        """Call off what runs; it finds nobody to tell."""
        self._is_closed = True
        self._on_cancelled()

    def _forget(self) -> None:
        """Call off what runs, whose answer is of an instrument that is not shown any more."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch.progressed.disconnect(self._form.show_progress)
            self._watch = None
            self._form.show_running(False)

    def _on_cancelled(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    def _on_inference_wanted(self, start_us: int, end_us: int, allow_missing: bool) -> None:
        self._tasks.start(self._infer(start_us, end_us, allow_missing=allow_missing), "infer tick and lot")

    async def _infer(self, start_us: int, end_us: int, *, allow_missing: bool) -> None:
        if self._sheet is None or self._watch is not None:
            return
        form, sheet = self._form, self._sheet
        watch = self._watch = InferenceWatch()
        watch.progressed.connect(form.show_progress)
        form.show_running(True)
        found: Found | None = None
        problem = ""
        try:
            found = await asyncio.to_thread(
                self._keeper.infer,
                sheet.exchange,
                sheet.symbol,
                start_us,
                end_us,
                allow_missing=allow_missing,
                monitor=watch,
            )
        except Cancelled:
            problem = "Cancelled; nothing was stored."
        except TickreelError as error:
            problem = sentence(str(error))
        finally:
            is_wanted = self._watch is watch
            if is_wanted:
                self._watch = None
        if self._is_closed or not is_wanted:
            return
        form.show_running(False)
        form.show_found(found)
        if problem:
            form.set_problem(problem)

    def _on_storing_wanted(self, found: Found) -> None:
        self._tasks.start(self._store(found), "store an inference")

    async def _store(self, found: Found) -> None:
        form = self._form
        try:
            is_new = await self._keeper.store(found.inference)
        except TickreelError as error:
            if not self._is_closed:
                form.set_problem(sentence(str(error)))
            return
        if self._is_closed:
            return
        if form.found is found:  # else another instrument is shown by now
            form.show_found(None)
        self._say("What the rows told is stored." if is_new else "That was stored already.")
