"""``tickreel cache verify|backup|rebuild`` as a user types them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from faults.homes import DAY, NEXT_DAY, facts_of, opened, store_part

if TYPE_CHECKING:
    from pathlib import Path

RANGE = ("binance-futures", "BTCUSDT", "incremental_book_L2")


def _harm(home: Path) -> str:
    """Store two days and damage the second; give its segment."""
    with opened(home) as store:
        store_part(store, DAY)
        segment_id = store_part(store, NEXT_DAY)
        path = store.home.segment_path(segment_id)
    path.write_bytes(path.read_bytes()[:-1])
    return segment_id


def test_verify_ends_with_0_when_all_is_sound(cli: Any, home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    ran = cli("cache", "verify", "--deep")
    assert ran.code == 0
    assert ran.out == "1 of 1 segment is sound\n"


def test_verify_names_what_is_damaged_and_ends_with_1(cli: Any, home: Path) -> None:
    segment_id = _harm(home)
    ran = cli("cache", "verify", "--json")
    assert ran.code == 1
    assert "1 of 2 segments is damaged" in ran.error
    first, second = json.loads(ran.out)
    assert (first["day"], first["state"], first["problem"]) == ("2024-07-23", "present", None)
    assert (second["exchange"], second["symbol"], second["type"]) == RANGE
    assert (second["state"], second["segment"]) == ("damaged", segment_id)
    assert "import the day again" in second["problem"]


def test_verify_looks_at_the_range_alone(cli: Any, home: Path) -> None:
    _harm(home)
    assert cli("cache", "verify", *RANGE, "2024-07-23", "2024-07-24").code == 0
    assert cli("cache", "verify", *RANGE, "2024-07-24", "2024-07-25").code == 1
    assert json.loads(cli("cache", "verify", *RANGE, "2024-07-24", "2024-07-24", "--json").out) == []
    assert cli("cache", "verify", "binance-futures", "BTCUSDT").code == 2


def test_in_a_home_that_can_only_be_read_damage_is_told_and_not_marked(
    cli: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id = _harm(home)
    with monkeypatch.context() as unwritable:
        unwritable.setattr(os, "access", lambda *_: False)
        ran = cli("cache", "verify", "--json")
    assert ran.code == 1
    assert [one["segment"] for one in ran.json if one["problem"]] == [segment_id]
    assert {day["state"] for day in cli("datasets", "--days", "--json").json} == {"present"}
    assert cli("cache", "verify").code == 1
    assert {day["state"] for day in cli("datasets", "--days", "--json").json} == {"present", "damaged"}


@pytest.mark.logs_warnings
@pytest.mark.parametrize("words", [("verify",), ("rebuild",), ("backup", "FOLDER")])
def test_looking_after_the_store_keeps_the_log_and_tells_of_the_settings(
    cli: Any, home: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with opened(home) as store:
        store_part(store)
    (home / "settings.toml").write_text("[logs]\nlevel = 7\n")
    ran = cli("cache", *(str(tmp_path / "backup") if word == "FOLDER" else word for word in words))
    assert ran.code == 0
    assert "warning: " in ran.error
    assert "logs.level: 7 is not accepted" in (home / "logs" / "tickreel.log").read_text()


def test_rebuild_and_backup_say_what_they_did(cli: Any, home: Path, tmp_path: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)
    before = facts_of(home)
    for path in home.glob("catalog.sqlite*"):
        path.unlink()
    refused = cli("cache", "verify")
    assert refused.code == 1
    assert "`tickreel cache rebuild`" in refused.error
    rebuilt = cli("cache", "rebuild", "--json")
    assert rebuilt.code == 0
    assert json.loads(rebuilt.out) == {
        "days": 2,
        "segments": 2,
        "added": 2,
        "trashed": 0,
        "kept": None,
        "unreadable": [],
    }
    assert facts_of(home) == before
    made = cli("cache", "backup", str(tmp_path / "backup"), "--json")
    assert made.code == 0
    told = json.loads(made.out)
    assert (told["segments"], told["new_segments"], told["lost"]) == (2, 2, [])
    assert facts_of(tmp_path / "backup") == before


def test_a_backup_tells_of_damaged_days_and_serves_them_where_it_has_them_whole(
    cli: Any, home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with opened(home) as store:
        store_part(store, DAY)
    assert cli("cache", "backup", target).out.startswith(f"{target} holds 1 segment (")
    with opened(home) as store:
        paths = [next(store.home.segments.rglob("*.tick"))]
        paths.append(store.home.segment_path(store_part(store, NEXT_DAY)))
    day = (*RANGE, "2024-07-23", "2024-07-24")
    rows = cli("rows", *day).out
    for path in paths:
        path.write_bytes(path.read_bytes()[:-1])
    assert cli("cache", "verify").code == 1
    ran = cli("cache", "backup", target, "--json")
    assert ran.code == 0
    names = dict(zip(("exchange", "symbol", "type"), RANGE, strict=True))
    assert ran.json["damaged"] == [
        {**names, "day": "2024-07-23", "kept": True},
        {**names, "day": "2024-07-24", "kept": False},
    ]
    assert ran.error == (
        "tickreel: 2 days of the home are damaged, as --json names: of 1 the backup keeps its own sound "
        f"copy, which `tickreel rows --home {target}` reads; of 1 it has none: import what is damaged again"
    )
    assert cli("rows", *day).code == 1
    assert cli("rows", *day, "--home", target).out == rows
    assert cli("cache", "verify", *day, "--home", target).code == 0


def test_a_file_that_is_gone_is_exit_1_and_what_the_backup_has_of_it_stays(
    cli: Any, home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with opened(home) as store:
        segment_id = store_part(store, DAY)
    cli("cache", "backup", target)
    next(home.rglob("*.tick")).unlink()
    ran = cli("cache", "backup", target, "--json")
    assert (ran.code, ran.json["lost"], ran.json["damaged"][0]["kept"]) == (1, [segment_id], True)
    assert f"1 segment that the catalog names is gone from {home / 'segments'}" in ran.err
    assert "1 day of the home is damaged, as --json names: the backup keeps its own sound copy" in ran.err
    assert cli("rows", *RANGE, "2024-07-23", "2024-07-24", "--home", target).code == 0


def test_what_cannot_be_read_in_the_trash_is_purged_and_not_imported_again(cli: Any, home: Path) -> None:
    _harm(home)
    assert cli("cache", "evict", *RANGE, "2024-07-24", "2024-07-25").code == 0
    ran = cli("cache", "verify", "--json")
    assert ran.code == 0
    (told,) = [one for one in ran.json if one["problem"]]
    assert told["state"] is None
    assert told["problem"].endswith(": `tickreel cache purge` with its range removes it")
    assert "import" not in ran.err + told["problem"]


def test_a_rebuild_says_in_words_what_was_new(cli: Any, home: Path) -> None:
    assert cli("cache", "rebuild").out == "the catalog lists 0 days; there is no segment to take in\n"
    with opened(home) as store:
        store_part(store, DAY)
    kept = f"the old catalog is kept as {home / 'catalog.sqlite.before-rebuild-'}"
    known, told = cli("cache", "rebuild").out.splitlines()
    assert known == "the catalog lists 1 day; 1 segment was known to it already, nothing was new"
    assert told.startswith(kept)
    with opened(home) as store:
        store_part(store, NEXT_DAY)
    for path in home.glob("catalog.sqlite*"):
        path.unlink()
    new = cli("cache", "rebuild").out.splitlines()[0]
    assert new == "the catalog lists 2 days; 2 of 2 segments were not known to it and taken in"


def test_verify_of_what_is_not_held_says_so(cli: Any, home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
    ran = cli("cache", "verify", "x", "ZZZ", "trades", "2024-01-01", "2024-01-02")
    assert (ran.code, "nothing is held of x ZZZ" in ran.error) == (1, True)
