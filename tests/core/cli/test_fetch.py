"""The commands of fetching, as somebody types them, against a stand-in for the vendor."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import FakeTardis, Kind
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, asked, hurry, path_of, write_days
from support.mounts import make_read_only, small_disk

from tickreel.cli.main import main
from tickreel.fetch.service import FetchService
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = (EXCHANGE, SYMBOL, "trades", "2024-07-01", "2024-07-04")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTardis]:
    hurry(monkeypatch)
    write_days(tmp_path / "vendor", 3)
    with FakeTardis(tmp_path / "vendor") as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        yield fake


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_dry_run_tells_every_key_and_downloads_nothing(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = told(capsys, "fetch", *WORDS, "--dry-run")
    assert {*plan} >= {
        *("from_us", "to_us", "days", "items", "requests", "estimated_bytes", "estimated_seconds"),
        *("disk_free_bytes", "disk_free_after_bytes", "quota_free_after_bytes", "key"),
    }
    names = ("total", "have", "partial", "shared", "absent", "pending", "denied", "fetch")
    assert [plan["days"].pop(name) for name in ("fetched", "failed", "cancelled", "left")] == [0] * 4
    assert plan["days"] == {**dict.fromkeys(names, 0), "total": 3, "fetch": 3}
    assert (plan["key"], plan["requests"], plan["estimated_bytes"]) == ("environment", 3, None)
    assert [item["action"] for item in plan["items"]] == ["fetch"] * 3
    assert [item["free"] for item in plan["items"]] == [True, False, False]
    assert not fake.downloads


def test_fetched_days_are_listed_and_a_second_fetch_asks_for_nothing(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    done = told(capsys, "fetch", *WORDS)
    assert [item["action"] for item in done["items"]] == ["fetched"] * 3
    assert (done["days"]["total"], done["days"]["fetched"], done["requests"]) == (3, 3, 3)
    days = told(capsys, "datasets", "--days")
    assert [(day["state"], day["source"], day["rows"]) for day in days] == [("present", "tardis", 3)] * 3
    again = told(capsys, "fetch", *WORDS)
    assert again["days"]["have"] == 3
    assert sum(fake.downloads.values()) == 3
    origin = told(capsys, "cache", "stats")["tiers"]["origin"]
    # Beside the files the list of the exchange once, and at each fetch what the key includes.
    assert (origin["state"], origin["requests"]) == ("ok", 3 + 1 + 2)
    (job,) = told(capsys, "jobs", "list")
    assert (job["state"], job["days"], job["ended"]) == ("done", {"done": 3}, 3)
    shown = told(capsys, "jobs", "show", str(job["id"]))
    assert [item["state"] for item in shown["items"]] == ["done"] * 3


def test_a_paused_fetch_asks_for_nothing_and_jobs_change_places(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (told(capsys, "fetch", *WORDS, "--paused")["job"] for _ in range(2))
    assert not fake.downloads
    told(capsys, "jobs", "move", str(two), "--up")
    jobs = told(capsys, "jobs", "list")
    assert [(job["id"], job["state"]) for job in jobs] == [(two, "paused"), (one, "paused")]
    assert main(["jobs", "move", str(two), "--up", "--down"]) == 2
    assert "say one of" in capsys.readouterr().err


def test_a_failed_day_is_named_with_exit_1_and_retried_by_hand(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.plan(path_of(FIRST), [Kind.UNAUTHORIZED])
    done = told(capsys, "fetch", *WORDS, code=1)
    assert [item["action"] for item in done["items"]] == ["failed", "fetched", "fetched"]
    assert "401" in done["items"][0]["reason"]
    assert told(capsys, "jobs", "retry", "1")["days"] == {"done": 2, "queued": 1}
    assert main(["jobs", "run", "--quiet"]) == 0
    assert capsys.readouterr().out == "3 done\n"
    assert main(["jobs", "run", "--quiet"]) == 0
    assert capsys.readouterr().out == "nothing was queued\n"
    assert told(capsys, "jobs", "list")[0]["days"] == {"done": 3}


def test_a_hold_of_the_whole_queue_is_told_and_ends_by_a_retry(
    fake: FakeTardis, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.plan("*.csv.gz", [Kind.QUOTA, Kind.QUOTA])  # two are asked for at first
    with open_cache(home) as cache, FetchService(cache) as service:
        plan = asyncio.run(service.preflight(asked(3)))
        job_id = service.submit(plan)
        assert job_id is not None
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(service.work(job_id), 1))
    (job,) = told(capsys, "jobs", "list")
    assert "quota is used up" in job["hold"]["reason"]
    assert job["hold"]["until_us"] >= job["wait_until_us"] - 1_000_000
    assert main(["jobs", "list"]) == 0
    assert "no files are asked of the vendor until" in capsys.readouterr().err
    downloads = sum(fake.downloads.values())
    assert told(capsys, "jobs", "retry", "1")["hold"] is None
    (job,) = told(capsys, "jobs", "run")
    assert (job["days"], job["hold"], downloads) == ({"done": 3}, None, 0)


def test_names_may_be_typed_in_capitals_and_misspelt_ones_are_told(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = told(capsys, "fetch", EXCHANGE.upper(), SYMBOL.lower(), "TRADES", *WORDS[3:], "--dry-run")
    assert plan["days"]["fetch"] == 3
    assert main(["fetch", EXCHANGE, SYMBOL, "trade", *WORDS[3:]]) == 2
    assert "'trade' is not a data type: did you mean trades?" in capsys.readouterr().err
    assert main(["fetch", EXCHANGE, SYMBOL, "Incremental_Book_L3", *WORDS[3:]]) == 2
    assert "did you mean incremental_book_L2?" in capsys.readouterr().err
    assert main(["fetch", EXCHANGE, SYMBOL, "xyz", *WORDS[3:]]) == 2
    assert "choose from" in capsys.readouterr().err


def test_the_key_and_the_network_are_checked_by_lists_alone(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(capsys, "key", "check")
    assert (found["way"], found["key"]) == (fake.api_url.split("/")[2], "environment")
    assert found["exchanges"] > 0
    assert EXCHANGE in [one["exchange"] for one in found["access"]]
    assert main(["key", "check"]) == 0
    assert f"{found['way']} answers" in capsys.readouterr().out
    monkeypatch.setenv("TARDIS_API_KEY", "wrong")
    assert told(capsys, "key", "check", "tardis", code=1)["access"] == []
    fake.plan("api-key-info", [Kind.NOT_FOUND])
    assert main(["key", "check"]) == 1
    assert "not verified" in capsys.readouterr().err
    monkeypatch.delenv("TARDIS_API_KEY")
    assert told(capsys, "key", "check")["access"] is None
    assert main(["key", "check", "llm"]) == 2
    assert not fake.downloads


def test_without_a_store_of_passwords_the_variables_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickreel.cli.key.keyring_name", lambda: None)
    assert main(["key", "status"]) == 0
    variables = "TARDIS_API_KEY, TICKREEL_LLM_API_KEY, TICKREEL_REDIS_PASSWORD, TICKREEL_SERVE_TOKEN"
    assert f"({variables})" in capsys.readouterr().err


def test_a_connection_that_fails_names_the_host_and_the_proxy(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_TARDIS_API_URL", "https://api.example/v1")
    monkeypatch.setenv("TICKREEL_PROXY", "http://me:pass@127.0.0.1:9")
    assert main(["key", "check"]) == 1
    error = capsys.readouterr().err
    assert "api.example through the proxy 127.0.0.1:9: " in error
    assert "pass" not in error
    monkeypatch.setenv("TICKREEL_TARDIS_API_URL", "http://127.0.0.1:9/v1")
    assert main(["key", "check"]) == 1
    assert "127.0.0.1:9: the connection failed" in capsys.readouterr().err


def test_a_list_that_fails_is_asked_for_again_and_every_request_is_counted(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.plan("exchanges*", [Kind.SERVER_ERROR, Kind.HANG_UP])
    told(capsys, "key", "check")
    # Three for the exchanges, one for what the key includes.
    assert told(capsys, "cache", "stats")["tiers"]["origin"]["requests"] == len(fake.requests) == 4
    fake.plan("exchanges*", [Kind.QUOTA])
    assert main(["key", "check"]) == 1  # nobody waits hours for a list
    assert "quota is used up" in capsys.readouterr().err


def test_beyond_the_calls_of_the_plan_nothing_is_begun_unless_allowed(
    fake: FakeTardis, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "fetch", EXCHANGE, SYMBOL, "trades", "2024-07-01", "2024-07-02")
    (home / "prices.toml").write_text('[plan]\nname = "tiny"\ncalls_per_month = 2\n')
    assert main(["fetch", *WORDS]) == 1
    assert "--allow-over-budget" in capsys.readouterr().err
    assert sum(fake.downloads.values()) == 1
    assert [item["action"] for item in told(capsys, "fetch", *WORDS, "--allow-over-budget")["items"]] == [
        "have",
        "fetched",
        "fetched",
    ]


def test_what_was_cancelled_is_not_told_as_done(
    fake: FakeTardis, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_cache(home) as cache, FetchService(cache) as service:
        job_id = service.submit(asyncio.run(service.preflight(asked(2))))
        assert job_id is not None
        service.control.cancel(job_id)
    assert main(["jobs", "list"]) == 0
    assert "0 of 2" in capsys.readouterr().out
    assert told(capsys, "jobs", "list")[0]["ended"] == 2


def test_standing_orders_are_made_listed_and_ended(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    (order,) = told(capsys, "jobs", "keep", EXCHANGE, SYMBOL, "trades", "2024-07-01")
    assert (order["symbol"], order["first_day"], order["checked_us"]) == (SYMBOL, "2024-07-01", None)
    assert told(capsys, "jobs", "kept") == [order]
    assert told(capsys, "jobs", "unkeep", str(order["id"])) == []
    (order,) = told(capsys, "jobs", "keep", EXCHANGE, SYMBOL, "trades", "2024-07-01")
    assert main(["jobs", "unkeep", str(order["id"])]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"order {order['id']} has ended: {EXCHANGE} {SYMBOL} trades from 2024-07-01 on")
    assert main(["jobs", "unkeep", "7"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("fetch", EXCHANGE, SYMBOL, "trade", "2024-07-01", "2024-07-02"),
        ("fetch", EXCHANGE, SYMBOL, "trades", "2024-07-02", "2024-07-01"),
        ("fetch", EXCHANGE, SYMBOL, "trades"),
        ("fetch", *WORDS, "--jobs", "0"),
        ("jobs", "move", "1"),
        ("jobs", "keep", EXCHANGE, SYMBOL, "trades", "yesterday"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(fake: FakeTardis, words: tuple[str, ...]) -> None:
    assert main([*words]) == 2


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("key", "value"), [("network.proxy", "socks5://proxy:1080"), ("tardis.api_url", "api.tardis.dev")]
)
def test_a_command_that_connects_stops_at_settings_that_say_no_way(
    fake: FakeTardis,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    value: str,
) -> None:
    monkeypatch.delenv("TICKREEL_TARDIS_API_URL")
    section, _, name = key.partition(".")
    home.mkdir()
    (home / "settings.toml").write_text(f'[{section}]\n{name} = "{value}"\n', encoding="utf-8")
    for words in (("fetch", *WORDS, "--dry-run"), ("instruments", "fetch", EXCHANGE)):
        assert main([*words]) == 1
        *_, error = capsys.readouterr().err.splitlines()
        assert f"settings.toml: {key}: '{value}' is not accepted" in error
        assert "correct the line" in error
    assert not fake.requests
    assert main(["jobs", "list"]) == 0  # nothing is asked of anybody
    monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
    monkeypatch.setenv("TICKREEL_PROXY", "http://127.0.0.1:9")  # the fake is on this machine, asked directly
    assert main(["fetch", *WORDS, "--dry-run"]) == 0


@pytest.mark.logs_warnings
def test_no_command_connects_while_the_settings_cannot_be_read(
    fake: FakeTardis, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    text = '[network]\nproxy = "http://proxy:3128\n'
    (home / "settings.toml").write_text(text, encoding="utf-8")
    for words in (("fetch", *WORDS), ("fetch", *WORDS), ("key", "check"), ("instruments", "fetch", EXCHANGE)):
        assert main([*words, "--quiet"]) == 1
        *_, error = capsys.readouterr().err.splitlines()
        assert "settings.toml is not TOML" in error
        assert "at line 2" in error
    assert not fake.requests
    assert main(["jobs", "list"]) == 0  # nothing is asked of anybody
    assert "warning: " in capsys.readouterr().err
    assert (home / "settings.toml").read_text(encoding="utf-8") == text


def test_a_home_that_can_only_be_read_plans_and_checks(
    fake: FakeTardis, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(home, 1 << 21):
        told(capsys, "jobs", "keep", EXCHANGE, SYMBOL, "trades", "2024-07-01")
        make_read_only(home)
        assert told(capsys, "fetch", *WORDS, "--dry-run")["days"]["fetch"] == 3
        assert told(capsys, "key", "check")["key"] == "environment"
        assert len(told(capsys, "jobs", "kept")) == 1
        assert main(["fetch", *WORDS]) == 1
        *_, error = capsys.readouterr().err.splitlines()
        assert "cannot be made or written" in error


def test_nothing_is_asked_of_an_empty_range(fake: FakeTardis, capsys: pytest.CaptureFixture[str]) -> None:
    plan = told(capsys, "fetch", EXCHANGE, SYMBOL, "trades", "2024-07-01", "2024-07-01")
    assert plan["days"]["total"] == 0


def test_a_run_of_the_queue_ends_with_1_when_a_day_fails(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.plan(path_of(FIRST), [Kind.UNAUTHORIZED], last_stays=True)
    told(capsys, "fetch", *WORDS, code=1)
    told(capsys, "jobs", "retry", "1")
    (job,) = told(capsys, "jobs", "run", code=1)
    assert job["days"] == {"done": 2, "failed": 1}


def test_an_order_for_what_the_vendor_does_not_list_is_refused(
    fake: FakeTardis, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", "keep", EXCHANGE, "BTCUSD", "trades", "2024-07-01"]) == 2
    assert "did you mean BTCUSDT?" in capsys.readouterr().err
    assert main(["jobs", "keep", EXCHANGE, SYMBOL, "quotes", "2024-07-01"]) == 2
    assert "it has trades" in capsys.readouterr().err
    assert told(capsys, "jobs", "kept") == []
