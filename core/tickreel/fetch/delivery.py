"""One day from the vendor's files into the cache: downloaded whole, then checked and stored.

A file gets its name in ``downloads`` only when all of it has come and lies on the disk, so that a
day whose download was finished is never downloaded again, however the program ends.
"""

from __future__ import annotations

import asyncio
import logging
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.request import Origin
from tickreel.fetch.retries import (
    DISK,
    NOT_THERE,
    UNREACHABLE,
    WRONG_DATA,
    Step,
    after_disk,
    after_not_there,
    after_trouble,
    after_unreachable,
    after_wrong_data,
)
from tickreel.fetch.states import FetchState
from tickreel.fetch.storing import WholeFile, bring, is_here, keep_evidence, share, store
from tickreel.market.time import US_PER_SECOND, format_us
from tickreel.shared.leases import Held
from tickreel.shared.trouble import LineFailed
from tickreel.sources.answers import Delivered, Denied, Later, LaterKind, NotThere, Unreachable, Wrong
from tickreel.sources.metadata import Coverage

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.flight import Flight
    from tickreel.fetch.model import FetchDay
    from tickreel.fetch.queue import TakenDay
    from tickreel.shared.leases import Lease
    from tickreel.shared.supply import SharedSupply

_LOGGER = logging.getLogger(__name__)

_ELSEWHERE_S = 2.0
"""How long to wait before looking again at a day that another program is fetching."""
_STORM_AFTER = 3
"""Refusals or broken lines in a row, of whatever days, that are taken for trouble with all of them."""
_LONGEST_HOLD_S = 900.0
_METADATA_AGE_S = 60.0


