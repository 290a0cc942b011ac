"""Analyses along a replay: what fires, what is passed over, what it costs, and all again by a record."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.chatbench import awaited
from support.fakechat import FakeChat, refuses, stalls, streams
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.liverun import SPAN, LiveRun, spans
from support.vendorfiles import START_US

from tickreel.analysis import (
    Begun,
    CallState,
    Halted,
    Keep,
    Landed,
    LiveSetup,
    NotRecorded,
    Outcome,
    Prose,
    Reason,
    Said,
    opened_live,
    parse_triggers,
    recalled,
)
from tickreel.analysis.records import records
from tickreel.errors import NotHeldError, UsageError
from tickreel.replay import Replay
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = "gpt-4.1"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with open_cache() as opened:
        import_walk(opened, tmp_path)
        yield opened


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChat]:
    with FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        monkeypatch.setenv("TICKREEL_LLM_CALLS_PER_MINUTE", "6000")
        yield fake


def setup(triggers: str, window_s: float = 10.0, keep: Keep = Keep.ALL) -> LiveSetup:
    return LiveSetup(parse_triggers(triggers), window_s, keep)


def test_every_so_many_seconds_of_market_time_are_analysed(cache: Cache) -> None:
    run = LiveRun(cache, setup("seconds=10"))
    live = awaited(run.play())
    assert spans(run.landed) == [(s - 10, s) for s in (10, 20, 30, 40, 50, 60)]
    assert live.counts == {Outcome.DONE: 6}
    assert [one.ask.reasons for one in run.landed] == [(Reason.SECONDS,)] * 6
    first = run.landed[0]
    assert first.analysis is not None
    assert first.analysis.snapshot["trades"] == 10
    assert first.ready_us == first.ask.to_us, "the offline analyst takes no time that counts"


def test_what_fires_does_not_depend_on_the_frames(cache: Cache) -> None:
    told = "messages=120,seconds=7,spread=25"
    runs = [LiveRun(cache, setup(told)) for _ in range(3)]
    for run, step_us in zip(runs, (60_000_000, 1_000_000, 137_003), strict=True):
        awaited(run.play(step_us=step_us))
    forms = [[form | {"analysis": None} for form in run.forms] for run in runs]
    assert forms[0] == forms[1] == forms[2]
    reasons = {reason for one in runs[0].landed for reason in one.ask.reasons}
    assert reasons == {Reason.MESSAGES, Reason.SECONDS, Reason.SPREAD}


def test_what_is_known_at_a_moment_is_in_its_window_and_nothing_later(cache: Cache) -> None:
    run = LiveRun(cache, setup("messages=330", window_s=60))
    awaited(run.play(step_us=60_000_000))
    first, second = run.landed
    # 600 messages of the book, one every 0.1 s, and a trade every second from the beginning on.
    assert [one.ask.to_us for one in (first, second)] == [1_721_692_829_900_001, 1_721_692_859_900_001]
    for one, messages, trades in ((first, 300, 30), (second, 600, 60)):
        assert one.analysis is not None
        assert one.analysis.snapshot["book_messages"] == messages
        assert one.analysis.snapshot["trades"] == trades


def test_triggers_that_fire_together_share_a_call(cache: Cache) -> None:
    run = LiveRun(cache, setup("seconds=20,messages=660"))
    live = awaited(run.play())
    assert live.merged == 0
    assert [one.ask.reasons for one in run.landed][-2:] == [(Reason.MESSAGES,), (Reason.SECONDS,)]
    both = LiveRun(cache, setup("health,messages=1320,seconds=20,spread=1"))
    live = awaited(both.play())
    first, *_ = both.landed
    assert first.ask.reasons == (Reason.SPREAD,), "the first message of all"
    assert both.landed[1].ask.reasons == (Reason.HEALTH,), "the reset is over a microsecond later"


def test_a_slow_server_never_holds_the_replay_and_what_is_passed_over_is_counted(
    cache: Cache, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "1")
    chat.replies = [stalls()]
    run = LiveRun(cache, setup("seconds=1", keep=Keep.NEWEST), model=MODEL)

    async def work() -> Any:
        async with run.opened() as live:
            await run.show(live, to_us=run.replay.start_us + 5_000_000)
            while not chat.requests:
                await asyncio.sleep(0.01)
            await run.show(live)
            assert run.replay.is_end
            assert len(live.under_way) == len(live.waiting) == 1
            return live

    live = awaited(work())
    assert chat.requests[0].closed.wait(10), "at the end the connection is closed"
    assert live.counts == {Outcome.SKIPPED: 58, Outcome.STOPPED: 2}
    assert sum(live.counts.values()) == 60
    assert run.landed[-1].reason == "stopped"
    assert live.spent_usd > 0, "the part that came is paid"
    told = next(one for one in run.events if isinstance(one, Said))
    assert told.step == Prose("It begins")


def test_all_are_kept_where_that_is_asked_for_and_only_so_many_are_asked_at_once(
    cache: Cache, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "2")
    chat.replies = [streams(before_s=0.05)]
    run = LiveRun(cache, setup("seconds=5"), model=MODEL)
    live = awaited(run.play(step_us=60_000_000))
    assert live.counts == {Outcome.DONE: 12}
    assert (len(chat.requests), chat.most_at_once) == (12, 2)
    assert live.spent_usd == pytest.approx(12 * 1_050 * 8 / 1e6)
    assert all(one.ready_us - one.ask.to_us >= 50_000 for one in run.landed if one.ready_us)
    begun = [one.ask.number for one in run.events if isinstance(one, Begun)]
    assert begun == sorted(begun)


def test_after_a_seek_a_late_answer_is_recorded_and_not_current(cache: Cache, chat: FakeChat) -> None:
    released = asyncio.Event()

    async def late(request: Any, wire: Any) -> None:
        while not released.is_set():
            await asyncio.sleep(0.01)
        await streams()(request, wire)

    chat.replies = [late]
    run = LiveRun(cache, setup("seconds=10"), model=MODEL)

    async def work() -> Any:
        async with run.opened() as live:
            await run.show(live, to_us=run.replay.start_us + 10_000_000)
            while not chat.requests:
                await asyncio.sleep(0.01)
            live.take(await asyncio.to_thread(run.replay.seek, "2024-07-23T00:00:45"))
            released.set()
            await run.show(live)
            await live.drain()
            return live

    live = awaited(work())
    late_one, *others = run.landed
    assert spans([late_one]) == [(0, 10)]
    assert (late_one.outcome, late_one.is_current) == (Outcome.DONE, False)
    assert spans(others) == [(40, 50), (50, 60)]
    assert all(one.is_current for one in others)
    with_record = LiveRun(cache, record=live.record_id)

    async def again() -> None:
        async with with_record.opened() as again_live:
            found = await again_live.analyse(EXCHANGE, SYMBOL, *late_one.ask.what[2:4], Reason.RANGE)
            assert found.outcome is Outcome.DONE

    with pytest.raises(NotRecorded, match=r"nothing about .*\(range\), and nothing was sent"):
        awaited(again())


def test_what_waits_when_the_replay_is_put_elsewhere_is_dropped(cache: Cache, chat: FakeChat) -> None:
    chat.replies = [stalls()]
    run = LiveRun(cache, setup("seconds=1"), model=MODEL)

    async def work() -> Any:
        async with run.opened() as live:
            await run.show(live, to_us=run.replay.start_us + 9_500_000)
            live.take(await asyncio.to_thread(run.replay.seek, run.replay.start_us))
            assert live.waiting == ()
            assert live.counts[Outcome.DROPPED] >= 5
            live.stop()
            return live

    live = awaited(work())
    assert sum(live.counts.values()) == 9


def test_a_cap_ends_the_asking_and_not_the_replay(
    cache: Cache, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CAP_SESSION_USD", "0.08")
    monkeypatch.setenv("TICKREEL_LLM_ANSWER_TOKENS", "200")
    run = LiveRun(cache, setup("seconds=2"), model=MODEL)
    live = awaited(run.play())
    assert run.replay.is_end
    assert live.halted is not None
    assert "for this session" in live.halted
    assert [one.reason for one in run.events if isinstance(one, Halted)] == [live.halted]
    done = live.counts[Outcome.DONE]
    assert 0 < done == len(chat.requests) < 30
    assert live.counts == {Outcome.DONE: done, Outcome.REFUSED: 30 - done}
    assert all("for this session" in one.reason for one in run.landed if one.outcome is Outcome.REFUSED)
    assert live.spent_usd <= 0.08


def test_calls_that_go_on_failing_end_the_asking_and_one_that_fails_does_not(
    cache: Cache, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "1")
    chat.replies = [refuses(401, "no"), refuses(401, "no"), streams(), refuses(401, "no")]
    run = LiveRun(cache, setup("seconds=6"), model=MODEL)
    live = awaited(run.play())
    failed, done = Outcome.FAILED, Outcome.DONE
    assert [one.outcome for one in run.landed][:6] == [failed, failed, done, failed, failed, failed]
    assert live.counts == {failed: 5, done: 1, Outcome.REFUSED: 4}
    assert live.halted is not None
    assert live.halted.startswith("3 calls failed one after the other")
    assert "HTTP 401" in run.landed[0].reason
    assert live.spent_usd == pytest.approx(1_050 * 8 / 1e6)


def test_by_hand_goes_first_and_is_told_to_who_waits(cache: Cache, chat: FakeChat) -> None:
    run = LiveRun(cache, setup("seconds=1"), model=MODEL)

    async def work() -> Landed:
        async with run.opened() as live:
            await run.show(live, step_us=60_000_000)
            start_us = run.replay.start_us
            found: Landed = await live.analyse(EXCHANGE, SYMBOL, start_us, start_us + 500_000, Reason.PAUSE)
            assert len(live.waiting) > 50
            with pytest.raises(UsageError, match="empty"):
                live.ask(EXCHANGE, SYMBOL, start_us, start_us, Reason.RANGE)
            return found

    found: Landed = awaited(work())
    assert found.outcome is Outcome.DONE
    assert found.ask.reasons == (Reason.PAUSE,)


def test_by_a_record_all_is_the_same_without_a_server(cache: Cache, chat: FakeChat) -> None:
    chat.replies = [refuses(404, "gone"), streams(before_s=0.02)]
    run = LiveRun(cache, setup("seconds=5,spread=25", keep=Keep.NEWEST), model=MODEL)
    live = awaited(run.play(step_us=500_000, pause_s=0.005))
    outcomes = Counter(one.outcome for one in run.landed)
    assert outcomes[Outcome.DONE] > 1
    assert outcomes[Outcome.SKIPPED] + outcomes[Outcome.FAILED] > 0
    asked = len(chat.requests)
    chat.replies = [refuses(500, "nobody may be asked")]
    again = [LiveRun(cache, record=live.record_id) for _ in range(2)]
    for one, step_us in zip(again, (60_000_000, 250_000), strict=True):
        again_live = awaited(one.play(step_us=step_us))
        assert one.forms == run.forms
        assert again_live.spent_usd == 0
        assert again_live.record_id is None
        assert again_live.counts == live.counts
    bare = recalled(cache, live.record_id)
    ready = [one.ready_us for one in bare if one.ready_us]
    assert len(ready) == len(bare)
    assert ready == sorted(ready), "by when each could have been there"
    done = [form for form in run.forms if form["outcome"] == "done"]
    assert sorted((one.to_form() for one in bare), key=lambda form: form["to_us"]) == done
    assert len(chat.requests) == asked


def test_a_record_of_a_record_that_was_answered_from_the_store_looks_no_further_ahead(
    cache: Cache, chat: FakeChat
) -> None:
    chat.replies = [streams(before_s=0.2)]
    runs = [LiveRun(cache, setup("seconds=30"), model=MODEL) for _ in range(2)]
    first, second = (awaited(run.play()) for run in runs)
    assert len(chat.requests) == 2
    assert second.spent_usd == 0 < first.spent_usd
    states = [[form["analysis"]["state"] for form in run.forms] for run in runs]
    assert states == [[CallState.DONE] * 2, [CallState.CACHED] * 2]
    ready = [[one.ready_us for one in run.landed] for run in runs]
    assert ready[0] == ready[1]
    assert min(one.ready_us - one.ask.to_us for one in runs[0].landed if one.ready_us) >= 200_000


def test_what_a_record_has_not_is_an_error_and_never_a_call(
    cache: Cache, chat: FakeChat, tmp_path: Path
) -> None:
    run = LiveRun(cache, setup("seconds=30"), model=MODEL)
    live = awaited(run.play())
    assert len(chat.requests) == 2
    with pytest.raises(NotHeldError, match="no record 99"):
        awaited(LiveRun(cache, record=99).play())
    with pytest.raises(UsageError, match="was made with another setup"):
        awaited(LiveRun(cache, setup("seconds=20"), record=live.record_id).play())
    path, _ = feed_files(tmp_path / "other", messages=500)
    cache.import_file(path, replace=True)
    with pytest.raises(NotRecorded, match="is of other rows"):
        recalled(cache, live.record_id)
    with pytest.raises(NotRecorded, match="is of other rows"):
        awaited(LiveRun(cache, record=live.record_id).play())
    with pytest.raises(NotRecorded, match="has nothing about"):
        awaited(LiveRun(cache, record=_record_of_nothing(cache)).play())
    assert len(chat.requests) == 2


def _record_of_nothing(cache: Cache) -> int | None:
    """Begin a record of every half minute, and end it before anything was played."""

    async def work() -> int | None:
        async with LiveRun(cache, setup("seconds=30"), model=MODEL).opened() as live:
            return live.record_id  # type: ignore[no-any-return]

    return awaited(work())  # type: ignore[no-any-return]


def test_the_exchanges_clock_and_what_is_no_trigger_are_refused(cache: Cache) -> None:
    async def work() -> None:
        replay = Replay(cache, [(EXCHANGE, SYMBOL)], *SPAN, order="exchange")
        async with opened_live(cache, setup("seconds=1"), replay=replay):
            pass

    with pytest.raises(UsageError, match="by local time"):
        awaited(work())
    wrong = ("", "second=1", "seconds", "seconds=0", "messages=1.5", "sweep=2", "pause")
    for text in (*wrong, "seconds=1,seconds=2"):
        with pytest.raises(UsageError):
            parse_triggers(text)
    for window_s in (0.0, -1.0, float("nan"), 1e6):
        with pytest.raises(UsageError, match="cannot be analysed"):
            LiveSetup((), window_s)
    told = "messages=5000,seconds=0.5,spread=2.5,sweep,health"
    assert ",".join(one.spelled() for one in parse_triggers(told)) == told


def test_a_home_that_can_only_be_read_is_analysed_offline_without_a_record(cache: Cache, home: Path) -> None:
    with Cache(home, read_only=True) as reader:
        run = LiveRun(reader, setup("seconds=30"))
        live = awaited(run.play())
        assert (live.record_id, live.counts) == (None, {Outcome.DONE: 2})


def test_what_was_passed_over_in_one_pass_of_a_loop_and_not_in_the_next_is_so_again(
    cache: Cache, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "1")
    released = asyncio.Event()

    async def late(request: Any, wire: Any) -> None:
        while not released.is_set():
            await asyncio.sleep(0.01)
        await streams()(request, wire)

    chat.replies = [late]

    async def passes(run: LiveRun, *, is_first: bool) -> Any:
        async with run.opened() as live:
            await run.show(live, to_us=run.replay.start_us + 1_000_000)
            while is_first and not chat.requests:
                await asyncio.sleep(0.01)
            await run.show(live, to_us=run.replay.start_us + 5_500_000, step_us=3_000_000)
            live.take(await asyncio.to_thread(run.replay.seek, run.replay.start_us))
            released.set()
            await live.drain()
            for second in range(1, 6):
                await run.show(live, to_us=run.replay.start_us + second * 1_000_000)
                await live.drain()
            return live

    run = LiveRun(cache, setup("seconds=1", keep=Keep.NEWEST), model=MODEL)
    live = awaited(passes(run, is_first=True))
    # The first pass asked about one window and skipped those up to the last, which was dropped.
    assert live.counts == {Outcome.DONE: 6, Outcome.SKIPPED: 3, Outcome.DROPPED: 1}
    again = LiveRun(cache, record=live.record_id)
    again_live = awaited(passes(again, is_first=False))
    assert again_live.counts == live.counts
    assert again.forms == run.forms


def test_where_nobody_asked_anything_there_is_no_record(cache: Cache) -> None:
    database = cache.connect()

    async def work(setting: LiveSetup, *, asks: bool) -> int:
        async with opened_live(cache, setting) as live:
            if asks:
                await live.analyse(EXCHANGE, SYMBOL, START_US, START_US + 10**6)
        return len(records(database))

    assert awaited(work(LiveSetup(), asks=False)) == 0
    assert awaited(work(LiveSetup(), asks=True)) == 1
    assert awaited(work(setup("seconds=1"), asks=False)) == 2, "that nothing fired is known by it"
    database.close()
