"""``tickreel cache``: what it says and does, in figures for people and in JSON."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from support.storedhome import KEY, StoredHome, day
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store.model import Source
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from pathlib import Path

NAME = (KEY.exchange, KEY.symbol, KEY.type.value)
ALL = (*NAME, "2024-07-23", "2024-07-30")
SECOND = (*NAME, "2024-07-24T10:00", "2024-07-24T11:00")


@pytest.fixture
def three_days(home: Path) -> None:
    """Hold three days, the last of which can be fetched again."""
    stored = StoredHome(home)
    stored.disk.clock_us = Disk().now_us()
    for number in range(3):
        stored.store(number, source=Source.TARDIS if number == 2 else Source.IMPORT)
    meter = UsageMeter(stored.database, stored.disk)
    for number in (0, 2, 2):
        meter.hit(KEY, day(number), 2_000_000)
    meter.miss()
    meter.close()
    stored.close()


def held(cli: Any) -> list[str]:
    return [one["day"] for one in cli("datasets", "--days", "--json").json]


def test_statistics_have_every_key(cli: Any, home: Path, three_days: None) -> None:
    cli("cache", "evict", *SECOND)
    cli("cache", "pin", *NAME, "2024-07-23", "2024-07-24")
    found = cli("cache", "stats", "--json").json
    assert found.pop("disk_free_bytes") > 0
    assert found.pop("since_us") > 0
    (use,) = found.pop("local_by_day")
    assert (use["hits"], use["misses"], use["hit_rate"]) == (3, 1, 0.75)
    assert len(use["day"]) == len("2024-07-23")
    local = found["tiers"]["local"]
    assert local.pop("p50_ms") == local.pop("p99_ms") == pytest.approx(2, rel=0.13)
    assert found == {
        "home": str(home),
        "datasets": 1,
        "days": 2,
        "rows": 20,
        "bytes": 200,
        "keyframe_bytes": 20,
        "trash_bytes": 110,
        "derived_bytes": 0,
        "quota_bytes": None,
        "pinned_days": 1,
        "tiers": {
            "local": {"state": "ok", "hits": 3, "misses": 1, "hit_rate": 0.75},
            "shared": {
                "state": "off",
                "hits": 0,
                "misses": 0,
                "hit_rate": None,
                "p50_ms": None,
                "p99_ms": None,
            },
            "origin": {"state": "off", "requests": 0, "bytes": 0, "p50_ms": None, "p99_ms": None},
        },
        "avoided": {"requests": 2, "bytes": None, "seconds": None, "usd": None},
    }


def test_statistics_of_an_empty_home_are_zeros_and_for_people_a_table(cli: Any) -> None:
    found = cli("cache", "stats", "--json").json
    assert (found["since_us"], found["days"], found["bytes"]) == (None, 0, 0)
    assert found["avoided"] == {"requests": 0, "bytes": 0, "seconds": 0, "usd": None}
    shown = cli("cache", "stats").out
    assert "hits           0, 0 misses" in shown


def test_days_are_told_with_their_use_and_pins(cli: Any, three_days: None) -> None:
    (one,) = cli("cache", "pin", *SECOND, "--json").json
    assert (one["day"], one["pinned"], one["hits"], one["keyframe_bytes"]) == ("2024-07-24", True, 0, 10)
    days = cli("datasets", "--days", "--json").json
    assert [day["hits"] for day in days] == [1, 0, 2]
    assert [day["pinned"] for day in days] == [False, True, False]
    assert [day["source"] for day in days] == ["import", "import", "tardis"]
    (dataset,) = cli("datasets", "--json").json
    assert (dataset["hits"], dataset["pinned_days"], dataset["keyframe_bytes"]) == (3, 1, 30)
    refused = cli("cache", "evict", *ALL)
    assert refused.code == 1
    assert "pinned and therefore kept: 2024-07-24" in refused.error
    assert len(held(cli)) == 3
    assert cli("cache", "unpin", *SECOND).out == "binance-futures BTCUSDT trades 2024-07-24  unpinned\n"
    assert cli("cache", "evict", *ALL).code == 0


@pytest.mark.logs_warnings
def test_a_day_goes_to_the_trash_comes_back_and_goes_for_good(cli: Any, three_days: None) -> None:
    moved = cli("cache", "evict", *SECOND, "--json").json
    (gone,) = moved["trashed"]
    assert (gone["day"], gone["rows"], gone["bytes"], gone["reason"]) == ("2024-07-24", 10, 110, "by hand")
    assert held(cli) == ["2024-07-23", "2024-07-25"]
    assert cli("cache", "trash", "--json").json == [gone]
    assert cli("cache", "trash", *NAME, "2024-07-23", "2024-07-24", "--json").json == []
    versions = cli("cache", "versions", *ALL, "--json").json
    assert [(one["day"], one["id"]) for one in versions] == [
        ("2024-07-23", None),
        ("2024-07-24", gone["id"]),
        ("2024-07-25", None),
    ]
    (back,) = cli("cache", "restore", "--id", gone["id"], "--json").json
    assert (back["day"], back["rows_sha256"]) == ("2024-07-24", gone["rows_sha256"])
    assert len(held(cli)) == 3
    cli("cache", "evict", *ALL)
    assert held(cli) == []
    assert "3 versions in the trash, 330 B" in cli("cache", "trash").out
    assert cli("cache", "purge", "--older-than", "1", "--json").json["purged"] == []
    third = (*NAME, "2024-07-25", "2024-07-26")
    assert [one["day"] for one in cli("cache", "restore", *third, "--json").json] == ["2024-07-25"]
    purged = cli("cache", "purge", "--json").json
    assert (len(purged["purged"]), purged["kept"], purged["freed_bytes"]) == (2, [], 220)
    assert cli("cache", "trash", "--json").json == []


def test_the_health_of_a_day_follows_what_comes_and_goes_before_midnight(
    cli: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ("binance-futures", "BTCUSDT", "incremental_book_L2")
    first = write_csv(
        tmp_path / "first.csv",
        DataType.INCREMENTAL_BOOK_L2,
        [
            l2_line(START_US, side, price, "1", snapshot=True)
            for side, price in (("bid", "10"), ("ask", "11"))
        ],
    )
    second = write_csv(
        tmp_path / "second.csv",
        DataType.INCREMENTAL_BOOK_L2,
        [l2_line(START_US + US_PER_DAY, "bid", "10", "2")],
    )
    for path in (first, second):
        assert cli("import", path, "--complete").code == 0

    def issues() -> list[str] | None:
        """Give what is listed of the second day, without asking for its health."""
        issues: list[str] | None = cli("datasets", "--days", "--json").json[-1]["issues"]
        return issues

    carried: list[str] = []
    assert issues() == carried
    assert cli("cache", "evict", *book, "2024-07-23", "2024-07-24").code == 0
    assert issues() == ["before_snapshot"]
    (gone,) = cli("cache", "trash", "--json").json
    assert cli("cache", "restore", "--id", gone["id"]).code == 0
    assert issues() == carried
    assert cli("cache", "evict", *book, "2024-07-23", "2024-07-24").code == 0
    assert cli("cache", "restore").code == 0
    assert issues() == carried
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("UPDATE segment SET source = 'tardis' WHERE day = '2024-07-23'")
    with monkeypatch.context() as full:
        full.setenv("TICKREEL_QUOTA_BYTES", "1")
        assert len(cli("cache", "evict", "--preview", "--json").json["evict"]) == 1
        assert issues() == carried
        assert len(cli("cache", "evict", "--json").json["evict"]) == 1
    assert issues() == ["before_snapshot"]


def test_the_policy_shows_what_it_would_do_and_then_does_it(
    cli: Any, three_days: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_QUOTA_BYTES", "100")
    shown = cli("cache", "evict", "--preview", "--json").json
    assert (shown["preview"], shown["policy"], shown["used_bytes"]) == (True, "lru", 330)
    assert [(one["day"], one["reason"]) for one in shown["evict"]] == [("2024-07-25", "over the quota")]
    assert {one["reason"] for one in shown["keep"]} == {"imported: it leaves by hand alone"}
    assert (shown["freed_bytes"], shown["over_bytes"]) == (110, 120)
    assert len(held(cli)) == 3
    told = cli("cache", "evict").out
    assert "freed 110 B" in told
    assert "120 B stay over the quota" in told
    assert held(cli) == ["2024-07-23", "2024-07-24"]


def test_days_that_can_be_fetched_again_take_a_time(cli: Any, three_days: None) -> None:
    third = (*NAME, "2024-07-25", "2024-07-26")
    (one,) = cli("cache", "expire", *third, "--at", "2024-08-01", "--json").json
    assert one["expires_us"] == 1_722_470_400_000_000
    assert cli("datasets", "--json").json[0]["expires_us"] == one["expires_us"]
    refused = cli("cache", "expire", *ALL, "--at", "2024-08-01")
    assert (refused.code, "2024-07-23 cannot be fetched again" in refused.error) == (1, True)
    assert cli("cache", "evict").code == 0
    assert held(cli) == ["2024-07-23", "2024-07-24"]


def test_what_a_time_to_live_changed_is_told(cli: Any, three_days: None) -> None:
    third, name = (*NAME, "2024-07-25", "2024-07-26"), "binance-futures BTCUSDT trades 2024-07-25  "
    assert cli("cache", "expire", *third, "--never").out == (
        f"{name}unchanged: there was no time from which it may leave\n"
    )
    given = cli("cache", "expire", *third, "--at", "2024-08-01T12:00")
    assert given.out == f"{name}may leave from 2024-08-01 12:00:00 on\n"
    taken = cli("cache", "expire", *third, "--never")
    assert taken.out == f"{name}stays: it may no longer leave from 2024-08-01 12:00:00 on\n"
    assert cli("cache", "expire", *third, "--never", "--json").json[0]["expires_us"] is None


def test_versions_of_what_is_not_there_say_so(cli: Any, three_days: None) -> None:
    ran = cli("cache", "versions", *NAME, "2024-08-01", "2024-08-03")
    assert ran.code == 0
    assert ran.out == (
        "There is no version of binance-futures BTCUSDT trades 2024-08-01 to 2024-08-02, "
        "neither held nor in the trash.\n"
    )


def test_a_range_of_minutes_acts_on_the_whole_day(cli: Any, three_days: None) -> None:
    assert [one["day"] for one in cli("cache", "evict", *SECOND, "--json").json["trashed"]] == ["2024-07-24"]
    assert held(cli) == ["2024-07-23", "2024-07-25"]


def test_a_range_without_a_day_changes_nothing(cli: Any, three_days: None) -> None:
    empty = (*NAME, "2024-07-24", "2024-07-24")
    told = "no day lies from 2024-07-24 to 2024-07-24 and nothing was {}: TO is exclusive"
    for verb in ("restore", "trash", "pin", "unpin", "versions", "verify", "health"):
        ran = cli("cache", verb, *empty, "--json")
        assert (ran.code, ran.json) == (0, [])
        done = {"trash": "listed", "versions": "listed", "verify": "looked at", "health": "looked at"}
        assert told.format(done.get(verb, "touched")) in ran.error
    ran = cli("cache", "evict", *empty)
    assert (ran.code, ran.out, told.format("touched") in ran.error) == (0, "", True)
    assert cli("cache", "purge", *empty, "--json").json == {"purged": [], "kept": [], "freed_bytes": 0}
    assert cli("cache", "evict", *empty, "--json").json["trashed"] == []
    assert len(held(cli)) == 3


def test_an_eviction_has_one_form_by_hand_by_policy_and_of_nothing(cli: Any, three_days: None) -> None:
    by_policy = cli("cache", "evict", "--json").json
    by_hand = cli("cache", "evict", *SECOND, "--json").json
    of_nothing = cli("cache", "evict", *NAME, "2024-07-24", "2024-07-24", "--json").json
    assert list(by_policy) == list(by_hand) == list(of_nothing)
    assert (by_policy["policy"], by_policy["trashed"]) == ("lru", [])
    assert [one["day"] for one in by_hand["trashed"]] == ["2024-07-24"]
    assert (by_hand["policy"], by_hand["evict"], by_hand["freed_bytes"]) == (None, [], 0)


def test_a_version_has_one_form_held_and_in_the_trash(cli: Any, three_days: None) -> None:
    (day,) = [one for one in cli("datasets", "--days", "--json").json if one["day"] == "2024-07-24"]
    cli("cache", "evict", *SECOND)
    held_one, gone, _ = cli("cache", "versions", *ALL, "--json").json
    assert set(held_one) == set(gone)
    assert (held_one["id"], held_one["state"], held_one["needed_by"]) == (None, "present", [])
    assert (gone["state"], gone["reason"], gone["tiers"], gone["hits"]) == ("trashed", "by hand", [], None)
    for kept in ("rows", "messages", "bytes", "keyframe_bytes", "parts", "rows_sha256", "imported_us"):
        assert gone[kept] == day[kept]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "name a verb: stats, health, verify"),
        (["zzz"], 2, "tickreel cache has no verb 'zzz': choose from stats, health"),
        (["stats", "word"], 2, "unrecognized arguments: word"),
        (["pin"], 2, "say which days: tickreel cache pin EXCHANGE SYMBOL"),
        (["evict", "binance", "X", "trades"], 2, "needs EXCHANGE SYMBOL TYPE FROM TO"),
        (["evict", "binance", "X", "ticks", "2024-07-23", "2024-07-24"], 2, "'ticks' is not a data type"),
        (["evict", "--for-good"], 2, "--for-good is of a range"),
        (["evict", *ALL, "--preview"], 2, "--preview tells what leaves for good"),
        (["expire", *ALL], 2, "--at"),
        (["purge", *ALL, "--id", "1"], 2, "name a range or --id"),
        (["purge", "--id", "1", "--older-than", "1"], 2, "name --id or --older-than"),
        (["purge", "--older-than", "-1"], 2, "--older-than -1"),
        (["expire", *NAME, "2024-07-23", "2024-07-23", "--at", "soon"], 2, "'soon' is not a time"),
        (
            ["evict", *NAME, "2024-07-23", "2024-07-23", "--preview"],
            2,
            "--preview tells what leaves for good",
        ),
        (["evict", *ALL], 1, "nothing is held of binance-futures BTCUSDT trades 2024-07-23 to 2024-07-29"),
        (["restore"], 1, "nothing is in the trash"),
        (["restore", "--id", "4"], 1, "no version 4"),
        (["pin", *ALL], 1, "nothing is held of"),
    ],
)
def test_what_cannot_be_done_is_one_line(cli: Any, words: list[str], code: int, told: str) -> None:
    ran = cli("cache", *words)
    assert (ran.code, ran.raw) == (code, b"")
    assert told in ran.error


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    from tickreel.cli.cache import USAGE, VERBS
    from tickreel.cli.main import main

    with pytest.raises(SystemExit, match="0"):
        main(["cache", "--help"])
    listed = capsys.readouterr().out
    assert all(f"  {verb} " in listed for verb in VERBS)
    for verb in USAGE:
        with pytest.raises(SystemExit, match="0"):
            main(["cache", verb, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: tickreel cache {verb} ")
