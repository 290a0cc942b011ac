"""A whole file into the cache: unpacked to its end, parsed, its order checked, sealed; then it is done."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from tickreel.errors import Cancelled, DataError, EnvironmentProblem, TickreelError
from tickreel.fetch.history import Fetched
from tickreel.fetch.retries import DISK, WRONG_DATA, Step, after_disk, after_wrong_data
from tickreel.fetch.states import FetchState
from tickreel.progress import StopSign
from tickreel.shared.trouble import LineFailed
from tickreel.store import DayState, ImportRequest, Outcome, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.model import FetchDay
    from tickreel.fetch.queue import TakenDay
    from tickreel.store import Ingested

T = TypeVar("T")
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that has come whole; when and how long is not known of one that an earlier process left."""

    path: Path
    began_us: int | None = None
    download_s: float | None = None


async def store(desk: FetchDesk, taken: TakenDay, whole: WholeFile) -> None:
    """Check and store a whole file, and record what becomes of its day.

    Cancelled, it ends only when storing has really ended.
    """
    async with desk.storing:
        # All of it in one go: each way between a thread and the loop costs as much as a small day.
        await run_stoppable(desk, lambda sign: _store(desk, taken, whole, sign))


def _store(desk: FetchDesk, taken: TakenDay, whole: WholeFile, sign: StopSign) -> None:
    day = taken.day
    if not taken.is_refetch and is_here(desk, day):
        return
    if not _is_wanted(desk, day, whole.path):
        desk.cache.disk.remove(whole.path)
        return
    began_s = monotonic()
    try:
        found = _import(desk, day, whole.path, sign)
    except Cancelled:
        raise
    except (DataError, EnvironmentProblem) as error:
        _after_error(desk, day, whole.path, error)
        return
    except TickreelError as error:
        step = Step(FetchState.FAILED, str(error))
        desk.settle_now(day, step, evidence=keep_evidence(desk, day, whole.path), file=None)
        return
    fetched = _fetched(desk, day, whole, found, monotonic() - began_s)
    step = Step(FetchState.DONE, _told(found))
    desk.settle_now(day, step, fetched=fetched, row_count=found.rows, file=None)
    desk.cache.disk.remove(whole.path)


async def bring(desk: FetchDesk, taken: TakenDay) -> bool:
    """Take a day from the shared cache, and record that it is done; False where that did not succeed."""
    async with desk.storing:
        return await run_stoppable(desk, lambda sign: _bring(desk, taken.day, sign))


def _bring(desk: FetchDesk, day: FetchDay, sign: StopSign) -> bool:
    assert desk.shared is not None
    found = desk.shared.bring_day(day.key, day.day, replace=True, monitor=sign)
    if found is None:
        return False
    told = _told(found)
    reason = f"from the shared cache; {told}" if told else "from the shared cache"
    desk.settle_now(day, Step(FetchState.DONE, reason), row_count=found.rows, file=None)
    return True


async def share(desk: FetchDesk, day: FetchDay, token: int) -> None:
    """Put a day that has been stored into the shared cache, if there is one, with the token of its lease.

    The day is here whatever comes of it.
    """
    if desk.shared is not None:
        await run_stoppable(desk, lambda sign: _share(desk, day, token, sign))


def _share(desk: FetchDesk, day: FetchDay, token: int, sign: StopSign) -> None:
    held = desk.cache.day(day.key.exchange, day.key.symbol, day.key.type, day.day)
    if desk.shared is None or held is None or held.state is not DayState.PRESENT:
        return
    try:
        desk.shared.share(held, token=token, monitor=sign)
    except Cancelled:
        raise
    except (LineFailed, TickreelError) as error:
        _LOGGER.info("%s %s is not put into the shared cache: %s", day.key, day.day, error)


