"""Days that leave for good to make room, after a preview."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes
from tickreel_desktop.care.evict_dialog import EvictDialog
from tickreel_desktop.care.survey import counted, days_words, ranges_of
from tickreel_desktop.components import Message, MessageAction, ToastKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store.care.eviction import EvictionPlan
    from tickreel.store.care.trash import Purged
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.care.refetching import Refetching


class Evicting:
    """Shows what would leave, and lets go of exactly that."""

    def __init__(self, context: CareContext, refetching: Refetching) -> None:
        self._context = context
        self._refetching = refetching

    async def evict(self, ranges: Sequence[DayRange]) -> None:
        """Preview for the policy and, where there are any, for *ranges*; carry out what is accepted."""
        context = self._context
        dialog = EvictDialog(context.theme, context.cache, context.tasks, ranges, context.window)
        if not await context.ask(dialog) or dialog.plan is None:
            return
        plan = dialog.plan
        done, purged = await asyncio.to_thread(self._carry_out, plan)
        context.tell_changed([choice.day.key for choice in plan.evict] + [entry.key for entry in plan.purge])
        pieces = [days_words(len(done.evict))] if done.evict or not purged.entries else []
        if purged.entries:
            pieces.append(f"{counted(len(purged.entries), 'version')} in the trash")
        kept = len(plan.evict) - len(done.evict)
        text = f"{format_bytes(done.freed_bytes + purged.freed_bytes)} are free again."
        if kept:
            text += f" {days_words(kept)} changed meanwhile and {'was' if kept == 1 else 'were'} left."
        message = Message(ToastKind.GOOD, f"{' and '.join(pieces)} evicted", text)
        context.teller.say(message, self._ways_back(done))

    def _ways_back(self, done: EvictionPlan) -> list[MessageAction]:
        """Offer the one way back there is: what has left for good can be fetched again, if it was fetched."""
        days = [choice.day for choice in done.evict if choice.day.is_refetchable]
        if not days:
            return []
        fetch = partial(self._refetching.fetch, ranges_of(days))
        return [MessageAction(f"Fetch {days_words(len(days))} again", fetch)]

    def _carry_out(self, plan: EvictionPlan) -> tuple[EvictionPlan, Purged]:
        """Let go of what was shown and of nothing else; a day that was pinned meanwhile stays."""
        cache = self._context.cache
        ranges = ranges_of(choice.day for choice in plan.evict)
        done = cache.life.eviction.run(ranges)
        purged = cache.life.trash.purge(plan.purge)
        cache.renew_health(*ranges)
        return done, purged
