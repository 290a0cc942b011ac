"""A range of a day from a tardis-machine into the cache, as a part of the day.

The machine's answer is read, parsed and stored as it comes, by a loop of its own on one of the
threads that store: nothing but blocks of rows is held in memory, and nothing is kept unless all
of the range came.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from tickreel.errors import Cancelled, TickreelError
from tickreel.fetch.history import Fetched
from tickreel.fetch.retries import MACHINE, Step, after_machine
from tickreel.fetch.states import FetchState
from tickreel.fetch.storing import run_stoppable
from tickreel.sources.network import open_client
from tickreel.sources.normalized import LeadIn, ReplayFailed, ReplayRequest, replay
from tickreel.store import Outcome, Provenance, Source

if TYPE_CHECKING:
    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.model import FetchDay
    from tickreel.progress import StopSign
    from tickreel.sources.normalized import ReplayProgress, Summary
    from tickreel.store import Ingested

_LOOK_EVERY_S = 0.2


async def stream(desk: FetchDesk, day: FetchDay) -> None:
    """Bring the rows of [start_us, end_us) of a day, and record what becomes of it."""
    began_s, began_us = monotonic(), desk.cache.disk.now_us()
    try:
        stored, summary = await run_stoppable(desk, lambda sign: asyncio.run(_watched(desk, day, sign)))
    except ReplayFailed as error:
        step = after_machine(error, day.tries(MACHINE), desk.chance())
        await desk.settle(day, step, trouble=MACHINE)
        return
    except TickreelError as error:
        await desk.settle(day, Step(FetchState.FAILED, str(error)))
        return
    if stored is None:
        await desk.settle(day, Step(FetchState.DONE, _why_empty(day, summary)), row_count=0)
        return
    fetched = Fetched(
        key=stored.day.key,
        day=day.day,
        origin=day.origin,
        began_us=began_us,
        ended_us=desk.cache.disk.now_us(),
        download_s=monotonic() - began_s,
        store_s=0.0,  # it was stored while it came
        source_bytes=summary.bytes,
        stored_bytes=stored.day.bytes + stored.day.keyframe_bytes,
        rows=stored.rows,
    )
    reason = "the same rows as were held" if stored.outcome is Outcome.ALREADY_HERE else ""
    step = Step(FetchState.DONE, reason)
    await desk.settle(
        day, step, fetched=fetched, row_count=stored.rows, bytes=summary.bytes, total_bytes=summary.bytes
    )


def _why_empty(day: FetchDay, summary: Summary) -> str:
    others = sum(summary.not_asked.values())
    if not others:
        return "no rows lie in the range"
    return (
        f"no rows of {day.key.symbol} lie in the range, and {others} messages of others came: "
        "is it spelt as the exchange spells it?"
    )


async def _watched(desk: FetchDesk, day: FetchDay, sign: StopSign) -> tuple[Ingested | None, Summary]:
    """Replay and store, and stop within a moment when the sign is raised, also while the machine is silent.

    Raises:
        Cancelled: it was raised.
    """
    task = asyncio.create_task(_stored(desk, day))
    while not task.done():
        await asyncio.wait([task], timeout=_LOOK_EVERY_S)
        if sign.is_raised:
            task.cancel()
    if task.cancelled():
        raise Cancelled("the replay was stopped")
    return task.result()


async def _stored(desk: FetchDesk, day: FetchDay) -> tuple[Ingested | None, Summary]:
    request = ReplayRequest(
        exchange=day.key.exchange,
        symbols=(day.key.symbol,),
        types=(day.key.type,),
        from_us=day.start_us,
        to_us=day.end_us,
        # Changes of a book come only after its snapshot at midnight, though that lies before the range.
        lead_in=LeadIn.DAY,
    )

    async def on_progress(progress: ReplayProgress) -> None:
        desk.progress[day.id] = (progress.bytes, None)

    network = desk.network
    async with (
        open_client(network) as client,
        replay(client, network.machine_url, request, on_progress) as blocks,
    ):
        with desk.cache.ingest(day.key) as ingest:
            async for block in blocks:
                ingest.append(block)
            summary = blocks.summary
            provenance = Provenance(
                Source.TARDIS_MACHINE, None, summary.bytes, disconnects_us=summary.disconnects_us
            )
            stored = ingest.commit(provenance)
            return next(iter(stored), None), blocks.summary
