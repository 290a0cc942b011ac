"""A time from which days may leave by themselves, given and taken by hand."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QRadioButton

from tickreel.errors import UsageError
from tickreel.market.time import day_of, day_start_us, parse_day
from tickreel_desktop.care.commands import cache_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.survey import days_do, days_words, look, ranges_of, where_words
from tickreel_desktop.components import ButtonKind, Message, ToastKind, label
from tickreel_desktop.theme import FontRole, Role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Day
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.theme import Theme

_WIDTH_PX = 520
_USUAL_DAYS = 30


class ExpiryDialog(CareDialog):
    """Ask from when on days may leave; :meth:`day` has the answer once it was accepted."""

    def __init__(
        self,
        theme: Theme,
        heading: str,
        note: str,
        ranges: Sequence[DayRange],
        today: date,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Set when days may leave", parent)
        self._ranges = ranges
        self._today = today
        self.from_button = QRadioButton("From the UTC day")
        self.never_button = QRadioButton("Never by themselves")
        self.from_button.setChecked(True)
        self.field = QLineEdit((today + timedelta(days=_USUAL_DAYS)).isoformat())
        self.field.setAccessibleName("UTC day from which the days may leave, YYYY-MM-DD")
        self.field.setFont(theme.font(FontRole.MONO))
        self.field.setFixedWidth(theme.px(110))
        self.field.textEdited.connect(lambda _text: self._renew())
        self.from_button.toggled.connect(lambda _is_on: self._renew())
        self._command = HeadedCommand(theme)
        self.add_cancel()
        self.set_button = self.add_button("Set the time", ButtonKind.PRIMARY)
        self.set_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.from_button)
        row.addWidget(self.field)
        row.addStretch(1)
        self.body.addWidget(label(heading, Role.TITLE, wrap=True))
        self.body.addWidget(label(note, Role.SECONDARY, wrap=True))
        self.body.addLayout(row)
        self.body.addWidget(self.never_button)
        self.body.addSpacing(theme.px(4))
        self.body.addWidget(self._command)
        self.fit(_WIDTH_PX)
        self._renew()

    def day(self) -> date | None:
        """Give the day from which on they may leave; None is never.

        Raises:
            UsageError: what is typed is no day.
        """
        return None if self.never_button.isChecked() else parse_day(self.field.text().strip())

    def command(self) -> str:
        """Give the command line that does the same."""
        return self._command.command()

    def _renew(self) -> None:
        self.field.setEnabled(self.from_button.isChecked())
        try:
            day = self.day()
        except UsageError as error:
            set_style_property(self.field, "error", True)
            self.say(str(error), is_warning=True)
            self.set_button.setEnabled(False)
            self._command.set_command("")
            return
        set_style_property(self.field, "error", False)
        is_past = day is not None and day <= self._today
        self.say("That day has come: they may leave at once." if is_past else "", is_warning=is_past)
        self.set_button.setEnabled(True)
        options = ("--never",) if day is None else ("--at", day.isoformat())
        self._command.set_command(cache_command("expire", self._ranges, *options))


class Expiring:
    """Gives the selected days a time; what no origin serves again is left without."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

    async def expire(self) -> None:
        """Ask for the time, and set it."""
        context = self._context
        found = await asyncio.to_thread(look, context.cache, context.ranges())
        days = [day for day in found.days if day.is_refetchable]
        if not days:
            heading = "No time was set"
            text = "Nothing is held of the selection."
            if found.days:
                text = "Imported days never leave by themselves: delete them by hand."
            context.teller.say(Message(ToastKind.WARNING, heading, text))
            return
        ranges = ranges_of(days)
        note = "They leave for good from then on, whenever room is made; they can be fetched again."
        if found.own:
            note += (
                f" {days_words(len(found.own))} of the selection cannot be fetched again and never expire."
            )
        if pinned := [day for day in days if day.pinned]:
            note += f" {days_do(len(pinned), 'is', 'are')} pinned, and a pin stands above a time."
        dialog = ExpiryDialog(
            context.theme,
            f"When may {days_words(len(days))} of {where_words(days)} leave?",
            note,
            ranges,
            day_of(context.cache.disk.now_us()),
            context.window,
        )
        if await context.ask(dialog):
            await self._set(days, ranges, dialog.day())

    async def _set(self, days: Sequence[Day], ranges: Sequence[DayRange], until: date | None) -> None:
        after_us = None if until is None else day_start_us(until)
        before: dict[int | None, list[DayRange]] = {
            at_us: ranges_of(day for day in days if day.expires_us == at_us)
            for at_us in {day.expires_us for day in days}
        }
        after = {after_us: list(ranges)}
        await self._write(after)
        count = days_words(len(days))
        told = f"{count} may leave from {until} on"
        if until is None:
            told = f"{count} never leave by themselves"
        self._context.undo.did(
            f"Set the time of {count}",
            partial(self._write, before),
            partial(self._write, after),
            told=told,
        )

    async def _write(self, wanted: Mapping[int | None, Sequence[DayRange]]) -> None:
        def write() -> None:
            for at_us, ranges in wanted.items():
                for one in ranges:
                    self._context.cache.life.expire(one, at_us)

        await asyncio.to_thread(write)
        self._context.tell_changed(one.key for ranges in wanted.values() for one in ranges)
