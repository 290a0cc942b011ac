"""``tickreel sample``: made once, found again, ready to play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.monitors import CancelAt

from tickreel.errors import Cancelled
from tickreel.sample import SAMPLE_SYMBOLS, sample_link, store_sample
from tickreel.sample.storing import SAMPLE_TYPES
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path


def test_the_sample_is_made_once_and_plays(cli: Any, home: Path) -> None:
    ran = cli("sample", "--json")
    assert (ran.code, ran.err) == (0, "")
    made = ran.json
    assert list(made) == ["exchange", "symbols", "day", "from_us", "to_us", "datasets", "link"]
    assert made["exchange"] == "tickreel-sim"
    assert made["symbols"] == list(SAMPLE_SYMBOLS)
    assert made["to_us"] - made["from_us"] >= 2 * 3_600_000_000
    names = [(entry["symbol"], entry["type"], entry["result"]) for entry in made["datasets"]]
    assert names == [(symbol, name, "stored") for symbol in SAMPLE_SYMBOLS for name in sorted(SAMPLE_TYPES)]
    assert made["link"] == sample_link().text()
    assert made["link"].startswith(f"tickreel://replay/tickreel-sim/{SAMPLE_SYMBOLS[0]}?from=")

    again = cli("sample", "--json").json
    assert {entry["result"] for entry in again["datasets"]} == {"already_here"}
    assert [entry["rows"] for entry in again["datasets"]] == [entry["rows"] for entry in made["datasets"]]
    assert "already here" in cli("sample").out
    days = cli("datasets", "--days", "--json").json
    assert {day["source"] for day in days} == {"sample"}
    assert {day["source_sha256"] for day in days} == {None}
    assert {day["day"] for day in days} == {made["day"]}

    symbols = ",".join(made["symbols"])
    summed = cli("replay", made["exchange"], symbols, made["from_us"], made["to_us"]).json
    rows = {(entry["symbol"], entry["type"]): entry["rows"] for entry in made["datasets"]}
    assert summed["trades"] == sum(rows[symbol, "trades"] for symbol in SAMPLE_SYMBOLS)
    assert summed["types"]["incremental_book_L2"]["rows"] == sum(
        rows[symbol, "incremental_book_L2"] for symbol in SAMPLE_SYMBOLS
    )
    assert summed["skipped_rows"] == 0


def test_a_cancelled_sample_leaves_nothing_half_done(home: Path) -> None:
    with open_cache(home) as cache:
        with pytest.raises(Cancelled):
            store_sample(cache, CancelAt(3))
        assert cache.all_days() == []
        assert list((home / "staging").iterdir()) == []
