"""Days to the trash: asked about only where that cannot be wholly taken back, and to be undone."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tickreel.jobs import State
from tickreel.market.units import format_bytes
from tickreel_desktop.care.deletion import Deletion
from tickreel_desktop.care.question import Question
from tickreel_desktop.care.survey import Survey, days_do, days_words, look, where_words
from tickreel_desktop.components import Message, MessageAction, ToastKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Day
    from tickreel_desktop.care.context import CareContext

MOST_UNASKED = 100
"""Fetched days that go without a question, and without a job that can be cancelled."""


class Deleting:
    """Moves the selected days to the trash."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

    async def delete(self) -> None:
        """Move what is held of the selection to the trash; a pinned day is refused, and a way offered."""
        found = await asyncio.to_thread(look, self._context.cache, self._context.ranges())
        if not found.days:
            self._warn("Nothing is held of the selection", "There is nothing to delete.")
        elif found.pinned:
            self._offer_unpinned(found)
        else:
            await self._delete(found, found.days)

    def _offer_unpinned(self, found: Survey) -> None:
        """Refuse, and offer to unpin what may be unpinned, or to delete the rest."""
        pinned, others = found.pinned, found.pinned_by_others
        free = tuple(day for day in found.days if not day.pinned)
        heading = f"{days_do(len(pinned), 'is', 'are')} pinned: nothing was deleted"
        actions = []
        if others:
            text = f"{days_words(len(others))} of {where_words(others)}: pinned by {found.others_words()}."
        else:
            text = f"Of {where_words(pinned)}, by hand."
            actions.append(self._action(f"Unpin and delete {days_words(len(found.days))}", found, found.days))
        if free:
            actions.append(self._action(f"Delete the other {days_words(len(free))}", found, free))
        self._context.teller.say(Message(ToastKind.WARNING, heading, text), actions)

    def _action(self, text: str, found: Survey, days: tuple[Day, ...]) -> MessageAction:
        def run() -> None:
            self._context.tasks.start(self._delete(found, days), "delete days")

        return MessageAction(text, run)

    async def _delete(self, found: Survey, days: tuple[Day, ...]) -> None:
        own = [day for day in days if not day.is_refetchable]
        is_large = len(days) > MOST_UNASKED
        if (own or is_large) and not await self._is_meant(days, own):
            return
        by_hand = set(found.pinned_by_hand)
        deletion = Deletion(self._context.cache, days, [day for day in days if day in by_hand])
        words = f"{days_words(len(days))} of {where_words(days)}"
        is_cancelled = False
        try:
            if is_large:
                job = await self._context.job("delete", f"Move {words} to the trash", deletion.do)
                is_cancelled = job.state is State.CANCELLED
            else:
                await asyncio.to_thread(deletion.do)
        finally:
            self._changed(deletion)
            if deletion.entries:
                self._tell(deletion, is_cancelled=is_cancelled)

    async def _is_meant(self, days: tuple[Day, ...], own: list[Day]) -> bool:
        count = days_words(len(days))
        sentences = []
        if own:
            of_them = " of them" if len(own) < len(days) else ""
            were = "was" if len(own) == 1 else "were"
            which = f"{days_words(len(own))}{of_them} {were}"
            sentences.append(
                f"{which} imported or made here and cannot be fetched again: such days stay in the trash "
                "until they are purged by hand."
            )
        sentences.append("Undo, or the trash, brings the days back.")
        return await self._context.ask(
            Question(
                self._context.theme,
                f"Move {count} of {where_words(days)} to the trash?",
                sentences,
                f"Delete {count}",
                parent=self._context.window,
            )
        )

    def _tell(self, deletion: Deletion, *, is_cancelled: bool) -> None:
        count = days_words(len(deletion.entries))
        trash_days = self._context.cache.life.settings.trash_days
        own = sum(not entry.is_refetchable for entry in deletion.entries)
        stay = f"What can be fetched again stays there for {days_words(trash_days)}."
        if own:
            stay = f"{days_words(own)} imported or made here {'stays' if own == 1 else 'stay'} until purged."
        self._context.undo.did(
            f"Delete {count}",
            partial(self._step, deletion, deletion.undo),
            partial(self._step, deletion, deletion.do),
            told=f"{count} moved to the trash{', then cancelled' if is_cancelled else ''}",
            explained=f"{format_bytes(deletion.bytes)}. {stay}",
        )

    async def _step(self, deletion: Deletion, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        finally:
            self._changed(deletion)

    def _changed(self, deletion: Deletion) -> None:
        self._context.tell_changed(one.key for one in deletion.ranges)

    def _warn(self, heading: str, text: str) -> None:
        self._context.teller.say(Message(ToastKind.WARNING, heading, text))
