"""What was analysed before is found by what it was about, keeps what was noted, is written for others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.chatbench import Bench, awaited
from support.fakechat import FakeChat, stalls, streams
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.snapshots import snapshot
from support.vendorfiles import START_US

from tickreel.analysis import Group, Part, take_snapshot
from tickreel.analysis.exporting import json_of, markdown_of
from tickreel.analysis.figures import FIGURES
from tickreel.analysis.history import Kept, Mark, Query, find_history, set_mark
from tickreel.analysis.keeping import kept_analyses, measured_again
from tickreel.analysis.service import Prose
from tickreel.errors import NotHeldError, UsageError
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.analysis.outcome import Analysis
    from tickreel.analysis.service import AnalysisService
    from tickreel.analysis.snapshot import Snapshot
    from tickreel.store.records.database import Database

MINUTE_US = 60_000_000


@pytest.fixture
def cache() -> Iterator[Cache]:
    with open_cache() as opened:
        yield opened


def asked(bench: Bench, fake: FakeChat, *seen: Snapshot, question: str = "") -> tuple[Analysis, ...]:
    async def work() -> tuple[Analysis, ...]:
        async with bench.service(fake.url) as service:
            return await service.analyse(*seen, question=question)

    return awaited(work())  # type: ignore[no-any-return]


def stopped(bench: Bench, fake: FakeChat, seen: Snapshot) -> None:
    """Stop once something was said."""

    async def work() -> None:
        async with bench.service(fake.url) as service:
            steps = service.steps(service.inquiry(seen))
            async for step in steps:
                if isinstance(step, Prose):
                    break
            await steps.aclose()

    awaited(work())


def found(database: Database, **wanted: Any) -> list[Kept]:
    return find_history(database, Query(**wanted))


def test_each_window_of_each_call_is_found_by_what_it_was_about(database: Database, bench: Bench) -> None:
    with FakeChat() as fake:
        asked(
            bench, fake, snapshot(0, spread_mean=1.0), snapshot(1, spread_mean=1.0), question="Why so wide?"
        )
        asked(bench, fake, snapshot(1, symbol="ETHUSDT", trades=3))
    of_btc = found(database, exchange="binance-futures", symbol="BTCUSDT")
    assert [(one.number, one.windows, one.from_us) for one in of_btc] == [
        (0, 2, START_US),
        (1, 2, START_US + MINUTE_US),
    ]
    assert {one.question for one in of_btc} == {"Why so wide?"}
    assert of_btc[1].groups == (Group.WINDOW, Group.SPREAD, Group.HEALTH)
    late = found(database, start_us=START_US + MINUTE_US, end_us=START_US + 2 * MINUTE_US)
    assert [one.symbol for one in late] == ["ETHUSDT", "BTCUSDT"], "the newest call first"
    assert [one.symbol for one in found(database, text="eth w1")] == ["ETHUSDT"]
    assert len(found(database, text="WIDE stands")) == 2, "words of question and answer, in any case"
    assert found(database, text="eth wide") == []
    assert len(found(database, limit=1)) == 1


def test_what_was_answered_from_the_store_has_the_answer_and_one_that_was_stopped_has_its_part(
    database: Database, bench: Bench
) -> None:
    seen = snapshot(spread_mean=1.0)
    with FakeChat(streams(), stalls()) as fake:
        asked(bench, fake, seen)
        asked(bench, fake, seen)
        stopped(bench, fake, snapshot(2, spread_mean=1.0))
    halted, again, first = found(database)
    assert (halted.answer, halted.call.state, "It begins" in halted.partial) == (None, "stopped", True)
    assert (again.call.state, again.answered_by, again.answer) == ("cached", first.call.id, first.answer)
    assert [one.call.id for one in found(database, is_answered=True)] == [first.call.id]
    assert [one.call.id for one in found(database, text="begins")] == [halted.call.id]
    with FakeChat() as fake:
        asked(bench, fake, snapshot(2, spread_mean=1.0))
        assert len(fake.requests) == 1, "what came of a call that broke off answers nobody"


def test_a_pin_and_an_opinion_belong_to_the_answer_however_often_it_is_given(
    database: Database, bench: Bench
) -> None:
    seen = snapshot(spread_mean=1.0)
    with FakeChat() as fake:
        asked(bench, fake, seen)
        asked(bench, fake, seen)
    again, first = found(database)
    assert set_mark(database, again, 0, 1, is_pinned=True) == Mark(is_pinned=True)
    assert set_mark(database, first, 0, 2, rating=-1) == Mark(is_pinned=True, rating=-1)
    assert [one.marks for one in found(database, is_pinned=True)] == [{0: Mark(True, -1)}] * 2
    set_mark(database, first, 0, 3, is_pinned=False)
    assert found(database, is_pinned=True) == []
    assert found(database)[0].marks == {0: Mark(False, -1)}
    with pytest.raises(NotHeldError, match="has no finding 2: it has 1"):
        set_mark(database, first, 1, 4, is_pinned=True)


def test_an_entry_knows_whether_its_day_is_another_by_now(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    database = cache.connect()
    bench = Bench(database)
    narrowed = take_snapshot(cache, EXCHANGE, SYMBOL, start_us, end_us).only([Group.SPREAD])
    with FakeChat() as fake:
        asked(bench, fake, narrowed)
    (kept,) = found(database)
    assert kept.data == narrowed.sources
    analysis = measured_again(cache, kept)
    assert analysis is not None
    assert not kept.is_changed(cache)
    assert (analysis.is_stale, analysis.figures) == (False, narrowed), "narrowed as it was given"
    path, _ = feed_files(tmp_path / "other", messages=500)
    cache.import_file(path, replace=True)
    assert kept.is_changed(cache)
    (again,) = kept_analyses(cache, database, Query())
    assert (again.is_stale, again.figures, again.numbers) == (True, None, None)
    assert "**Stale:**" in markdown_of(again)
    database.close()


def test_an_export_tells_all_that_it_rests_on(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    database = cache.connect()
    bench = Bench(database)
    seen = take_snapshot(cache, EXCHANGE, SYMBOL, start_us, end_us)
    mean = seen["spread_mean"]
    said = json.dumps(
        {
            "windows": [
                {
                    "window": "w1",
                    "summary": f"A spread of {mean} bps [f007] and **not** 77.",
                    "findings": [
                        {
                            "kind": "spread_expansion",
                            "direction": "neutral",
                            "confidence": 0.5,
                            "horizon_s": 30,
                            "figures": ["f008"],
                            "text": "It <b>widens</b>.",
                        }
                    ],
                }
            ]
        }
    )
    with FakeChat(streams(said)) as fake:
        asked(bench, fake, seen, question="Is it wide?")
        url = fake.url
    (kept,) = found(database)
    set_mark(database, kept, 0, 1, is_pinned=True)
    (analysis,) = kept_analyses(cache, database, Query(is_pinned=True))
    told = markdown_of(analysis)
    assert f"A spread of {mean} bps \\[f007\\] and \\*\\*not\\*\\* 77." in told
    assert "It \\<b\\>widens\\</b\\>." in told
    assert f"| f007 | spread_mean | {mean} | bps |" in told
    assert "| f008 | spread_last |" in told
    assert "> Is it wide?" in told
    assert "f009" not in told, "no figure that nobody cites"
    for line in (
        "- tokens: 900 sent, 150 received",
        "- numbers: 1 bound, 1 altered, 0 unbound",
        f"- snapshot: {seen.digest}",
        f"- rows, trades 2024-07-23: {seen.sources[1].rows_sha256}",
    ):
        assert line in told
    form = json.loads(json_of(analysis))
    assert form["call"]["place"] == url
    assert (form["findings"][0]["pinned"], form["stale"]) == (True, False)
    assert form["snapshot"] == seen.to_form()
    assert [one["rows_sha256"] for one in form["data"]] == [one.rows_sha256 for one in seen.sources]
    database.close()


def test_only_what_is_chosen_is_told_and_a_question_comes_last(bench: Bench) -> None:
    seen = snapshot(spread_mean=1.0, trades=5, imbalance_mean=0.25, volatility=3.0)
    with FakeChat() as fake:
        asked(bench, fake, seen.only([Group.TRADES, Group.BOOK]), question="  And now?  ")
        (request,) = fake.requests
    messages = request.body["messages"]
    assert messages[2] == {"role": "user", "content": "And now?"}
    (window,) = json.loads(messages[1]["content"])["windows"]
    assert [row[1] for row in window["figures"]] == [
        "duration",
        "book_messages",
        "imbalance_mean",
        "trades",
    ]
    with pytest.raises(UsageError, match="nothing of what happened"):
        seen.only([])
    quiet = snapshot(book_messages=0, trades=5)
    with pytest.raises(UsageError, match="nothing of what happened"):
        quiet.only([Group.HEALTH])
    assert quiet.only([Group.TRADES])["trades"] == 5


def test_the_tokens_of_groups_are_about_those_of_the_whole(bench: Bench) -> None:
    seen = snapshot(spread_mean=1.0, trades=5, imbalance_mean=0.25)

    async def work() -> AnalysisService:
        async with bench.service("http://127.0.0.1:9/v1") as service:
            return service

    service: AnalysisService = awaited(work())
    inquiry = service.inquiry(seen)
    parts = {group: inquiry.tokens_of(group) for group in Group}
    assert parts[Group.WALLS] == 0 < parts[Group.SPREAD] < parts[Group.WINDOW]
    whole = len(inquiry.messages[1]["content"]) / 2
    assert sum(parts.values()) == pytest.approx(whole, abs=30)
    assert service.inquiry(seen, question="x \ud800 y").question == "x ? y"
    with pytest.raises(UsageError, match="2000 are the most"):
        service.inquiry(seen, question="x" * 2_001)


def test_a_figure_knows_the_part_of_the_window_that_it_speaks_of() -> None:
    parts = {each.name: each.part for each in FIGURES}
    assert parts["mid_first"] is Part.BEGIN
    assert {parts["spread_last"], parts["wall_ask_price"], parts["microprice_offset"]} == {Part.END}
    assert parts["spread_change"] is Part.WHOLE
    assert Part.WHOLE.span(10, 110) == (10, 110)
    assert Part.BEGIN.span(10, 110) == (10, 11)
    assert Part.END.span(10, 110) == (109, 110)
    assert Part.FIRST_THIRD.span(10, 110) == (11, 44), "thirds are counted from the end"
    assert Part.LAST_THIRD.span(10, 110) == (77, 110)
