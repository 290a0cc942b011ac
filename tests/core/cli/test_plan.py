"""``tickreel plan``, and what ``tickreel cache stats`` says of the vendor and of what was avoided."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.fetchhistory import hold_fetched, record_fetched, record_requests
from support.storedhome import KEY, StoredHome, day

from tickreel.cli.main import main
from tickreel.cli.plan import USAGE, VERBS
from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_DAY
from tickreel.market.units import THIN_SPACE
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from pathlib import Path

GB = 10**9


@pytest.fixture
def fetched(home: Path) -> StoredHome:
    """Hold two fetched days, read eight times; the first was fetched ten days ago."""
    stored = StoredHome(home)
    stored.disk.clock_us = now_us = Disk().now_us()
    for number, size in ((0, 2 * GB), (1, GB)):
        hold_fetched(stored, number, source_bytes=size, size=1000)
    for download_s in (10.0, 50.0):
        record_fetched(stored.database, download_s, 6.0, rows=5000, began_us=now_us - 10 * US_PER_DAY)
    record_requests(stored.database, "2020-01", 2, GB)
    record_requests(stored.database, f"{datetime.now(UTC):%Y-%m}", 3, 2 * GB)
    meter = UsageMeter(stored.database, stored.disk)
    for number in (0, 0, 0, 0, 1, 1, 1, 1):
        meter.hit(KEY, day(number), 2_000_000)
    meter.close()
    stored.close()
    return stored


def test_statistics_of_the_vendor_and_of_what_was_avoided(cli: Any, fetched: StoredHome) -> None:
    found = cli("cache", "stats", "--json").json
    assert found["tiers"]["origin"] == {
        "state": "ok",
        "requests": 5,
        "bytes": 3 * GB,
        "p50_ms": 50_000,
        "p99_ms": 50_000,
    }
    assert found["avoided"] == {"requests": 8, "bytes": 12 * GB, "seconds": 8 * 36.0, "usd": None}
    assert cli("plan", "set", "--usd-per-gb", "0.5", "--usd-per-waiting-hour", "100").code == 0
    avoided = cli("cache", "stats", "--json").json["avoided"]
    assert avoided["usd"] == pytest.approx(12 * 0.5 + 8 * 36 / 3600 * 100)
    shown = cli("cache", "stats").out
    assert "vendor         5 requests, 3.0 GB\n" in shown
    assert "download       50 s half of all, 50 s 99 of 100\n" in shown
    assert "avoided        8 requests, 12.0 GB, 5 min of waiting, $14\n" in shown


def test_a_broken_price_table_takes_only_the_money_from_the_statistics(
    cli: Any, home: Path, fetched: StoredHome
) -> None:
    (home / "prices.toml").write_text("[rates]\nusd_per_gb = 'a'\n")
    ran = cli("cache", "stats", "--json")
    assert (ran.code, ran.json["avoided"]["usd"], ran.json["avoided"]["requests"]) == (0, None, 8)
    assert "warning: no money is counted: " in ran.error
    assert "line 2: rates.usd_per_gb: 'a' is not accepted" in ran.error
    for verb in ("show", "set"):
        ran = cli("plan", verb, *(["starter"] if verb == "set" else []))
        assert (ran.code, "line 2: rates.usd_per_gb" in ran.error) == (1, True)
    assert cli("plan", "clear").code == 0
    assert cli("plan", "show").code == 0


def test_an_account_has_every_key(cli: Any, fetched: StoredHome) -> None:
    cli("plan", "set", "starter", "--calls-per-month", "4", "--usd-per-request", "2")
    found = cli("plan", "show", "--json").json
    assert found.pop("since_us") > 0
    assert found["budget"].pop("ends_us") > Disk().now_us()
    assert found.pop("history_days") == pytest.approx(10, abs=0.1)
    comparison = found.pop("comparison")
    payback = found.pop("payback")
    assert found == {
        "plan": {
            "name": "Starter",
            "usd_per_month": 49,
            "calls_per_month": 4,
            "storage_bytes": 10 * GB,
        },
        "rates": {"usd_per_request": 2, "usd_per_gb": None, "usd_per_waiting_hour": None},
        "budget": {
            "month": f"{datetime.now(UTC):%Y-%m}",
            "calls": 3,
            "limit": 4,
            "left": 1,
            "share": 0.75,
            "state": "fine",
        },
        "quota_bytes": 10 * GB,
        "used_bytes": 2200,
        "spent": {"requests": 5, "bytes": 3 * GB, "seconds": 72, "usd": 10},
        "avoided": {"requests": 8, "bytes": 12 * GB, "seconds": 288, "usd": 16},
        "note": None,
    }
    assert payback["saved_usd_per_month"] == pytest.approx((16 - 10) / 10 * 365.25 / 12, rel=0.01)
    assert payback["months"] == pytest.approx(49 / payback["saved_usd_per_month"])
    assert payback["reason"] is None
    assert [row["name"] for row in comparison] == [
        "billion_ticks",
        "api_calls",
        "latency_p99",
        "backtest_of_a_day",
        "ai_analysis",
        "hit_rate",
    ]
    assert [row["measured"] is None for row in comparison] == [False, False, False, True, True, False]
    assert set(comparison[0]) == {"name", "unit", "claimed", "measured", "how", "command"}
    calls = comparison[1]
    assert calls["claimed"]["saving"] == 0.95
    assert calls["measured"].pop("per").startswith("since 20")
    assert calls["measured"] == {"direct": 8, "cached": 5, "cached_to": None, "saving": 0.375}


def test_an_account_for_people(cli: Any, fetched: StoredHome) -> None:
    cli("plan", "set", "starter", "--calls-per-month", "3", "--usd-per-request", "2")
    shown = cli("plan", "show").out
    assert "plan           Starter: $49 a month, 3 calls, 10.0 GB\nprices         $2 a request\n" in shown
    assert "(100.0 %): all are used, and fetching is refused until the next month\n" in shown
    assert "storage        2.2 kB in use of a quota of 10.0 GB\n" in shown
    assert re.search(r"payback        \d+\.\d d, at \$18\.\d\d saved a month\n", shown)
    assert re.search(r"API calls +10\.0 M → 500\.0 k a month +95\.0 % +8 → 5 since \S+ +37\.5 %\n", shown)
    assert re.search(r"Latency, p99 +250 ms → 45 ms +82\.0 % +50 s → \S+ ms +over 99\.9 %\n", shown)
    assert re.search(r"Backtest of a day of data +45 min → 4\.5 min +90\.0 % +not measured +–\n", shown)
    assert re.search(r"\nBacktest of a day of data: not measured: .*`tickreel backtest STRATEGY", shown)
    assert re.search(r"\nAI analysis: not measured: no call of a model has cost anything", shown)


def test_nothing_is_said_to_be_measured_in_an_empty_home(cli: Any) -> None:
    found = cli("plan", "show", "--json").json
    assert (found["plan"], found["since_us"], found["history_days"]) == (None, None, None)
    assert {row["measured"] for row in found["comparison"]} == {None}
    assert found["payback"] == {
        "months": None,
        "saved_usd_per_month": None,
        "reason": "no plan with a price is set: `tickreel plan set`",
    }
    shown = cli("plan", "show").out
    assert shown.count("not measured: ") == 6
    assert re.search(r"\$6\u2009500 → \$950 a month +85\.4 % +not measured +–\n", shown)


def test_every_command_that_is_named_is_one(cli: Any, home: Path) -> None:
    commands = {row["command"] for row in cli("plan", "show", "--json").json["comparison"]}
    stored = StoredHome(home)
    record_fetched(stored.database, 1.0, 1.0)
    stored.close()
    commands |= {row["command"] for row in cli("plan", "show", "--json").json["comparison"]}
    assert {command.split()[1] for command in commands - {None}} == {
        "fetch",
        "rows",
        "backtest",
        "analyze",
        "plan",
    }
    for command in commands - {None}:
        words = re.sub(r"\bN\b", "1", command).split()[1:]
        with pytest.raises(SystemExit, match="0"):
            main([*words, "--help"])
        if words[0] == "plan":
            assert cli(*words).code == 0


def test_a_plan_sets_the_one_quota_and_gives_it_back(cli: Any, home: Path, fetched: StoredHome) -> None:
    told = cli("plan", "set", "starter").out
    assert "the quota is 10.0 GB: the storage of the plan, now in the setting store.quota_bytes\n" in told
    assert cli("cache", "stats", "--json").json["quota_bytes"] == 10 * GB
    told = cli("plan", "set", "--storage-bytes", "2000", "--json").json
    assert told["quota_bytes"] == 2000
    assert "2.2 kB are in use, and days that can be fetched again leave by themselves" in told["note"]
    assert len(cli("cache", "evict", "--preview", "--json").json["evict"]) == 1
    told = cli("plan", "clear").out
    assert told == (
        "plan           none is set: `tickreel plan set`\n"
        "prices         none are set: `tickreel plan set`\n"
        "there is no storage quota (setting store.quota_bytes)\n"
    )
    assert cli("cache", "stats", "--json").json["quota_bytes"] is None
    assert not (home / "prices.toml").exists()


def test_figures_are_typed_in_and_taken_away(cli: Any) -> None:
    cli("plan", "set", "Ours", "--usd-per-month", "30", "--calls-per-month", "1_000")
    cli("plan", "set", "--usd-per-gb", "0.1", "--calls-per-month", "none")
    found = cli("plan", "show", "--json").json
    assert found["plan"] == {
        "name": "Ours",
        "usd_per_month": 30,
        "calls_per_month": None,
        "storage_bytes": None,
    }
    assert found["rates"]["usd_per_gb"] == 0.1
    assert cli("plan", "set", "--usd-per-gb", "none", "--json").json["rates"]["usd_per_gb"] is None
    shown = cli("plan", "show").out
    assert "plan           Ours: $30 a month, no limit of calls, no limit of storage\n" in shown
    assert f"0 in {datetime.now(UTC):%Y-%m}\n" in shown
    enterprise = cli("plan", "set", "Enterprise").out
    assert "Enterprise: $499 a month, no limit of calls, 1.00 TB" in enterprise
    assert THIN_SPACE not in enterprise


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set"], "name a plan (starter, professional, enterprise, or your own) or give a figure"),
        (["set", "startr"], "'startr' is no plan that is known here"),
        (["set", "Ours", "--usd-per-gb", "1"], "'Ours' is no plan that is known here"),
        (["set", "--storage-bytes", "5"], "storage_bytes: figures of a plan, and there is none yet"),
        (["set", "starter", "--usd-per-gb", "-1"], "--usd-per-gb"),
        (
            ["set", "starter", "--usd-per-gb", "cheap"],
            "--usd-per-gb: 'cheap' is not accepted; write a number of",
        ),
        (["set", "starter", "--calls-per-month", "1.5"], "whole number from 0 on, or none"),
        (["set", "starter", "--usd-per-gb", ""], "--usd-per-gb: '' is not accepted"),
        (["set", " "], "NAME: ' ' is not accepted"),
        (["show", "word"], "unrecognized arguments: word"),
        (["sell"], "tickreel plan has no verb 'sell'"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Any, home: Path, words: list[str], told: str) -> None:
    ran = cli("plan", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.error
    assert not (home / "prices.toml").exists()


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(VERBS) == set(USAGE)
    for verb in VERBS:
        with pytest.raises(SystemExit, match="0"):
            main(["plan", verb, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: tickreel plan {verb} ")
