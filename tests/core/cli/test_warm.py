"""``tickreel warm`` and what other commands tell of a shared cache, over a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.faketardis import FakeTardis
from support.feeds import EXCHANGE, SYMBOL, feed_files
from support.fetchdesk import FIRST, hurry, write_days
from support.redisserver import RedisServer, free_port
from support.vendorfiles import line, write_csv

from tickreel.market.time import US_PER_SECOND, day_start_us
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TRADES = (EXCHANGE, SYMBOL, "trades")
FETCHED = (*TRADES, "2024-07-01", "2024-07-04")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    with RedisServer() as server:
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        yield server


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTardis]:
    hurry(monkeypatch)
    write_days(tmp_path / "vendor", 3)
    with FakeTardis(tmp_path / "vendor") as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        yield fake


def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be another machine of the desk."""
    monkeypatch.setenv("TICKREEL_HOME", str(tmp_path / "another"))


def test_what_is_held_goes_there_once_and_another_machine_reads_it(
    cli: Any, server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, trades = feed_files(tmp_path)
    assert cli("import", book, trades).code == 0
    span = ("2024-07-23", "2024-07-24")
    (first,) = cli("warm", *TRADES, *span, "--json").json
    assert first == {
        "exchange": EXCHANGE,
        "symbol": SYMBOL,
        "type": "trades",
        "day": "2024-07-23",
        "result": "put",
        "rows": 60,
        "bytes": first["bytes"],
        "error": None,
    }
    assert first["bytes"] > 0
    assert "already there" in cli("warm", *TRADES, *span).out
    assert cli("warm", EXCHANGE, SYMBOL, "incremental_book_L2", *span).code == 0
    at = ("book", EXCHANGE, SYMBOL, "--at", "2024-07-23T00:00:30")
    here, rows = cli(*at).json, cli("rows", *TRADES, *span).raw
    assert {tuple(one["tiers"]) for one in cli("datasets", "--json").json} == {("local", "shared")}
    assert {tuple(one["tiers"]) for one in cli("datasets", "--days", "--json").json} == {("local", "shared")}

    elsewhere(tmp_path, monkeypatch)
    there = cli(*at).json
    assert (there["state_hash"], there["levels"]) == (here["state_hash"], here["levels"])
    assert cli("rows", *TRADES, *span).raw == rows
    tier = cli("cache", "stats", "--json").json["tiers"]["shared"]
    assert (tier["state"], tier["hits"], tier["misses"], tier["hit_rate"]) == ("ok", 2, 0, 1.0)
    assert tier["p50_ms"] > 0
    assert "2 days brought" in cli("cache", "stats").out
    played = cli("replay", EXCHANGE, SYMBOL, "2024-07-23", "2024-07-23T00:01").json
    assert played["rows"] == 699


def test_what_is_nowhere_is_fetched_and_then_put_there(
    cli: Any, server: RedisServer, fake: FakeTardis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = cli("warm", *FETCHED, "--no-fetch", "--json")
    assert missing.code == 1
    assert [one["result"] for one in missing.json] == ["missing"] * 3
    assert not fake.downloads
    found = cli("warm", *FETCHED, "--json")
    assert found.code == 0
    assert [(one["result"], one["rows"]) for one in found.json] == [("fetched", 3)] * 3
    elsewhere(tmp_path, monkeypatch)
    monkeypatch.delenv("TARDIS_API_KEY")
    plan = cli("fetch", *FETCHED, "--dry-run", "--json").json
    assert (plan["days"]["shared"], plan["days"]["fetch"], plan["requests"]) == (3, 0, 0)
    assert {item["action"] for item in plan["items"]} == {"shared"}
    done = cli("fetch", *FETCHED, "--json")
    assert done.code == 0
    assert {(item["action"], item["reason"]) for item in done.json["items"]} == {
        ("fetched", "from the shared cache")
    }
    assert set(fake.downloads.values()) == {1}


def test_a_part_of_a_day_does_not_take_the_place_of_the_whole(
    cli: Any, server: RedisServer, fake: FakeTardis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = ("2024-07-01", "2024-07-02")
    assert cli("fetch", *TRADES, *span).code == 0
    elsewhere(tmp_path, monkeypatch)
    first = day_start_us(FIRST) + US_PER_SECOND
    line_of_day = line(DataType.TRADES, first, id="1")
    path = write_csv(
        tmp_path / f"{EXCHANGE}_trades_2024-07-01_{SYMBOL}.csv.gz", DataType.TRADES, [line_of_day]
    )
    assert cli("import", path).code == 0
    (one,) = cli("warm", *TRADES, *span, "--json").json
    assert (one["result"], one["rows"]) == ("already_there", 3)


def test_a_day_in_several_parts_goes_there_as_well(
    cli: Any, server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, trades = feed_files(tmp_path)
    (tmp_path / "later").mkdir()
    _, later = feed_files(tmp_path / "later", shift_us=3_600_000_000)
    assert cli("import", trades).code == 0
    assert cli("import", later).code == 0
    (one,) = cli("warm", *TRADES, "2024-07-23", "2024-07-24", "--json").json
    assert (one["result"], one["rows"]) == ("put", 120)
    told = cli("rows", *TRADES, "2024-07-23", "2024-07-24").out
    elsewhere(tmp_path, monkeypatch)
    assert cli("rows", *TRADES, "2024-07-23", "2024-07-24").out == told


def test_what_lies_there_is_listed_for_a_machine_that_holds_nothing(
    cli: Any, server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing lies in the shared cache yet" in cli("datasets", "--shared").out
    _, trades = feed_files(tmp_path)
    assert cli("import", trades).code == 0
    assert cli("warm", *TRADES, "2024-07-23", "2024-07-24").code == 0
    elsewhere(tmp_path, monkeypatch)
    (one,) = cli("datasets", "--shared", "--json").json
    assert (one["symbol"], one["first_day"], one["days"], one["tiers"]) == (
        TRADES[1],
        "2024-07-23",
        1,
        ["shared"],
    )
    told = cli("datasets", "--shared").out
    assert TRADES[1] in told
    assert "ALSO HERE" in told
    assert cli("rows", *TRADES, "2024-07-23", "2024-07-24").code == 0
    (one,) = cli("datasets", "--shared", "--json").json
    assert one["tiers"] == ["local", "shared"]


def test_without_a_shared_cache_it_says_how_to_set_one(cli: Any) -> None:
    result = cli("warm", *TRADES, "2024-07-23", "2024-07-24")
    assert result.code == 1
    assert "shared.url" in result.error
    assert cli("cache", "stats", "--json").json["tiers"]["shared"]["state"] == "off"


def test_a_server_that_is_away_is_named_with_what_to_do(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    monkeypatch.setenv("TICKREEL_REDIS_URL", url)
    result = cli("warm", *TRADES, "2024-07-23", "2024-07-24")
    assert result.code == 1
    assert "firewall" in result.error
    assert "hunter2" not in result.error
    checks = {check["name"]: check for check in cli("doctor", "--json").json}
    assert checks["shared cache"]["status"] == "error"
    assert "unreachable" in checks["shared cache"]["detail"]
    assert cli("cache", "stats", "--json").json["tiers"]["shared"]["state"] == "error"


def test_the_doctor_tells_of_the_server(cli: Any, server: RedisServer) -> None:
    checks = {check["name"]: check for check in cli("doctor", "--json").json}
    assert checks["shared cache"]["status"] == "ok"
    assert "Redis" in checks["shared cache"]["detail"]
    with server.admin() as admin:
        admin.config_set("maxmemory", "100mb")
    checks = {check["name"]: check for check in cli("doctor", "--json").json}
    assert checks["shared cache"]["status"] == "warning"
    assert "allkeys-lru" in checks["shared cache"]["advice"]


def test_an_address_that_is_none_is_refused(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", "redis://a,b/3")
    assert cli("datasets").code == 2


def test_a_range_without_a_day_does_nothing(cli: Any, server: RedisServer) -> None:
    result = cli("warm", *TRADES, "2024-07-23", "2024-07-23", "--json")
    assert (result.code, result.json) == (0, [])


def test_days_leave_the_shared_cache_and_stay_here(cli: Any, server: RedisServer, tmp_path: Path) -> None:
    book, trades = feed_files(tmp_path)
    assert cli("import", book, trades).code == 0
    span = ("2024-07-23", "2024-07-25")
    cli("warm", *TRADES, *span, "--no-fetch")
    found = cli("cache", "evict", *TRADES, *span, "--tier", "shared", "--json").json
    assert [(one["day"], one["was_there"], one["rows"]) for one in found["dropped"]] == [
        ("2024-07-23", True, 60),
        ("2024-07-24", False, 0),
    ]
    assert {tuple(one["tiers"]) for one in cli("datasets", "--json").json} == {("local",)}
    assert "0 of 2 days" in cli("cache", "evict", *TRADES, *span, "--tier", "shared").out
    for wrong in (("--preview",), ("--for-good",)):
        assert cli("cache", "evict", *TRADES, *span, "--tier", "shared", *wrong).code == 2
    assert cli("cache", "evict", "--tier", "shared").code == 2
    with server.admin() as admin:
        assert admin.dbsize() == 0
