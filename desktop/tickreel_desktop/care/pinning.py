"""Pins set and taken by hand, at once and to be undone."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tickreel_desktop.care.survey import days_do, days_words, look, ranges_of, where_words
from tickreel_desktop.components import Message, ToastKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import Day
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.care.survey import Survey


class Pinning:
    """Pins and unpins the selected days."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

    async def pin(self) -> None:
        """Pin what is held of the selection; days that are pinned by hand already stay as they are."""
        found = await self._look()
        if found is None:
            return
        by_hand = set(found.pinned_by_hand)
        fresh = [day for day in found.days if day not in by_hand]
        if not fresh:
            self._say("Pinned already", f"{days_words(len(found.days))} of {where_words(found.days)}.")
            return
        also = ""
        if others := found.pinned_by_others:
            also = f" {days_words(len(others))} of the selection: also pinned by {found.others_words()}."
        await self._change(fresh, True, f"They leave neither by hand nor by themselves.{also}")

    async def unpin(self) -> None:
        """Take the pins that were set by hand from the selection; those of others stay."""
        found = await self._look()
        if found is None:
            return
        mine, others = found.pinned_by_hand, found.pinned_by_others
        if mine:
            stay = ""
            if others:
                stay = f" {days_do(len(others), 'stays', 'stay')} pinned by {found.others_words()}."
            await self._change(mine, False, f"They may leave again.{stay}")
        elif others:
            self._say(
                "Nothing was unpinned",
                f"{days_do(len(others), 'is', 'are')} pinned by {found.others_words()}, not by hand.",
            )
        else:
            self._say(
                "Nothing was unpinned", f"No day of {where_words(found.days)} in the selection is pinned."
            )

    async def _look(self) -> Survey | None:
        found = await asyncio.to_thread(look, self._context.cache, self._context.ranges())
        if not found.days:
            self._say("Nothing is held of the selection", "Import or fetch its days first.")
            return None
        return found

    def _say(self, heading: str, text: str) -> None:
        self._context.teller.say(Message(ToastKind.WARNING, heading, text))

    async def _change(self, days: Sequence[Day], is_pinned: bool, explained: str) -> None:
        ranges = ranges_of(days)
        await self._set(ranges, is_pinned)
        count = days_words(len(days))
        self._context.undo.did(
            f"{'Pin' if is_pinned else 'Unpin'} {count}",
            partial(self._set, ranges, not is_pinned),
            partial(self._set, ranges, is_pinned),
            told=f"{count} of {where_words(days)} {'pinned' if is_pinned else 'unpinned'}",
            explained=explained,
        )

    async def _set(self, ranges: Sequence[DayRange], is_pinned: bool) -> None:
        await asyncio.to_thread(self._write, ranges, is_pinned)
        self._context.tell_changed(one.key for one in ranges)

    def _write(self, ranges: Sequence[DayRange], is_pinned: bool) -> None:
        pins = self._context.cache.life.pins
        for one in ranges:
            (pins.pin if is_pinned else pins.unpin)(one)
