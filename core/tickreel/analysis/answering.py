"""Where the answers about a replay's windows come from: an analyst, or the record of an earlier replay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from tickreel.analysis.answers import read_answer, unpacked
from tickreel.analysis.asks import Landed, Outcome
from tickreel.analysis.calls import CallState
from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.outcome import Analysis, Preview
from tickreel.analysis.records import Entry, NotRecorded, read_record
from tickreel.analysis.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tickreel.analysis.analyst import Waiting
    from tickreel.analysis.asks import Ask
    from tickreel.analysis.records import Record
    from tickreel.analysis.service import AnalysisService, Prose
    from tickreel.analysis.snapshot import Snapshot
    from tickreel.store import Cache


class Answers(Protocol):
    """Who answers about windows."""

    @property
    def is_recorded(self) -> bool:
        """Whether it was decided before what becomes of every window."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def place(self) -> str:
        """Address that is asked; empty where nothing is sent."""

    @property
    def at_once(self) -> int:
        """How many windows may be asked about at a time."""

    @property
    def spent_nano_usd(self) -> int:
        """What its calls did cost so far, whatever became of them."""

    def passed_over(self, ask: Ask) -> Outcome | None:
        """Tell what else became of a window of which nothing is to be answered."""

    async def answer(
        self,
        ask: Ask,
        measure: Callable[[], Awaitable[Snapshot]],
        tell: Callable[[Prose | Waiting], object],
    ) -> tuple[Landed, Entry]:
        """Answer about a window, and give what a record would say of it.

        Raises:
            CapReached, CallFailed: as :meth:`AnalysisService.analyse`.
            NotHeldError, DataError: the window cannot be measured.
            NotRecorded: there is only a record, and it has no answer.
        """


class Asking:
    """Has a service answer."""

    is_recorded = False

    def __init__(self, service: AnalysisService) -> None:
        self._service = service

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._service.analyst.model

    @property
    def place(self) -> str:
        """Address that is asked; empty where nothing is sent."""
        return self._service.analyst.place

    @property
    def at_once(self) -> int:
        """How many windows may be asked about at a time."""
        return self._service.at_once

    @property
    def spent_nano_usd(self) -> int:
        """What its calls did cost so far, whatever became of them."""
        return self._service.spent_nano_usd

    def passed_over(self, ask: Ask) -> Outcome | None:
        """Tell what else became of a window of which nothing is to be answered."""
        return None

    async def answer(
        self,
        ask: Ask,
        measure: Callable[[], Awaitable[Snapshot]],
        tell: Callable[[Prose | Waiting], object],
    ) -> tuple[Landed, Entry]:
        """Answer about a window by asking, unless the same was asked before."""
        snapshot = await measure()
        (analysis,) = await self._service.analyse(snapshot, on_step=tell)
        call = first = analysis.call
        assert call is not None
        if call.state is CallState.CACHED:
            # Whoever looks ahead must wait as long as whoever asked first.
            inquiry = self._service.inquiry(snapshot)
            first = await asyncio.to_thread(self._service.answered, inquiry) or call
        assert first is not None
        entry = Entry(ask, Outcome.DONE, "", snapshot.digest, call.id, first.id)
        return Landed(ask, Outcome.DONE, analysis, ask.to_us + first.took_us), entry


class Recalling:
    """Has a record answer: nothing is sent, and what it has not is an error."""

    is_recorded = True
    place = ""
    at_once = 1
    spent_nano_usd = 0

    def __init__(self, ledger: Ledger, record: Record) -> None:
        self._ledger = ledger
        self._record = record

    @property
    def model(self) -> str:
        """Name of the model that was asked then."""
        return self._record.head.model

    def passed_over(self, ask: Ask) -> Outcome | None:
        """Tell what else became of a window of which nothing is to be answered."""
        return self._record.passed_over(ask)

    async def answer(
        self,
        ask: Ask,
        measure: Callable[[], Awaitable[Snapshot]],
        tell: Callable[[Prose | Waiting], object],  # what is recorded comes at once
    ) -> tuple[Landed, Entry]:
        """Answer about a window as it was recorded."""
        entry = self._record.take(ask)
        if entry.outcome is not Outcome.DONE:
            return Landed(ask, entry.outcome, reason=entry.reason), entry
        snapshot = await measure()
        return await asyncio.to_thread(self.read, ask, entry, snapshot), entry

    def read(self, ask: Ask, entry: Entry, snapshot: Snapshot) -> Landed:
        """Read what was answered about a window, which must be measured as it was then.

        Raises:
            NotRecorded: it is of other rows, or the answer is gone.
        """
        if snapshot.digest != entry.snapshot_sha256:
            raise NotRecorded(
                f"record {self._record.head.id} is of other rows: {ask.spelled()} is not what it was, and "
                "nothing was sent; analyse anew"
            )
        call = None if entry.call_id is None else self._ledger.call(entry.call_id)
        found = None if entry.answer_id is None else self._ledger.answer_of(entry.answer_id)
        if call is None or found is None:
            raise NotRecorded(
                f"the answer about {ask.spelled()} is not in this home any more, and nothing was sent"
            )
        first, packed = found
        text, is_whole = unpacked(packed)
        preview = Preview(
            model=call.model,
            place=call.place,
            payload=None,
            tokens_in=0,
            tokens_in_most=0,
            tokens_out_most=0,
            price=call.price,
            redactions=(),
            refusal=None,
            is_cached=True,
        )
        (answer,) = read_answer(text, 1)
        analysis = Analysis.read(snapshot, preview, call, answer, windows=1, is_whole=is_whole)
        return Landed(ask, Outcome.DONE, analysis, ask.to_us + first.took_us)


def recalled(cache: Cache, record: int) -> list[Landed]:
    """Give the analyses of a record by the market time at which each could have been there, without a replay.

    Nothing is sent. Each window is measured anew, and must be what it was. Whoever goes through a market
    with them looks at none before its ``ready_us``.

    Raises:
        NotHeldError: there is no such record.
        NotRecorded: a window is of other rows by now, or its answer is gone.
        DataError: a day is damaged.
    """
    database = cache.connect()
    try:
        found = read_record(database, record)
        answers = Recalling(Ledger(database, Caps(0, 0, 0), cache.disk.now_us), found)
        landed = [
            answers.read(entry.ask, entry, take_snapshot(cache, *entry.ask.what[:4], cuts=True))
            for entry in found.entries
            if entry.outcome is Outcome.DONE
        ]
    finally:
        database.close()
    return sorted(landed, key=lambda one: (one.ready_us or 0, one.ask.number))
