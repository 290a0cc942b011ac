"""``tickreel datasets``: the JSON has every key, people see a table."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from support.vendorfiles import START_US, line, write_csv

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

TRADES = DataType.TRADES
DAY_US = 86_400_000_000


def stored(cli: Any, tmp_path: Path) -> Path:
    """Hold two days of trades with an hour's rows each and a day missing between them."""
    times = (0, 5, 5, 3_600_000_000, 2 * DAY_US, 2 * DAY_US + 7)
    path = write_csv(tmp_path / "a.csv", TRADES, [line(TRADES, START_US + at) for at in times])
    assert cli("import", path, "--type", "trades").code == 0
    return path


def test_an_empty_cache_is_an_empty_list_and_a_hint(cli: Any) -> None:
    assert cli("datasets", "--json").json == []
    assert cli("datasets", "--days", "--json").json == []
    assert "tickreel import" in cli("datasets").out
    assert "tickreel sample" in cli("datasets", "--days").out


def test_a_dataset_is_summed_up(cli: Any, tmp_path: Path) -> None:
    stored(cli, tmp_path)
    (found,) = cli("datasets", "--json").json
    size = found.pop("bytes")
    assert size > 0
    assert found == {
        "exchange": "binance-futures",
        "symbol": "BTCUSDT",
        "type": "trades",
        "first_day": "2024-07-23",
        "last_day": "2024-07-25",
        "days": {"present": 0, "partial": 2, "absent": 0, "pending": 0, "damaged": 0, "missing": 1},
        "rows": 6,
        "keyframe_bytes": 0,
        "first_local_us": START_US,
        "last_local_us": START_US + 2 * DAY_US + 7,
        "tiers": ["local"],
        "grade": "good",
        "hits": 0,
        "last_used_us": None,
        "pinned_days": 0,
        "expires_us": None,
    }


def test_every_recorded_day_is_told_in_full(cli: Any, tmp_path: Path) -> None:
    path = stored(cli, tmp_path)
    first, second = cli("datasets", "--days", "--json").json
    assert len(first.pop("rows_sha256")) == 64
    assert first.pop("imported_us") > START_US
    assert first.pop("bytes") > 0
    assert first == {
        "exchange": "binance-futures",
        "symbol": "BTCUSDT",
        "type": "trades",
        "day": "2024-07-23",
        "state": "partial",
        "rows": 4,
        "messages": 3,
        "keyframe_bytes": 0,
        "first_local_us": START_US,
        "last_local_us": START_US + 3_600_000_000,
        "parts": [[START_US, START_US + 3_600_000_001]],
        "source": "import",
        "source_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "grade": "good",
        "issues": ["duplicate"],
        "pinned": False,
        "tiers": ["local"],
        "hits": 0,
        "last_used_us": None,
        "expires_us": None,
    }
    assert (second["day"], second["rows"], second["messages"]) == ("2024-07-25", 2, 2)


def test_people_see_aligned_columns(cli: Any, tmp_path: Path) -> None:
    stored(cli, tmp_path)
    header, row = cli("datasets").out.splitlines()
    assert row.index("2 partial, 1 missing") == header.index("DAYS")
    header, first, second = cli("datasets", "--days").out.splitlines()
    assert first.index("2024-07-23 ") == second.index("2024-07-25 ") == header.index("DAY ")
    assert first.index("good") == second.index("good") == header.index("HEALTH")
    assert first.endswith("2024-07-23 01:00:00.000")
