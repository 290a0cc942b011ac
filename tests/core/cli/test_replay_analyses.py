"""``tickreel replay --analyze`` and ``--record``: analyses beside a replay, in its sum, and had again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.fakechat import FakeChat, stalls, streams
from support.feeds import EXCHANGE, SYMBOL, import_walk

from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS = ("replay", EXCHANGE, SYMBOL, "2024-07-23T00:00", "2024-07-23T00:01")


@pytest.fixture(autouse=True)
def held(tmp_path: Path) -> None:
    with open_cache() as cache:
        import_walk(cache, tmp_path)


def test_a_replay_without_analyses_has_none(cli: Callable[..., Any]) -> None:
    assert cli(*WORDS).json["analyses"] is None


def test_what_was_analysed_is_in_the_sum_and_the_same_by_the_record(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeChat(streams(before_s=0.02)) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        ran = cli(*WORDS, "--analyze", "seconds=20,spread=25", "--window", "20", "--model", "gpt-4.1")
        asked = len(fake.requests)
    assert (ran.code, ran.err) == (0, "")
    form = ran.json
    plain = cli(*WORDS).json
    told = form.pop("analyses")
    assert {key: form[key] for key in ("messages", "rows", "symbols")} == {
        key: plain[key] for key in ("messages", "rows", "symbols")
    }
    assert told["done"] == len(told["windows"]) == asked > 3
    assert (told["triggers"], told["window_s"], told["keep"]) == (["seconds=20", "spread=25"], 20, "all")
    assert (told["model"], told["from_record"], told["halted"]) == ("gpt-4.1", False, None)
    assert told["spent_usd"] == pytest.approx(asked * 1_050 * 8 / 1e6)
    for window in told["windows"]:
        assert window["to_us"] - window["from_us"] == 20_000_000
        assert window["ready_us"] >= window["to_us"] + 20_000
        assert window["analysis"]["findings"]
    again = cli(*WORDS, "--record", told["record"])
    assert (again.code, again.err) == (0, ""), "the server is gone"
    recalled = again.json["analyses"]
    assert recalled["windows"] == told["windows"]
    assert (recalled["spent_usd"], recalled["from_record"], recalled["model"]) == (0, True, "gpt-4.1")
    (record,) = cli("llm", "records", "--json").json
    assert {key: record[key] for key in ("id", "model", "done", "triggers")} == {
        "id": told["record"],
        "model": "gpt-4.1",
        "done": asked,
        "triggers": told["triggers"],
    }
    assert record["symbols"] == [{"exchange": EXCHANGE, "symbol": SYMBOL}]
    assert record["ended_us"] >= record["began_us"]
    assert "seconds=20,spread=25" in cli("llm", "records").out
    late = ("replay", EXCHANGE, SYMBOL, "2024-07-23T00:00:30", "2024-07-23T00:01")
    half = cli(*late, "--analyze", "seconds=20", "--window", "20", "--model", "offline").json["analyses"]
    assert cli(*late, "--record", half["record"]).json["analyses"]["windows"] == half["windows"]
    other = cli(*WORDS, "--record", half["record"])
    assert (other.code, other.out) == (1, "")
    assert f"record {half['record']} has nothing about" in other.error


def test_a_cap_that_is_reached_is_said_and_the_replay_goes_on(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CAP_CALL_USD", "0.00001")
    with FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        ran = cli(*WORDS, "--analyze", "seconds=20", "--model", "gpt-4.1")
        assert fake.requests == []
    assert ran.code == 0
    assert "the replay was played to its end, the analyses were not: this call could cost" in ran.error
    form = ran.json
    assert (form["messages"], form["analyses"]["refused"]) == (660, 3)
    assert "raise llm.cap_call_usd" in form["analyses"]["halted"]


def test_the_newest_alone_are_kept_where_that_is_asked_for(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "1")
    with FakeChat(streams(before_s=0.3)) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        words = ("--analyze", "seconds=1", "--keep", "newest", "--model", "gpt-4.1")
        told = cli(*WORDS, *words).json["analyses"]
    assert told["skipped"] > 50
    assert told["skipped"] + told["done"] == 60
    assert len(told["windows"]) == told["done"], "what is skipped is counted, and is no window of the sum"
    assert told["done"] == len(fake.requests)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "offline"), "--model belongs to --analyze"),
        (("--window", "5"), "--window belongs to --analyze"),
        (("--analyze", "never"), "'never' fires by nothing"),
        (("--analyze", "seconds=5", "--window", "a"), "--window a: write seconds"),
        (("--analyze", "seconds=5", "--record", "1"), "leave --analyze out"),
        (("--record", "x"), "--record x: write the number"),
        (("--analyze", "seconds=5", "--order", "exchange"), "by local time"),
    ],
)
def test_what_does_not_go_together_is_refused(cli: Callable[..., Any], words: Any, said: str) -> None:
    ran = cli(*WORDS, *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.error


def test_a_record_that_there_is_not_is_said(cli: Callable[..., Any]) -> None:
    ran = cli(*WORDS, "--record", "7")
    assert (ran.code, "no record 7" in ran.error) == (1, True)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("speed", ["max", "1"])
def test_ctrl_c_closes_the_connections_and_pays_the_parts(cli: Callable[..., Any], speed: str) -> None:
    with FakeChat(stalls()) as fake:
        words = (*WORDS, "--analyze", "messages=20", "--window", "5", "--model", "gpt-4.1", "--speed", speed)
        environ = os.environ | {"TICKREEL_LLM_BASE_URL": fake.url}
        process = subprocess.Popen(
            [sys.executable, "-m", "tickreel", *words, "--quiet"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )
        try:
            while not fake.requests and process.poll() is None:
                time.sleep(0.01)
            assert fake.requests, process.stderr and process.stderr.read()
            process.send_signal(signal.SIGINT)
            assert all(request.closed.wait(60) for request in list(fake.requests))
            out, told = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, told) == (130, "", "tickreel: cancelled\n")
    calls = cli("llm", "calls", "--json").json["calls"]
    assert {call["state"] for call in calls} == {"stopped"}
    assert any(call["cost_usd"] > 0 for call in calls), "some may not have been sent yet"
    (record,) = cli("llm", "records", "--json").json
    assert record["stopped"] >= len(calls)
    assert record["ended_us"] is not None
