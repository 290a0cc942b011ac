"""Days that go into the shared cache by hand, and that leave it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from tickreel.jobs import State
from tickreel.market.units import format_bytes
from tickreel_desktop.care.shared_dialogs import DropDialog, WarmDialog
from tickreel_desktop.care.shared_outlook import look_there
from tickreel_desktop.care.survey import counted, days_do, days_words
from tickreel_desktop.components import Message, ToastKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.sharing import SharedService
    from tickreel.fetch.warming import Dropped, Warmed, WarmReport, WarmRequest
    from tickreel.progress import Monitor
    from tickreel.store import Cache
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.care.shared_outlook import SharedOutlook

_TOLD = (
    ("put", "put there"),
    ("fetched", "fetched and put there"),
    ("already_there", "there already"),
    ("absent", "absent at the vendor"),
    ("pending", "not published yet"),
    ("missing", "in neither place"),
    ("failed", "failed"),
)
"""What became of days, in the order in which it is told."""
_BAD = ("missing", "failed")


class Sharing:
    """Puts the selected days into the shared cache, and drops them from it, both after a preview."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

    async def warm(self) -> None:
        """Ask what is to go there, and put it."""
        context, ranges = self._context, self._context.ranges()
        outlook = await asyncio.to_thread(_look, context.cache, ranges)
        dialog = WarmDialog(context.theme, outlook, ranges, context.window)
        if not await context.ask(dialog):
            return
        from tickreel.fetch.warming import WarmRequest

        request = WarmRequest(tuple(ranges), asks_vendor=dialog.fetch.isChecked())
        await self._warm(request, outlook.days)

    async def _warm(self, request: WarmRequest, days: int) -> None:
        context = self._context

        def work(monitor: Monitor) -> WarmReport:
            return _service(context.cache).warm(request, monitor)

        title = f"Put {days_words(days)} of {_whose(request.ranges)} into the shared cache"
        try:
            job = await context.job("warm", title, work)
        finally:
            context.tell_changed(one.key for one in request.ranges)
        if job.state is State.CANCELLED or job.result is None:
            text = "What is there by now stays."
            context.teller.say(Message(ToastKind.WARNING, "Putting days there was cancelled", text))
            return
        context.teller.say(_warmed_message(job.result.days))

    async def drop(self) -> None:
        """Show what would leave, and let it leave."""
        context, ranges = self._context, self._context.ranges()
        outlook = await asyncio.to_thread(_look, context.cache, ranges)
        if await context.ask(DropDialog(context.theme, outlook, ranges, context.window)):
            await self._drop(ranges, len(outlook.there))

    async def _drop(self, ranges: Sequence[DayRange], days: int) -> None:
        context = self._context

        def work(monitor: Monitor) -> list[Dropped]:
            service = _service(context.cache)
            return [one for days in ranges for one in service.drop(days, monitor)]

        title = f"Drop {days_words(days)} of {_whose(ranges)} from the shared cache"
        try:
            job = await context.job("drop", title, work)
        finally:
            context.tell_changed(one.key for one in ranges)
        if job.state is State.CANCELLED or job.result is None:
            text = "What has left by now has left; the other days are still there."
            context.teller.say(Message(ToastKind.WARNING, "Dropping days was cancelled", text))
            return
        gone = [one for one in job.result if one.was_there]
        size = format_bytes(sum(one.stored_bytes for one in gone))
        context.teller.good(
            f"{days_words(len(gone))} dropped from the shared cache",
            f"{size}. What is held on a machine stays there.",
        )


def _service(cache: Cache) -> SharedService:
    # What talks to a server is loaded by whoever has one.
    from tickreel.fetch.sharing import SharedService

    return SharedService(cache)


def _look(cache: Cache, ranges: Sequence[DayRange]) -> SharedOutlook:
    return look_there(cache, _service(cache), ranges)


def _whose(ranges: Sequence[DayRange]) -> str:
    keys = list(dict.fromkeys(one.key for one in ranges))
    return str(keys[0]) if len(keys) == 1 else counted(len(keys), "dataset")


def _warmed_message(days: Sequence[Warmed]) -> Message:
    counts = Counter(one.result.value for one in days)
    told = ", ".join(f"{counts[result]} {words}" for result, words in _TOLD if counts[result])
    bad = sum(counts[result] for result in _BAD)
    if not bad:
        there = counts["put"] + counts["fetched"] + counts["already_there"]
        return Message(ToastKind.GOOD, f"{days_do(there, 'is', 'are')} in the shared cache", f"{told}.")
    why = next((one.error for one in days if one.result.value in _BAD and one.error), "")
    heading = f"{days_do(bad, 'is', 'are')} not in the shared cache"
    return Message(ToastKind.WARNING, heading, f"{told}.{f' First: {why}.' if why else ''}")
