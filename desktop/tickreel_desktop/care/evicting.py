"""Days that leave for good to make room, after a preview."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes
from tickreel_desktop.care.evict_dialog import EvictDialog
from tickreel_desktop.care.survey import counted, days_words, ranges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store.care.eviction import EvictionPlan
    from tickreel.store.care.trash import Purged
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext


class Evicting:
    """Shows what would leave, and lets go of exactly that."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

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
        context.teller.good(f"{' and '.join(pieces)} evicted", text)

    def _carry_out(self, plan: EvictionPlan) -> tuple[EvictionPlan, Purged]:
        """Let go of what was shown and of nothing else; a day that was pinned meanwhile stays."""
        cache = self._context.cache
        ranges = ranges_of(choice.day for choice in plan.evict)
        done = cache.life.eviction.run(ranges)
        purged = cache.life.trash.purge(plan.purge)
        cache.renew_health(*ranges)
        return done, purged
