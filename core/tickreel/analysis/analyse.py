"""The verb: analyse a range of an instrument, as it is set or with a model that is named."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.limits import Gate
from tickreel.analysis.offline import OFFLINE, OfflineAnalyst
from tickreel.analysis.outcome import Analysis
from tickreel.analysis.servers import chosen_model, host_of
from tickreel.analysis.service import AnalysisService
from tickreel.analysis.snapshot import take_snapshot
from tickreel.keys import KeyName, find_key
from tickreel.progress import stoppable
from tickreel.settings import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence

    from tickreel.analysis.analyst import Analyst, Waiting
    from tickreel.analysis.figures import Group
    from tickreel.analysis.service import Prose
    from tickreel.market.time import Instant
    from tickreel.settings import LoadedSettings
    from tickreel.store import Cache

_Found = TypeVar("_Found")
_SECTIONS = ("network", "llm")
"""Sections of the settings that say where a model is and what it may cost; who asks one demands them."""


@asynccontextmanager
async def opened_service(
    cache: Cache, *, model: str | None = None, environ: Mapping[str, str] = os.environ
) -> AsyncIterator[AnalysisService]:
    """Open what analyses on a home, as it is set there, or with *model*.

    Raises:
        UsageError: no model can be chosen, or what is set cannot be used.
        EnvironmentProblem: the settings or the catalog cannot be read.
    """
    settings = load(cache.home, environ=environ)
    chosen = chosen_model(settings, model)
    if chosen != OFFLINE:
        settings.demand(*_SECTIONS)
    llm = settings.values.llm
    async with AsyncExitStack() as stack:
        database = await asyncio.to_thread(cache.connect)
        stack.callback(database.close)
        ledger = Ledger(database, Caps.of(settings), cache.disk.now_us)
        analyst: Analyst = OfflineAnalyst()
        if chosen != OFFLINE:
            gate = Gate(database, cache.disk.now_us, llm.calls_per_minute)
            analyst = await _chat(stack, settings, chosen, environ, gate)
        yield AnalysisService(ledger, analyst, answer_tokens=llm.answer_tokens, at_once=llm.concurrency)


async def _chat(
    stack: AsyncExitStack, settings: LoadedSettings, model: str, environ: Mapping[str, str], gate: Gate
) -> Analyst:
    # httpx takes a while to import, and the offline analyst needs none of it.
    from tickreel.analysis.chat import ChatAnalyst
    from tickreel.sources.network import network_of, open_client

    llm = settings.values.llm
    client = await stack.enter_async_context(open_client(network_of(settings.values), llm.base_url))
    key = await asyncio.to_thread(find_key, KeyName.LLM, environ, host=host_of(llm.base_url))
    return ChatAnalyst(client, llm.base_url, model, key, gate)


async def analyze_async(
    cache: Cache,
    exchange: str,
    symbol: str,
    start: Instant,
    end: Instant,
    *,
    model: str | None = None,
    groups: Collection[Group] | None = None,
    question: str = "",
    dry_run: bool = False,
    on_step: Callable[[Prose | Waiting], object] | None = None,
) -> Analysis:
    """Analyse as :func:`analyze`, without blocking the loop; to cancel it is to stop the call.

    *on_step* is told of what comes and of waits, in the loop's thread.
    """
    async with opened_service(cache, model=model) as service:
        snapshot = await stoppable(
            lambda sign: take_snapshot(cache, exchange, symbol, start, end, monitor=sign)
        )
        if groups is not None:
            snapshot = snapshot.only(groups)
        if dry_run:
            inquiry = service.inquiry(snapshot, question=question)
            return Analysis(snapshot, await asyncio.to_thread(service.preview, inquiry))
        (analysis,) = await service.analyse(snapshot, question=question, on_step=on_step)
        return analysis


def analyze(
    cache: Cache,
    exchange: str,
    symbol: str,
    start: Instant,
    end: Instant,
    *,
    model: str | None = None,
    groups: Collection[Group] | None = None,
    question: str = "",
    dry_run: bool = False,
) -> Analysis:
    """Analyse [start, end) of an instrument with the model that is set, or with *model*.

    ``"offline"`` is the embedded analyst, and the default. The key of a server comes from the keyring or
    the environment. With *groups* only their figures are told; a *question* is asked of the model besides,
    the offline analyst reads none. With *dry_run* nothing is sent: the analysis has what would be sent,
    and what it could cost.

    Raises:
        NotHeldError: neither order book nor trades are held of it, or days are missing.
        UsageError: a time that there is not, more than 24 hours, nothing is chosen that could be told, or
            no model can be chosen.
        CapReached: the call could pass a cap, or its price is not known; nothing was sent.
        CallFailed: the model gave no answer, or not all of it; what it cost is in the ledger.
    """
    return _run(
        analyze_async(
            cache,
            exchange,
            symbol,
            start,
            end,
            model=model,
            groups=groups,
            question=question,
            dry_run=dry_run,
        )
    )


def analyze_windows(
    cache: Cache,
    exchange: str,
    symbol: str,
    windows: Sequence[tuple[Instant, Instant]],
    *,
    model: str | None = None,
    per_call: int = 8,
) -> list[Analysis]:
    """Analyse many windows as :func:`analyze` does one, *per_call* of them in each call of a model.

    After an error no more calls are begun. Answers that came are here for the next time.

    Raises:
        As :func:`analyze`.
    """

    async def work() -> list[Analysis]:
        async with opened_service(cache, model=model) as service:
            snapshots = (take_snapshot(cache, exchange, symbol, *window) for window in windows)
            return [analysis async for analysis in service.batch(snapshots, per_call=per_call)]

    return _run(work())


def _run(work: Coroutine[object, object, _Found]) -> _Found:
    """Run to the end, also where a loop runs in this thread already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