class Deliveries:
    """Brings days into the cache, each by a call of :meth:`deliver`."""

    def __init__(self, desk: FetchDesk) -> None:
        self._desk = desk
        self._troubles = 0
        """Answers in a row that were trouble with the vendor or the line."""
        self._refusals = 0
        """Of the last of them, how many in a row were 403."""

    async def deliver(self, taken: TakenDay) -> None:
        """Bring a day that was begun to the state that it ends or waits in.

        When it is cancelled the day is queued again, unless it was somebody who cancelled the day.
        """
        day = taken.day
        grip = _Grip()
        try:
            begin = await self._desk.record(_claim, self._desk, taken, grip)
            if begin is Begin.BRING and not await bring(self._desk, taken):
                begin = await self._desk.record(_begin, self._desk, taken, grip, looks_farther=False)
            if begin is Begin.STREAM:
                from tickreel.fetch.streaming import stream  # files need nothing of what reads messages

                await stream(self._desk, day)
                return
            whole = await self._whole_file(taken, begin, grip)
            if whole is not None:
                await store(self._desk, taken, whole)
                await share(self._desk, day, 0 if grip.lease is None else grip.lease.token)
        except asyncio.CancelledError:
            await asyncio.shield(self._desk.record(self._desk.queue.move, day.id, FetchState.QUEUED))
            raise
        finally:
            self._desk.progress.pop(day.id, None)
            await asyncio.shield(self._desk.record(grip.release))

    async def _whole_file(self, taken: TakenDay, begin: Begin, grip: _Grip) -> WholeFile | None:
        """Give the file that an earlier process left, else ask the vendor; None when that is recorded."""
        if begin is Begin.STORE:
            file = await self._desk.record(_placed, self._desk, taken.day)
            return None if file is None else WholeFile(file)
        return await self._download(taken.day, grip) if begin is Begin.ASK else None

    async def _download(self, day: FetchDay, grip: _Grip) -> WholeFile | None:
        """Download a day's file; None when that did not succeed, which is recorded then."""
        desk = self._desk
        target = desk.downloads / f"{day.id}.part"
        received = 0

        async def on_bytes(done: int, total: int | None) -> None:
            nonlocal received
            piece, received = done - received, done
            desk.progress[day.id] = (done, total)
            if grip.lease is not None:
                grip.lease.tell(done, total)
            await desk.bandwidth.take(piece)

        began_s, began_us = monotonic(), desk.cache.disk.now_us()
        try:
            answer = await desk.client.download(day.key, day.day, target, on_bytes, attempt=day.attempts)
        except EnvironmentProblem as problem:
            step = after_disk(problem, day.tries(DISK), desk.chance())
            await desk.settle(day, step, size=received, trouble=DISK, bytes=0)
            return None
        match answer:
            case Delivered():
                self._troubles = 0
                desk.concurrency.went_well()
                file = await desk.record(_take_in, desk, day, answer)
                desk.progress.pop(day.id, None)
                desk.wake.set()
                return None if file is None else WholeFile(file, began_us, monotonic() - began_s)
            case Later():
                await self._slow_down(answer)
                kind = answer.kind.value
                step = after_trouble(answer, day.tries(kind), desk.chance())
            case NotThere():
                self._troubles = 0
                kind = NOT_THERE
                step = after_not_there(await self._coverage(day), day.tries(kind), desk.chance())
            case Wrong():
                kind = WRONG_DATA
                step = after_wrong_data(answer.reason, day.tries(kind), desk.chance())
            case Unreachable():
                kind = UNREACHABLE
                step = after_unreachable(answer.reason, day.tries(kind), desk.chance())
            case Denied():
                kind = "denied"
                step = Step(FetchState.FAILED, answer.reason)
        if isinstance(answer, Later | Unreachable) and not answer.is_sent:
            await desk.record(desk.admission.take_back)
        evidence = None
        if isinstance(answer, Wrong) and answer.evidence is not None:
            evidence = await desk.record(keep_evidence, desk, day, answer.evidence)
        await desk.settle(day, step, size=received, evidence=evidence, bytes=0, trouble=kind)
        return None

    async def _coverage(self, day: FetchDay) -> Coverage:
        """Ask anew what the vendor declares: a day that was there may be withdrawn."""
        desk = self._desk
        info = await desk.metadata.get(desk.client, day.key.exchange, _METADATA_AGE_S)
        if info is None or desk.cache.disk.now_us() - info.fetched_us > 2 * _METADATA_AGE_S * US_PER_SECOND:
            return Coverage.UNKNOWN  # from an old list nothing follows for a day that is not found now
        return info.coverage(day.key, day.day)

    async def _slow_down(self, answer: Later) -> None:
        """Ask for less, and after several refusals in a row for nothing at all for a while."""
        desk = self._desk
        desk.concurrency.met_trouble()
        self._refusals = self._refusals + 1 if answer.kind is LaterKind.BLOCKED else 0
        if answer.kind in (LaterKind.QUOTA, LaterKind.RATE):  # the vendor is well, and says how long
            hold_s = answer.after_s or 0.0
        else:
            self._troubles += 1
            doublings = min(self._troubles - _STORM_AFTER, 30)
            hold_s = 2.0**doublings if doublings >= 0 else 0.0
            if self._refusals >= _STORM_AFTER:
                hold_s *= 60.0
            hold_s = min(hold_s, _LONGEST_HOLD_S)
        if hold_s > 0:
            until_us = desk.cache.disk.now_us() + round(hold_s * US_PER_SECOND)
            await desk.record(desk.queue.hold.extend, until_us, answer.reason)
            _LOGGER.info("no files are asked of the vendor until %s: %s", format_us(until_us), answer.reason)


class Begin(Enum):
    """What is done first for a day."""

    NOTHING = "nothing"
    """Its end is recorded: it is here, or the plan allows no more calls."""
    STORE = "store"
    """An earlier process left its file."""
    BRING = "bring"
    """The shared cache has it."""
    ASK = "ask"
    """The request is counted already."""
    STREAM = "stream"
    """A tardis-machine serves it."""