def is_here(desk: FetchDesk, day: FetchDay) -> bool:
    """Tell whether the whole day has come into the cache by another way, and settle it then."""
    held = desk.cache.day(day.key.exchange, day.key.symbol, day.key.type, day.day)
    if held is None or held.state is not DayState.PRESENT:
        return False
    desk.settle_now(day, Step(FetchState.DONE, "it is here already"), file=None)
    desk.cache.disk.remove(desk.file_of(day.id))
    return True


async def run_stoppable(desk: FetchDesk, work: Callable[[StopSign], T]) -> T:
    """Run *work* on a thread; when this is cancelled, tell it to stop and wait until it has."""
    sign = StopSign()
    return await ended(desk.run_storing(lambda: work(sign)), sign)


async def ended(future: asyncio.Future[T], sign: StopSign) -> T:
    """Wait for what a thread does; when this is cancelled, raise the *sign* that it heeds, and wait on."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        sign.is_raised = True
        while not future.done():  # however often it is cancelled: nobody else may have the day before
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        if not future.cancelled():
            future.exception()  # it was heard; that it was stopped is no error
        raise


def _import(desk: FetchDesk, day: FetchDay, path: Path, sign: StopSign) -> Ingested:
    request = ImportRequest(
        path=path,
        exchange=day.key.exchange,
        symbol=day.key.symbol,
        type=day.key.type,
        day=day.day,
        replace=True,
        complete=True,
        source=Source.TARDIS,
    )
    (found,) = desk.cache.import_path(request, sign)
    return found


def _is_wanted(desk: FetchDesk, day: FetchDay, file: Path) -> bool:
    """Tell whether nobody has cancelled the day, which is then being verified."""
    state = desk.queue.states([day.id]).get(day.id)
    if state is FetchState.RUNNING:  # with a file that an earlier process left
        return desk.queue.move(day.id, FetchState.VERIFYING, file=file)
    return state is FetchState.VERIFYING


def _after_error(desk: FetchDesk, day: FetchDay, file: Path, error: DataError | EnvironmentProblem) -> None:
    if isinstance(error, EnvironmentProblem):
        kind = DISK
        step = after_disk(error, day.tries(kind), desk.chance())
        if step.state is FetchState.WAITING:  # the file is good, and waits with its day
            desk.settle_now(day, step, trouble=kind)
            return
    else:
        kind = WRONG_DATA
        step = after_wrong_data(str(error), day.tries(kind), desk.chance())
    evidence = keep_evidence(desk, day, file)
    desk.settle_now(day, step, evidence=evidence, file=None, bytes=0, trouble=kind)


def keep_evidence(desk: FetchDesk, day: FetchDay, file: Path) -> Path:
    """Keep a file that was refused, so that it can be looked at: of each day the last one.

    Raises:
        EnvironmentProblem: it cannot be moved there.
    """
    # By a digest: a symbol may hold what no name of a file may.
    digest = hashlib.sha256(f"{day.key} {day.day}".encode()).hexdigest()[:8]
    kept = desk.evidence / f"{day.key.exchange}_{day.key.type}_{day.day}_{digest}{file.suffix}"
    desk.move(file, kept)
    return kept


def _fetched(desk: FetchDesk, day: FetchDay, whole: WholeFile, found: Ingested, store_s: float) -> Fetched:
    ended_us = desk.cache.disk.now_us()
    return Fetched(
        key=found.day.key,
        day=day.day,
        origin=day.origin,
        began_us=ended_us if whole.began_us is None else whole.began_us,
        ended_us=ended_us,
        download_s=whole.download_s,
        store_s=store_s,
        source_bytes=whole.path.stat().st_size,
        stored_bytes=found.day.bytes + found.day.keyframe_bytes,
        rows=found.rows,
    )


def _told(found: Ingested) -> str:
    match found.outcome:
        case Outcome.REPLACED:
            return "took the place of what was held, which is in the trash"
        case Outcome.ALREADY_HERE:
            return "the same rows as were held"
        case _:
            return ""
