"""Several programs on one home ask as one would: the same once, and no more at a time than is allowed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from support.chatbench import Bench, awaited
from support.fakechat import FakeChat, stalls, streams
from support.snapshots import snapshot

from tickreel.analysis import CallState
from tickreel.analysis.line import LONGEST_US, Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store.records.database import Database

_ASKER = """
import asyncio
import sys
from support.snapshots import snapshot
from tickreel.analysis import opened_service
from tickreel.store import open_cache

async def ask(cache):
    async with opened_service(cache, model="gpt-4.1") as service:
        (found,) = await service.analyse(snapshot(int(sys.argv[1]), spread_mean=0.42))
        print(found.call.state, found.prose)

print("begun", flush=True)
sys.stdin.readline()
with open_cache() as cache:
    asyncio.run(ask(cache))
"""


class Asker:
    """A program of its own that asks about a minute once it is told to."""

    def __init__(self, number: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ASKER, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "begun\n"

    def ask(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def told(self) -> tuple[str, str]:
        state, _, prose = self.process.communicate(timeout=120)[0].partition(" ")
        return state, prose.strip()


def _wait(is_so: Callable[[], object]) -> None:
    give_up_s = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)


def test_programs_that_ask_the_same_at_once_pay_once(bench: Bench, llm_url: Callable[[str], None]) -> None:
    with FakeChat(streams(before_s=2.0)) as fake:
        llm_url(fake.url)
        askers = [Asker(1) for _ in range(3)]
        for asker in askers:
            asker.ask()
        told = [asker.told() for asker in askers]
    assert sorted(state for state, _ in told) == ["cached", "cached", "done"]
    assert len({prose for _, prose in told}) == 1
    assert len(fake.requests) == 1
    assert sum(call.nano_usd > 0 for call in bench.ledger.calls()) == 1


def test_who_waits_for_a_program_that_is_killed_asks_in_its_place(
    bench: Bench, llm_url: Callable[[str], None]
) -> None:
    with FakeChat(stalls(), streams()) as fake:
        llm_url(fake.url)
        first, second = Asker(1), Asker(1)
        first.ask()
        _wait(lambda: fake.requests)
        second.ask()
        time.sleep(1.0)  # time to ask as well, if it did not wait
        assert len(fake.requests) == 1
        first.process.kill()
        told = second.told()
        first.process.communicate(timeout=60)
    assert (told[0], len(fake.requests)) == ("done", 2)
    assert [call.state for call in bench.ledger.calls()] == [CallState.DONE, CallState.LOST]


def test_programs_make_no_more_calls_at_a_time_than_one_may(
    bench: Bench, llm_url: Callable[[str], None]
) -> None:
    with FakeChat(streams(before_s=0.5)) as fake:
        llm_url(fake.url)
        askers = [Asker(number) for number in range(5)]
        for asker in askers:
            asker.ask()
        assert {asker.told()[0] for asker in askers} == {"done"}
    assert (len(fake.requests), fake.most_at_once) == (5, 2)


def test_a_call_that_hangs_for_an_hour_holds_up_nobody(database: Database, bench: Bench) -> None:
    async def work(fake: FakeChat) -> int:
        async with bench.service(fake.url) as service:
            await service.analyse(snapshot(1, spread_mean=0.42))
            (call,) = bench.ledger.calls()
            assert call.id is not None
            with database.writing() as connection:
                connection.execute("UPDATE analysis_call SET state = 'under_way', ended_us = NULL")
            for age_us, is_there in ((LONGEST_US - 1, True), (LONGEST_US, False)):
                line = Line(database, bench.ledger.session, lambda: call.began_us + age_us)  # noqa: B023
                assert (line.has(call.id), line.before(call.id + 1)) == (is_there, is_there)
            return call.id

    with FakeChat() as fake:
        assert awaited(work(fake)) > 0