class _Grip:
    """What is held of a day while it is fetched: its flight on this machine, and a lease among machines."""

    def __init__(self) -> None:
        self.flight: Flight | None = None
        self.lease: Lease | None = None

    def release(self) -> None:
        """Let others fetch it; again is nothing."""
        if self.lease is not None:
            self.lease.release()
        if self.flight is not None:
            self.flight.release()


def _claim(desk: FetchDesk, taken: TakenDay, grip: _Grip) -> Begin:
    """Take the right to fetch a day, and find out what it needs."""
    day = taken.day
    grip.flight = desk.flights.claim(day.key, day.day)
    if grip.flight is None:
        desk.settle_now(day, Step(FetchState.WAITING, "another program is fetching it", _ELSEWHERE_S))
        return Begin.NOTHING
    return _begin(desk, taken, grip)


def _begin(desk: FetchDesk, taken: TakenDay, grip: _Grip, *, looks_farther: bool = True) -> Begin:
    """Find out what a day needs, and count the request where it needs one."""
    day = taken.day
    if day.origin is Origin.MACHINE:
        return Begin.STREAM
    if not taken.is_refetch and is_here(desk, day):
        return Begin.NOTHING
    if day.file is not None and day.file.exists():
        return Begin.STORE
    if desk.shared is not None:
        if looks_farther and not taken.is_refetch and _is_farther(desk.shared, day):
            return Begin.BRING
        if grip.lease is None and (begin := _lease(desk, desk.shared, taken, grip, looks_farther)):
            return begin
    if refusal := desk.admission.admit(may_overspend=taken.may_overspend):
        desk.settle_now(day, Step(FetchState.FAILED, refusal))
        return Begin.NOTHING
    return Begin.ASK


def _is_farther(shared: SharedSupply, day: FetchDay) -> bool:
    return day.day in shared.whole_days(day.key, [day.day])


def _lease(
    desk: FetchDesk, shared: SharedSupply, taken: TakenDay, grip: _Grip, looks_farther: bool
) -> Begin | None:
    """Take the right to fetch a day among all machines; None when the vendor may be asked."""
    day = taken.day
    try:
        claimed = shared.leases.claim(day.key, day.day)
    except LineFailed as failed:
        _LOGGER.info("%s is fetched without asking other machines: %s", day, failed)
        return None
    if isinstance(claimed, Held):
        step = Step(FetchState.WAITING, f"another machine is fetching it: {claimed}", _ELSEWHERE_S)
        desk.settle_now(day, step, bytes=claimed.done_bytes, total_bytes=claimed.total_bytes)
        return Begin.NOTHING
    grip.lease = claimed
    # Whoever had it before may have put the day there just before it let go.
    if looks_farther and not taken.is_refetch and _is_farther(shared, day):
        return Begin.BRING
    return None


def _take_in(desk: FetchDesk, day: FetchDay, came: Delivered) -> Path | None:
    """Let a whole file be found as such, also after the power goes, and record that it has come.

    None where it cannot get its place: it then waits with its day, where it is.
    """
    size = came.bytes
    file = desk.file_of(day.id)
    try:
        desk.move(came.path, file)
    except EnvironmentProblem as problem:
        step = after_disk(problem, day.tries(DISK), desk.chance())
        place = came.path if came.path.exists() else file
        desk.settle_now(day, step, size=size, trouble=DISK, file=place, bytes=size, total_bytes=size)
        return None
    desk.settle_now(day, Step(FetchState.VERIFYING, ""), size=size, file=file, bytes=size, total_bytes=size)
    return file


def _placed(desk: FetchDesk, day: FetchDay) -> Path | None:
    """Give a file that came earlier its place; None where that fails again, which is recorded."""
    file = desk.file_of(day.id)
    if day.file is not None and day.file != file:
        try:
            desk.move(day.file, file)
        except EnvironmentProblem as problem:
            desk.settle_now(day, after_disk(problem, day.tries(DISK), desk.chance()), trouble=DISK)
            return None
    return file
