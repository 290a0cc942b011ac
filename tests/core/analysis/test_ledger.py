"""Every call is entered with what it cost, and a cap is never passed: not by threads, nor by programs."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.snapshots import snapshot
from support.vendorfiles import START_US

from tickreel.analysis.calls import CallState, Order, Tokens
from tickreel.analysis.caps import CapReached, Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import BUILT_IN, NANO, Price, price_of, prices, saving, set_price, unset_price
from tickreel.errors import UsageError
from tickreel.settings import load
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from tickreel.store.records.database import Database

DAY_US = 86_400_000_000


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


def order(*, worst_usd: float = 1.0, request: str = "a") -> Order:
    """Ask for a call of 1000 tokens in and as many out."""
    nano = round(worst_usd * NANO / 2_000)
    return Order(request, "m", "https://x/v1", (snapshot(),), Price(nano, nano), Tokens(1_000, 1_000))


def ledger(database: Database, *, call: float = 10, session: float = 10, day: float = 10) -> Ledger:
    return Ledger(database, Caps(round(call * NANO), round(session * NANO), round(day * NANO)), Clock())


def test_a_call_is_entered_at_its_worst_case_and_becomes_what_it_cost(database: Database) -> None:
    kept = ledger(database)
    call = kept.reserve(order(worst_usd=2))
    assert (call.state, call.usd, kept.spend().day) == (CallState.UNDER_WAY, 2.0, 2 * NANO)
    ended = kept.settle(call, CallState.DONE, Tokens(500, 100, is_estimated=True), answer="{}")
    assert ended.usd == pytest.approx(2 * 600 / 2_000)
    (read,) = kept.calls()
    assert read == ended
    assert read.to_form()["tokens_estimated"] is True
    assert kept.spend().session == ended.nano_usd
    assert kept.answered("a") == (ended, "{}")
    assert kept.answered("b") is None
    rows = database.tuples("SELECT call_id, exchange, symbol, snapshot_sha256 FROM analysis_window")
    assert rows == [(call.id, "binance-futures", "BTCUSDT", snapshot().digest)]


@pytest.mark.parametrize("state", [CallState.FAILED, CallState.STOPPED])
def test_a_call_that_failed_or_was_stopped_counts_with_what_it_cost(
    database: Database, state: CallState
) -> None:
    kept = ledger(database, session=1.5)
    kept.settle(kept.reserve(order()), state, Tokens(1_000, 200), reason="why")
    assert (kept.calls()[0].state, kept.calls()[0].reason) == (state, "why")
    assert kept.answered("a") is None
    with pytest.raises(CapReached, match=r"could cost \$1, and of the \$1.5 for this session \$0.9 are left"):
        kept.reserve(order())


@pytest.mark.parametrize(
    ("caps", "setting"),
    [({"call": 0.9}, "cap_call"), ({"session": 2.5}, "cap_session"), ({"day": 2.5}, "cap_day")],
)
def test_each_cap_refuses_before_anything_is_sent(
    database: Database, caps: dict[str, float], setting: str
) -> None:
    kept = ledger(database, **caps)
    made = [] if "call" in caps else [kept.reserve(order()) for _ in range(2)]
    with pytest.raises(CapReached, match=f"nothing was sent; ask for less, or raise llm.{setting}_usd"):
        kept.reserve(order())
    assert len(kept.calls()) == len(made)
    assert kept.refusal(order()) is not None
    assert kept.refusal(order(worst_usd=0.1)) is None


def test_a_session_and_a_day_end_and_what_a_killed_program_began_stays_counted(database: Database) -> None:
    first = ledger(database, session=1, day=2)
    first.reserve(order())  # its program is killed here
    second = Ledger(database, first.caps, clock := Clock(), session="another")
    second.reserve(order())
    with pytest.raises(CapReached, match="for this UTC day"):
        Ledger(database, first.caps, clock, session="a third").reserve(order())
    clock.us += DAY_US
    Ledger(database, first.caps, clock, session="a third").reserve(order())
    assert [call.state for call in first.calls()] == [CallState.UNDER_WAY] * 3


_KILLED = """
import os, signal, sys
from support.snapshots import snapshot
from tickreel.analysis.calls import Order, Tokens
from tickreel.analysis.caps import Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO, Price
from tickreel.store import open_cache
with open_cache() as cache:
    kept = Ledger(cache.connect(), Caps(NANO, NANO, NANO), lambda: int(sys.argv[1]))
    price = Price(NANO // 2_000, NANO // 2_000)
    kept.reserve(Order("a", "m", "", (snapshot(),), price, Tokens(1_000, 1_000)))
    print("reserved", flush=True)
    sys.stdin.read()
"""


def test_a_call_whose_program_was_killed_is_told_as_lost_and_counts_at_its_worst(database: Database) -> None:
    kept = ledger(database, day=1)
    program = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(START_US)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "reserved\n"
    assert [call.state for call in kept.calls()] == [CallState.UNDER_WAY], "it lives"
    program.kill()
    give_up_s = time.monotonic() + 60
    while kept.calls()[0].state is not CallState.LOST:  # before anybody has asked what became of it
        assert time.monotonic() < give_up_s
        time.sleep(0.01)
    program.communicate(timeout=60)
    (call,) = kept.calls()
    assert (call.state, call.tokens, call.usd) == (CallState.LOST, None, 1)
    assert "its program ended during the call" in call.to_form()["reason"]
    with pytest.raises(CapReached, match="for this UTC day \\$0 are left"):
        kept.reserve(order())


def test_a_call_of_a_version_that_left_no_word_of_its_program_is_lost(database: Database) -> None:
    other = Ledger(database, ledger(database).caps, Clock(), session="of before")
    other.reserve(order())
    with database.writing() as connection:
        connection.execute("DELETE FROM analysis_session")
    assert ledger(database).calls()[0].state is CallState.LOST
    assert other.calls()[0].state is CallState.UNDER_WAY, "its own program knows better"


def test_threads_never_pass_a_cap_together(database: Database) -> None:
    kept = ledger(database, day=20, session=20)
    refused = []

    def spend() -> None:
        for _ in range(15):
            try:
                call = kept.reserve(order())
                kept.settle(call, CallState.DONE, Tokens(1_000, 1_000))
            except CapReached:
                refused.append(1)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(kept.calls()), len(refused)) == (20, 40)
    assert kept.spend().day == 20 * NANO


def test_what_another_program_enters_while_one_waits_is_seen_by_it(database: Database) -> None:
    kept = ledger(database, day=1, session=2)
    refused: list[str] = []

    def spend() -> None:
        try:
            kept.reserve(order())
        except CapReached as error:
            refused.append(str(error))

    with open_cache() as cache:
        elsewhere = cache.connect()
        ledger(elsewhere).settle(ledger(elsewhere).reserve(order()), CallState.FAILED, Tokens(0, 0))
        waiting = threading.Thread(target=spend)
        with elsewhere.writing() as connection:
            waiting.start()
            time.sleep(0.2)  # time to look at the sums too early, if it did
            connection.execute("UPDATE analysis_call SET charged_nano_usd = ?", (NANO,))
        waiting.join()
        elsewhere.close()
    assert len(refused) == 1
    assert "for this UTC day $0 are left" in refused[0]


_SPENDER = """
import sys
from support.snapshots import snapshot
from tickreel.analysis.calls import Order, Tokens
from tickreel.analysis.caps import CapReached, Caps
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.prices import NANO, Price
from tickreel.store import open_cache
with open_cache() as cache:
    kept = Ledger(cache.connect(), Caps(NANO, 100 * NANO, 25 * NANO), lambda: int(sys.argv[1]))
    order = Order("a", "m", "", (snapshot(),), Price(NANO // 2_000, NANO // 2_000), Tokens(1_000, 1_000))
    made = 0
    for _ in range(20):
        try:
            kept.reserve(order)
            made += 1
        except CapReached:
            pass
print(made)
"""


def test_programs_never_pass_a_cap_together(database: Database) -> None:
    tests = Path(__file__).parents[2]
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", _SPENDER, str(START_US)], stdout=subprocess.PIPE, text=True, cwd=tests
        )
        for _ in range(2)
    ]
    made = [int(spender.communicate(timeout=120)[0]) for spender in spenders]
    assert sum(made) == 25
    assert ledger(database).spend().day == 25 * NANO


def test_an_answer_from_here_and_an_offline_one_cost_nothing_and_are_entered(
    database: Database, home: Path
) -> None:
    kept = ledger(database, call=0, session=0, day=0)
    assert kept.record(order(), CallState.CACHED).usd == 0
    assert [(call.state, call.nano_usd) for call in kept.calls()] == [(CallState.CACHED, 0)]
    with Cache(home, read_only=True) as cache:
        reader = cache.connect()
        assert ledger(reader).record(order(), CallState.DONE).id is None
        reader.close()
    assert len(kept.calls()) == 1


def test_prices_are_the_articles_until_others_are_typed_in(database: Database) -> None:
    assert {name: price.usd_in_per_mtok for name, price in BUILT_IN.items()} == {
        "deepseek-v3.2": 0.42,
        "gpt-4.1": 8,
        "claude-sonnet-4.5": 15,
    }
    assert price_of(database, "my-model") is None
    set_price(database, "my-model", Price.per_mtok("0", "0"), START_US)
    set_price(database, "gpt-4.1", Price.per_mtok("$2", "8.0001"), START_US)
    assert price_of(database, "my-model") == Price(0, 0)
    assert price_of(database, "gpt-4.1") == Price(2_000, 8_001), "a part of a nano-dollar is rounded up"
    assert prices(database)["gpt-4.1"] == (Price(2_000, 8_001), True)
    assert unset_price(database, "gpt-4.1")
    assert not unset_price(database, "gpt-4.1")
    assert price_of(database, "gpt-4.1") == Price(8_000, 8_000)
    assert Price.per_mtok("0.42").nano_usd(1_000_000, 1_000_000) == round(0.84 * NANO)


@pytest.mark.parametrize("text", ["", "-1", "a lot", "nan", "inf", "1e9"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no price"):
        Price.per_mtok(text)


def test_a_saving_is_computed() -> None:
    share = saving(BUILT_IN["deepseek-v3.2"], BUILT_IN["gpt-4.1"])
    assert share == pytest.approx(0.9475), "the article says 85 %"
    assert saving(BUILT_IN["gpt-4.1"], Price(0, 0)) is None


def test_caps_are_what_is_set_and_one_of_a_policy_says_so(
    database: Database, tmp_path: Path, home: Path
) -> None:
    nobody, policy = tmp_path / "none.toml", tmp_path / "policy.toml"
    assert Caps.of(load(home, policy_path=nobody)) == Caps(NANO // 10, NANO, 5 * NANO)
    policy.write_text("[llm]\ncap_day_usd = 0.5\n")
    caps = Caps.of(load(home, policy_path=policy, environ={"TICKREEL_LLM_CAP_DAY_USD": "100"}))
    assert caps == Caps(NANO // 10, NANO, NANO // 2, frozenset({"llm.cap_day_usd"}))
    kept = Ledger(database, replace(caps, call=NANO), Clock())
    with pytest.raises(CapReached, match=r"llm\.cap_day_usd is set by the policy of this machine"):
        kept.reserve(order(worst_usd=0.6))


def test_a_server_that_counts_more_than_there_can_be_is_named_and_passes_no_cap(database: Database) -> None:
    kept = ledger(database, session=1)
    ended = kept.settle(kept.reserve(order()), CallState.DONE, Tokens(5_000, 1_000))
    assert (ended.usd, kept.spend().session) == (1, NANO), "no more than was reserved"
    assert kept.calls() == [ended]
    assert ended.tokens == Tokens(5_000, 1_000)
    told = "the server counted more tokens than the worst case has, which would be $3"
    assert ended.reason == told
    kept = ledger(database, session=9)
    call = kept.settle(kept.reserve(order()), CallState.STOPPED, Tokens(5_000, 1_000), reason="stopped")
    assert call.reason == f"stopped; {told}"
