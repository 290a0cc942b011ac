"""``tickreel analyze`` and ``tickreel llm``: figures, findings, checks and money as JSON, headless."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from support.fakechat import FakeChat, refuses, stalls, streams
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk
from support.memorykeyring import MemoryKeyring, keyring_of

import tickreel
from tickreel.analysis import FIGURES, take_snapshot
from tickreel.analysis.analyse import analyze_windows
from tickreel.analysis.servers import host_of
from tickreel.keys import KeyName, set_key
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = files("tickreel_resources").joinpath("docs", "analysis.md").read_text(encoding="utf-8")
SPAN = ("2024-07-23T00:00", "2024-07-23T00:01")
SECRET = "sk-analysis-0123456789abcdef"


@pytest.fixture(autouse=True)
def held(tmp_path: Path) -> None:
    with open_cache() as cache:
        import_walk(cache, tmp_path)


def test_the_offline_analyst_is_the_default_and_needs_nothing(cli: Callable[..., Any]) -> None:
    ran = cli("analyze", f"{EXCHANGE}:{SYMBOL}", *SPAN)
    assert (ran.code, ran.err) == (0, "")
    form = ran.json
    with open_cache() as cache:
        assert form["snapshot"] == take_snapshot(cache, EXCHANGE, SYMBOL, *SPAN).to_form()
    assert (form["analyst"], form["model"], form["state"], form["dry_run"]) == (
        "offline",
        "offline",
        "done",
        False,
    )
    assert form["cost_usd"] == 0
    assert form["payload"] is None
    assert form["prose"]
    assert form["numbers"]["altered"] == form["numbers"]["unbound"] == 0 < form["numbers"]["bound"]
    assert cli("analyze", EXCHANGE, SYMBOL, *SPAN).json["findings"] == form["findings"]


def test_a_dry_run_shows_all_that_would_be_sent_and_sends_nothing(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        monkeypatch.setenv("TICKREEL_LLM_MODEL", "deepseek-v3.2")
        monkeypatch.setenv("TICKREEL_LLM_API_KEY", SECRET)
        dry = cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--dry-run")
        assert fake.requests == []
        done = cli("analyze", EXCHANGE, SYMBOL, *SPAN)
        (request,) = fake.requests
        again = cli("analyze", EXCHANGE, SYMBOL, *SPAN)
        assert len(fake.requests) == 1
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    form, sent = dry.json, done.json
    assert form["payload"] == request.body
    assert (form["dry_run"], form["call"], form["state"], form["refusal"]) == (True, None, None, None)
    assert 0 < form["tokens_in_estimate"] < form["tokens_in_most"]
    assert form["worst_case_usd"] == pytest.approx(
        (form["tokens_in_most"] + form["tokens_out_most"]) * 0.42 / 1e6
    )
    assert [one["field"] for one in form["redactions"]] == ["exchange", "symbol", "from_us, to_us", "data"]
    assert set(form) == set(sent)
    assert sent["cost_usd"] == pytest.approx((900 + 150) * 0.42 / 1e6)
    assert (sent["analyst"], sent["state"], sent["cached"]) == ("chat", "done", False)
    assert (again.json["state"], again.json["cost_usd"], again.json["cached"]) == ("cached", 0, True)
    assert SECRET not in dry.out + dry.err + done.out + done.err


def test_the_key_may_come_from_the_keyring(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeChat() as fake, keyring_of(MemoryKeyring()):
        set_key(KeyName.LLM, SECRET, host=host_of(fake.url))
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        assert cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1").code == 0
    assert fake.requests[0].headers["authorization"] == f"Bearer {SECRET}"


def test_the_key_of_another_server_is_not_sent(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeChat() as fake, FakeChat() as other, keyring_of(MemoryKeyring()):
        set_key(KeyName.LLM, SECRET, host=host_of(other.url))
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        assert cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1").code == 0
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", other.url)
        assert cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1").code == 0
    assert "authorization" not in fake.requests[0].headers
    assert other.requests[0].headers["authorization"] == f"Bearer {SECRET}"


def test_what_cannot_be_called_is_told_in_one_line(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeChat(refuses(404, {"error": {"message": "no such model"}})) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        unnamed = cli("analyze", EXCHANGE, SYMBOL, *SPAN)
        assert (unnamed.code, "TICKREEL_LLM_MODEL" in unnamed.error) == (2, True)
        unpriced = cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "own-1")
        assert (unpriced.code, unpriced.out) == (1, "")
        assert "tickreel llm price own-1 USD_PER_MTOK" in unpriced.error
        assert (
            cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "own-1", "--dry-run").json["worst_case_usd"]
            is None
        )
        monkeypatch.setenv("TICKREEL_LLM_CAP_CALL_USD", "0.00001")
        capped = cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1")
        assert (capped.code, "raise llm.cap_call_usd" in capped.error) == (1, True)
        assert (
            "nothing was sent"
            in cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1", "--dry-run").json["refusal"]
        )
        assert fake.requests == []
        assert cli("llm", "price", "own-1", "0").code == 0
        failed = cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "own-1")
        assert (failed.code, "HTTP 404, no such model" in failed.error) == (1, True)
        assert cli("analyze", EXCHANGE, "NONE", *SPAN, "--model", "gpt-4.1").code == 1
        assert cli("analyze", EXCHANGE, SYMBOL, "2024-07-23", "2024-07-25", "--model", "offline").code == 2
    empty = cli("analyze", EXCHANGE, SYMBOL, SPAN[0], SPAN[0], "--model", "gpt-4.1").json
    assert (empty["model"], empty["prose"][:16], empty["findings"]) == ("offline", "Nothing happened", [])


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_closes_the_connection_and_pays_the_part(cli: Callable[..., Any]) -> None:
    with FakeChat(stalls()) as fake:
        words = ("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1", "--quiet")
        environ = os.environ | {"TICKREEL_LLM_BASE_URL": fake.url}
        with subprocess.Popen(
            [sys.executable, "-m", "tickreel", *words], stderr=subprocess.PIPE, text=True, env=environ
        ) as process:
            try:
                while not fake.requests and process.poll() is None:
                    time.sleep(0.01)
                assert fake.requests, process.stderr and process.stderr.read()
                process.send_signal(signal.SIGINT)
                assert fake.requests[0].closed.wait(60)
                _, told = process.communicate(timeout=60)
            finally:
                process.kill()
    assert (process.returncode, told) == (130, "tickreel: cancelled\n")
    (call,) = cli("llm", "calls", "--json").json["calls"]
    assert (call["state"], call["tokens_estimated"]) == ("stopped", True)
    assert call["cost_usd"] > 0


def test_prices_are_listed_typed_in_and_forgotten(cli: Callable[..., Any]) -> None:
    built_in = {one["model"]: one for one in cli("llm", "prices", "--json").json}
    assert {name: one["usd_per_mtok_in"] for name, one in built_in.items()} == {
        "claude-sonnet-4.5": 15,
        "deepseek-v3.2": 0.42,
        "gpt-4.1": 8,
    }
    assert built_in["deepseek-v3.2"]["below_dearest"] == pytest.approx(1 - 0.42 / 15)
    assert "97.20 %" in cli("llm", "prices").out
    typed = {one["model"]: one for one in cli("llm", "price", "own-1", "1.5", "6", "--json").json}
    assert (typed["own-1"]["usd_per_mtok_out"], typed["own-1"]["typed_in"]) == (6, True)
    assert cli("llm", "unprice", "own-1").code == 0
    assert cli("llm", "unprice", "own-1").code == 1
    assert cli("llm", "price", "own-1", "free").code == 2
    assert cli("llm", "calls", "--limit", "all").code == 2


def test_calls_are_listed_with_what_they_cost(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeChat(streams(), streams(usage=None)) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        for end in ("2024-07-23T00:00:30", "2024-07-23T00:00:40"):
            assert cli("analyze", EXCHANGE, SYMBOL, SPAN[0], end, "--model", "gpt-4.1").code == 0
    form = cli("llm", "calls", "--json").json
    assert [call["tokens_estimated"] for call in form["calls"]] == [True, False]
    assert form["calls"][1]["cost_usd"] == pytest.approx(1_050 * 8 / 1e6)
    assert form["day_usd"] == pytest.approx(sum(call["cost_usd"] for call in form["calls"]))
    assert form["models"][0]["calls"] == 2
    table = cli("llm", "calls").out
    assert "about $" in table
    assert "are spent on this UTC day" in table


def test_analyses_are_found_again_by_their_window_and_stale_ones_say_so(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    late = ("2024-07-23T00:00:30", SPAN[1])
    made = cli("analyze", EXCHANGE, SYMBOL, *SPAN).json
    with FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        asked = cli("analyze", EXCHANGE, SYMBOL, *late, "--model", "gpt-4.1").json
    whole, part = cli("llm", "answers", EXCHANGE, SYMBOL, *SPAN, "--json").json
    assert (whole["prose"], whole["numbers"], whole["stale"]) == (made["prose"], made["numbers"], False)
    assert (part["from_us"], part["call"], part["stale"]) == (asked["from_us"], asked["call"], False)
    assert len(part["findings"]) == 1
    early = cli("llm", "answers", EXCHANGE, SYMBOL, SPAN[0], "2024-07-23T00:00:30", "--json").json
    assert [one["from_us"] for one in early] == [whole["from_us"]]
    with open_cache() as cache:
        path, _ = feed_files(tmp_path / "other", messages=500)
        cache.import_file(path, replace=True)
    assert [one["stale"] for one in cli("llm", "answers", EXCHANGE, SYMBOL, *SPAN, "--json").json] == [
        True
    ] * 2
    table = cli("llm", "answers", EXCHANGE, SYMBOL, *SPAN).out
    assert made["prose"] in table
    assert "stale" in table


def test_a_question_about_some_figures_is_found_by_its_words_pinned_rated_and_exported(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("analyze", EXCHANGE, SYMBOL, *SPAN)
    with FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        only = ("--only", "spread,trades", "--ask", "Who carries it?")
        asked = cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--model", "gpt-4.1", *only)
        (request,) = fake.requests
    assert asked.code == 0
    assert request.body["messages"][-1]["content"] == "Who carries it?"
    sent = {row[1] for row in json.loads(request.body["messages"][1]["content"])["windows"][0]["figures"]}
    named = {each.name for each in FIGURES if each.group.value in ("window", "spread", "trades")}
    assert {"spread_mean", "trades", "mid_last"} <= sent <= named
    assert cli("analyze", EXCHANGE, SYMBOL, *SPAN, "--only", "candles").code == 2
    (found,) = cli("llm", "answers", "--search", "carries", "--json").json
    assert (found["question"], found["groups"]) == ("Who carries it?", ["window", "spread", "trades"])
    number = found["call"]["id"]
    assert len(cli("llm", "answers", f"{EXCHANGE}:{SYMBOL}", "--json").json) == 2
    assert cli("llm", "answers", "--pinned", "--json").json == []
    assert cli("llm", "pin", number, 1).code == 0
    assert cli("llm", "rate", number, 1, "good", "--json").json == {
        "call": number,
        "pinned": True,
        "rating": 1,
    }
    (pinned,) = cli("llm", "answers", "--pinned", "--json").json
    assert (pinned["findings"][0]["pinned"], pinned["findings"][0]["rating"]) == (True, 1)
    assert cli("llm", "unpin", number, 1).code == 0
    assert cli("llm", "answers", "--pinned", "--json").json == []
    assert cli("llm", "export", number).out.startswith(f"# Analysis of {EXCHANGE} {SYMBOL}")
    assert cli("llm", "export", number, "--json").json["question"] == "Who carries it?"
    for wrong in (("pin", 99, 1), ("pin", number, 9), ("export", number, "--window", 2)):
        assert cli("llm", *wrong).code == 1
    for unclear in (("pin", "x", 1), ("rate", number, 1, "fine"), ("answers", EXCHANGE)):
        assert cli("llm", *unclear).code == 2


def test_it_is_the_same_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_cache() as cache, FakeChat() as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        offline = tickreel.analyze(cache, EXCHANGE, SYMBOL, *SPAN, model="offline")
        assert isinstance(offline, tickreel.Analysis)
        assert fake.requests == []
        dry = tickreel.analyze(cache, EXCHANGE, SYMBOL, *SPAN, model="gpt-4.1", dry_run=True)
        assert (dry.call, fake.requests) == (None, [])
        start = offline.snapshot.from_us
        windows = [(start + n * 5_000_000, start + (n + 1) * 5_000_000) for n in range(12)]
        found = analyze_windows(cache, EXCHANGE, SYMBOL, windows, model="deepseek-v3.2", per_call=5)
        assert [(one.snapshot.from_us, one.snapshot.to_us) for one in found] == windows
        assert len(fake.requests) == 3
        assert all(one.findings for one in found)


def test_the_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert examples
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "an example of analysis.md", "exec"), names)
    assert names["seen"]["trades"] == 60
    assert names["found"].model == "offline"
    assert json.dumps(names["found"].to_form())
    assert len(names["seen"].values) == len(FIGURES)
