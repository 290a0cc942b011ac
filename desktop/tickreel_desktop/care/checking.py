"""Files held against their checksums, as a job; what is damaged is told with its cure."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from tickreel.jobs import State
from tickreel.market.units import format_bytes, format_full
from tickreel_desktop.care.commands import cache_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.findings_dialog import Cure, FindingsDialog
from tickreel_desktop.care.survey import counted, days_words, look, where_words
from tickreel_desktop.components import (
    ButtonKind,
    Message,
    MessageAction,
    Segment,
    Segments,
    ToastKind,
    label,
    open_over,
)
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.progress import Monitor
    from tickreel.store.care.verification import Finding
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.care.refetching import Refetching
    from tickreel_desktop.care.survey import Survey
    from tickreel_desktop.theme import Theme

_WIDTH_PX = 520


class VerifyDialog(CareDialog):
    """Ask what to verify, and how hard to look."""

    def __init__(
        self,
        theme: Theme,
        found: Survey,
        ranges: Sequence[DayRange],
        *,
        is_read_only: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Verify days", parent)
        self._ranges = tuple(ranges)
        self.scope = Segments(
            theme,
            "What to verify",
            (Segment("selection", "The selection"), Segment("all", "Everything held")),
        )
        self.scope.choose("selection" if found.days else "all")
        self.scope.setVisible(bool(found.days))
        self.scope.chosen.connect(lambda _key: self._renew())
        self.deep = QCheckBox("Decode every row as well, and compute the digests")
        self.deep.toggled.connect(lambda _is_on: self._renew())
        self._command = HeadedCommand(theme)
        self._selection = (
            f"{days_words(len(found.days))} of {where_words(found.days)}, {format_bytes(found.bytes)}"
            if found.days
            else ""
        )
        self._what = label("", Role.SECONDARY, wrap=True)
        self.add_cancel()
        self.verify_button = self.add_button("Verify", ButtonKind.PRIMARY)
        self.verify_button.clicked.connect(self.accept)
        self.body.addWidget(label("Hold every byte against its checksum", Role.TITLE))
        self.body.addWidget(self.scope)
        self.body.addWidget(self._what)
        self.body.addWidget(self.deep)
        ends = (
            "marks nothing: the home can only be read"
            if is_read_only
            else "takes damaged days out of service"
        )
        self.body.addWidget(label(f"It {ends}. It runs among the jobs and can be cancelled.", Role.CAPTION))
        self.body.addSpacing(theme.px(4))
        self.body.addWidget(self._command)
        self.fit(_WIDTH_PX)
        self._renew()

    def ranges(self) -> tuple[DayRange, ...] | None:
        """Give what to look at; None is everything."""
        return self._ranges if self.scope.value() == "selection" else None

    def _renew(self) -> None:
        ranges = self.ranges()
        self._what.setText(self._selection if ranges is not None else "All days of the home, and the trash.")
        options = ("--deep",) if self.deep.isChecked() else ()
        self._command.set_command(cache_command("verify", ranges or (), *options))


class Checking:
    """Verifies days, and tells what was found."""

    def __init__(
        self,
        context: CareContext,
        *,
        import_files: Callable[[], None],
        refetching: Refetching,
        open_trash: Callable[[], None],
    ) -> None:
        self._context = context
        self._import_files = import_files
        self._refetching = refetching
        self._open_trash = open_trash

    async def verify(self) -> None:
        """Ask what to verify, and do it."""
        context = self._context
        ranges = context.ranges()
        found = await asyncio.to_thread(look, context.cache, ranges)
        dialog = VerifyDialog(
            context.theme, found, ranges, is_read_only=context.cache.is_read_only, parent=context.window
        )
        if await context.ask(dialog):
            await self._verify(dialog.ranges(), found, deep=dialog.deep.isChecked())

    async def _verify(self, ranges: Sequence[DayRange] | None, found: Survey, *, deep: bool) -> None:
        what = (
            "everything held"
            if ranges is None
            else f"{days_words(len(found.days))} of {where_words(found.days)}"
        )

        def work(monitor: Monitor) -> list[Finding]:
            return self._context.cache.verify(ranges, deep=deep, monitor=monitor)

        try:
            job = await self._context.job("verify", f"Verify {what}", work)
        finally:
            self._context.tell_changed(())  # marks may have been set, also before a cancellation
        if job.state is State.CANCELLED or job.result is None:
            text = "What was found until then is marked; the rest was not looked at."
            self._context.teller.say(Message(ToastKind.WARNING, "Verification cancelled", text))
            return
        await self._tell(job.result)

    async def _tell(self, findings: Sequence[Finding]) -> None:
        told = [one for one in findings if one.problem or one.note]
        damaged = [one for one in told if one.problem]
        if not told:
            self._context.teller.good(
                f"All of {counted(len(findings), 'file')} sound" if len(findings) != 1 else "1 file is sound",
                "Every byte agrees with its checksum.",
            )
            return
        cures = await asyncio.to_thread(self._cures, told)
        show = MessageAction("Show what was found", partial(self._show, cures, len(findings)))
        heading = (
            f"{counted(len(damaged), 'file')} of {format_full(len(findings))} damaged"
            if damaged
            else f"{counted(len(told), 'file')} put right"
        )
        text = f"{told[0].key} {told[0].day}: {told[0].problem or told[0].note}"
        kind = ToastKind.ERROR if damaged else ToastKind.GOOD
        self._context.teller.say(Message(kind, heading, text), (show,))

    def _cures(self, told: Sequence[Finding]) -> list[Cure]:
        cache = self._context.cache
        cures = []
        for one in told:
            day = cache.day(one.key.exchange, one.key.symbol, one.key.type, one.day)
            cures.append(Cure(one, day is not None and day.is_refetchable))
        return cures

    def _show(self, cures: Sequence[Cure], looked_at: int) -> None:
        dialog = FindingsDialog(self._context.theme, cures, looked_at, self._context.window)
        for signal, go_on in (
            (dialog.import_requested, self._import_files),
            (dialog.trash_requested, self._open_trash),
        ):
            signal.connect(dialog.accept)
            signal.connect(go_on)
        dialog.fetch_requested.connect(dialog.accept)
        dialog.fetch_requested.connect(self._refetching.fetch)
        dialog.finished.connect(dialog.deleteLater)
        open_over(self._context.window, dialog)
