"""A real model along a replay: it streams, is counted, is stopped, and is had again from the record.

What it says is not looked at: a small model on a processor says little. ``LLM_TEST_URL`` names the server,
with the ``/v1`` at its end, and ``LLM_TEST_MODEL`` the model where the server has several.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from support.feeds import import_walk
from support.liverun import LiveRun

from tickreel.analysis import CallState, Keep, Landed, LiveSetup, Outcome, opened_live, parse_triggers
from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO, Price, set_price
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

_URL, _MODEL = os.environ.get("LLM_TEST_URL"), os.environ.get("LLM_TEST_MODEL", "local")
_HANG_S = 600
pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(_URL is None, reason="LLM_TEST_URL names no server of a real model"),
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    assert _URL is not None
    monkeypatch.setenv("TICKREEL_LLM_BASE_URL", _URL)
    monkeypatch.setenv("TICKREEL_LLM_ANSWER_TOKENS", "100")
    with open_cache() as opened:
        import_walk(opened, tmp_path)
        database = opened.connect()
        set_price(database, _MODEL, Price.per_mtok("1"), 0)
        database.close()
        yield opened


def _awaited(work: Any) -> Any:
    async def guarded() -> Any:
        async with asyncio.timeout(_HANG_S):
            return await work

    return asyncio.run(guarded())


def test_a_real_model_streams_is_counted_and_is_had_again_from_the_record(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = LiveRun(cache, LiveSetup(parse_triggers("seconds=30"), 30.0, Keep.ALL), model=_MODEL)
    live = _awaited(run.play())
    assert live.counts == {Outcome.DONE: 2}
    for form in run.forms:
        analysis = form["analysis"]
        assert analysis["tokens_estimated"] is False, "the server counted"
        assert analysis["tokens_in"] > 500
        assert 0 < analysis["tokens_out"] <= 101
        assert form["ready_us"] > form["to_us"]
    assert live.spent_usd > 0
    monkeypatch.setenv("TICKREEL_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    again = LiveRun(cache, record=live.record_id)
    _awaited(again.play())
    assert again.forms == run.forms


def test_a_real_model_is_stopped_while_it_answers_and_answers_the_next(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = LiveRun(cache).replay
    start_us, symbol = replay.start_us, replay.plan.symbols[0]
    database = cache.connect()
    ledger = Ledger(database, Caps(NANO, NANO, NANO), cache.disk.now_us)

    async def stopped() -> Landed:
        async with opened_live(cache, model=_MODEL) as live:
            asked = asyncio.ensure_future(live.analyse(*symbol, start_us, start_us + 10**7))
            while not ledger.calls():
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)  # it reads what it was sent, or answers
            live.stop()
            return await asked

    async def answered() -> Landed:
        async with opened_live(cache, model=_MODEL) as live:
            return await live.analyse(*symbol, start_us, start_us + 2 * 10**7)

    monkeypatch.setenv("TICKREEL_LLM_ANSWER_TOKENS", "4000")
    assert _awaited(stopped()).outcome is Outcome.STOPPED
    (call,) = ledger.calls()
    assert call.state is CallState.STOPPED
    assert call.tokens is not None
    assert call.tokens.is_estimated
    assert call.nano_usd > 0
    monkeypatch.setenv("TICKREEL_LLM_ANSWER_TOKENS", "100")
    assert _awaited(answered()).outcome is Outcome.DONE
    database.close()
