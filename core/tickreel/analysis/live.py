"""Analyses along a replay: asked for as it goes, beside it, and never in its way.

Whoever plays shows each frame to :meth:`LiveAnalyses.take`, which looks for what fires and returns at
once; the rest happens in the loop in which it was opened, and on a thread that measures.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tickreel.analysis.analyse import opened_service
from tickreel.analysis.answering import Asking, Recalling
from tickreel.analysis.askqueue import AskQueue
from tickreel.analysis.asks import Ask, Keep, Landed, LiveSetup, Outcome
from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO
from tickreel.analysis.records import Recorder, read_record
from tickreel.analysis.triggers import Reason, Watch
from tickreel.errors import UsageError
from tickreel.replay.bands import find_bands
from tickreel.replay.stream import Order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from tickreel.analysis.answering import Answers
    from tickreel.analysis.asks import LiveEvent
    from tickreel.replay import Band, Frame, Replay, SymbolFrame
    from tickreel.store import Cache


class LiveAnalyses:
    """Analyses of one replay; made by :func:`tickreel.analysis.opened_live`.

    *on_event* is told in the loop's thread: that a window has :class:`Begun`, what is :class:`Said`, what
    has :class:`Landed`, and that it is :class:`Halted`.
    """

    def __init__(
        self,
        cache: Cache,
        setup: LiveSetup,
        answers: Answers,
        *,
        recorder: Recorder | None = None,
        on_event: Callable[[LiveEvent], object] | None = None,
    ) -> None:
        self.setup = setup
        self.merged = 0
        """Triggers that fired together with another one, and share its window."""
        self._answers = answers
        self._recorder = recorder
        self._queue = AskQueue(cache, setup.keep, answers, recorder, on_event)
        self._watches: dict[tuple[str, str], Watch] = {}
        self._bands: Sequence[Band] = ()
        self._begun_us = 0

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """What became of the windows so far."""
        return self._queue.counts

    @property
    def halted(self) -> str | None:
        """Why nothing is asked any more, as a cap is reached or calls fail; None while it goes on."""
        return self._queue.halted

    @property
    def under_way(self) -> tuple[Ask, ...]:
        """Windows that are measured or asked about now."""
        return self._queue.under_way

    @property
    def waiting(self) -> tuple[Ask, ...]:
        """Windows that wait for their turn, the next one first."""
        return self._queue.waiting

    @property
    def model(self) -> str:
        """Who analyses, or did when the record was made."""
        return self._answers.model

    @property
    def place(self) -> str:
        """Address that is asked; empty where nothing is sent."""
        return self._answers.place

    @property
    def record_id(self) -> int | None:
        """Number of the record that is made; None where none can be, or one is gone through."""
        return None if self._recorder is None else self._recorder.id

    @property
    def spent_usd(self) -> float:
        """What the calls did cost so far, those that failed or were stopped included."""
        return self._answers.spent_nano_usd / NANO

    @property
    def needs_series(self) -> bool:
        """Whether frames must have their series for all triggers to fire."""
        return bool({one.reason for one in self.setup.triggers} - {Reason.SECONDS, Reason.HEALTH})

    def watch(self, bands: Sequence[Band], *, at_us: int, generation: int) -> None:
        """Begin to watch where a replay stands; *bands* is what is known of the health of its data."""
        self._bands, self._begun_us, self._queue.generation = bands, at_us, generation

    def take(self, frame: Frame) -> None:
        """Look at the next frame of the replay; frames are shown in their order, each once.

        Messages, spread and sweeps are told by the series of a frame: of a symbol without, or not shown
        whole, only seconds and health fire. After a seek, a step back or a loop, what waits is dropped, and
        what is asked about lands as not current.

        Raises:
            NotRecorded: the record that is gone through has not what was asked for.
            EnvironmentProblem: the record cannot be written.
        """
        queue = self._queue
        queue.raise_error()
        queue.is_playing = True
        if frame.generation != queue.generation or frame.is_jump:
            queue.generation, self._begun_us = frame.generation, frame.at_us
            if not self._answers.is_recorded:
                queue.drop_waiting(Outcome.DROPPED, "the replay was put elsewhere")
            self._watches.clear()
            return
        for seen in frame.symbols:
            moments = self._watch_of(seen).take(seen, frame.at_us, frame.notes)
            self.merged += moments.merged
            queue.add_moments(seen.exchange, seen.symbol, moments, self.setup.window_us)

    def ask(self, exchange: str, symbol: str, from_us: int, to_us: int, reason: Reason = Reason.ASKED) -> Ask:
        """Ask about [from_us, to_us) by hand: it goes before what triggers asked, and is never skipped.

        Raises:
            UsageError: the window is empty.
        """
        if from_us >= to_us:
            raise UsageError("an empty window cannot be analysed")
        return self._queue.add(exchange, symbol, from_us, to_us, (reason,))

    async def analyse(
        self, exchange: str, symbol: str, from_us: int, to_us: int, reason: Reason = Reason.ASKED
    ) -> Landed:
        """Ask as :meth:`ask`, and wait for what becomes of it."""
        return await self._queue.landed(self.ask(exchange, symbol, from_us, to_us, reason))

    def go_on(self) -> None:
        """Ask again after :attr:`halted`."""
        self._queue.go_on()

    def stop(self) -> None:
        """Close every connection and drop what waits; what came so far is paid and in the ledger."""
        self._queue.stop()

    async def drain(self) -> None:
        """Wait until nothing is asked about or waits any more: the replay does not go on meanwhile.

        Raises:
            NotRecorded, EnvironmentProblem: as :meth:`take`.
        """
        await self._queue.drain()

    async def aclose(self) -> None:
        """Stop, and write the end of the record.

        Raises:
            NotRecorded, EnvironmentProblem: as :meth:`take`, where it was not raised yet.
        """
        await self._queue.aclose()

    def _watch_of(self, seen: SymbolFrame) -> Watch:
        name = seen.exchange, seen.symbol
        if name not in self._watches:
            own = [one for one in self._bands if (one.exchange, one.symbol) == name]
            self._watches[name] = Watch(self.setup.triggers, self.setup.window_us, own, at_us=self._begun_us)
        return self._watches[name]


@asynccontextmanager
async def opened_live(
    cache: Cache,
    setup: LiveSetup | None = None,
    *,
    replay: Replay | None = None,
    model: str | None = None,
    record: int | None = None,
    on_event: Callable[[LiveEvent], object] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[LiveAnalyses]:
    """Analyse along *replay*, from where it stands; without one, what is asked for by hand.

    By *model*, else as the home is set; a record of it is made where the home can be written. With a
    *record* nothing is sent: the answers are those of that record, by its setup, and what it has not is
    an error. At the end what is under way is stopped; :meth:`LiveAnalyses.drain` waits for it.

    Raises:
        UsageError: no model can be chosen, what is set cannot be used, the replay goes by the exchange's
            clock, or the record has another setup.
        NotHeldError: there is no such record.
        EnvironmentProblem: the settings or the catalog cannot be read or written.
    """
    if replay is not None and replay.order is not Order.LOCAL:
        raise UsageError("analyses go by local time: play in the order local")
    async with AsyncExitStack() as stack:
        recorder: Recorder | None = None
        answers: Answers
        if record is None:
            chosen = setup or LiveSetup()
            service = await stack.enter_async_context(opened_service(cache, model=model, environ=environ))
            answers, ledger = Asking(service), service.ledger
            if ledger.can_write:
                recorder = await asyncio.to_thread(
                    Recorder,
                    ledger.database,
                    cache.disk.now_us,
                    model=service.analyst.model,
                    place=service.analyst.place,
                    setup=chosen,
                )
        else:
            database = await asyncio.to_thread(cache.connect)
            stack.callback(database.close)
            found = await asyncio.to_thread(read_record, database, record)
            chosen = replace(found.head.setup, keep=Keep.ALL)
            if setup is not None and replace(setup, keep=Keep.ALL) != chosen:
                raise UsageError(f"record {record} was made with another setup: leave the triggers out")
            answers = Recalling(Ledger(database, Caps(0, 0, 0), cache.disk.now_us), found)
        bands: list[Band] = []
        if replay is not None and any(one.reason is Reason.HEALTH for one in chosen.triggers):
            plans = [source.plan for source in replay.sources]
            bands = await asyncio.to_thread(find_bands, cache, plans, days=False)
        live = LiveAnalyses(cache, chosen, answers, recorder=recorder, on_event=on_event)
        if replay is not None:
            live.watch(bands, at_us=replay.at_us, generation=replay.generation)
        try:
            yield live
        finally:
            await live.aclose()
