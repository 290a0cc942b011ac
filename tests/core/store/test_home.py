"""What survives a crash: nothing of an import that did not commit, everything of one that did."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

TRADES = DataType.TRADES

# Imports a file in a process of its own and dies at a named point, as kill -9 would let it.
_DYING = """
import os, sys
from pathlib import Path
import tickreel.store.home as home
import tickreel.store.database as database
from tickreel.store import open_cache

point, where, file = sys.argv[1:]

def die(*_args, **_named):
    os._exit(9)

if point == "staged":
    home.Staging.publish = die
elif point == "moving":
    home._sync_folder_after = None
    real = Path.replace
    def replace(self, target):
        real(self, target)
        die()
    Path.replace = replace
elif point == "published":
    real = home.Staging.publish
    def publish(self, ids):
        real(self, ids)
        die()
    home.Staging.publish = publish
with open_cache(where) as cache:
    cache.import_file(file, type="trades")
"""


@pytest.mark.parametrize("point", ["staged", "moving", "published"])
def test_an_import_that_dies_leaves_nothing_and_succeeds_the_next_time(
    home: Path, tmp_path: Path, point: str
) -> None:
    path = write_csv(
        tmp_path / "a.csv", TRADES, [line(TRADES, START_US), line(TRADES, START_US + 86_400_000_000)]
    )
    died = subprocess.run(
        [sys.executable, "-c", _DYING, point, str(home), str(path)], check=False, capture_output=True
    )
    assert died.returncode == 9, died.stderr.decode()
    assert list((home / "staging").iterdir()), "it died in the middle of something"
    with open_cache(home) as cache:
        assert cache.datasets() == []
        assert list((home / "staging").iterdir()) == []
        assert list((home / "segments").rglob("*.parquet")) == []
        assert len(cache.import_file(path, type=TRADES)) == 2
        assert len(list((home / "segments").rglob("*.parquet"))) == 2


def test_a_living_import_of_another_process_is_left_alone(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", TRADES, [line(TRADES, START_US)])
    with open_cache(home) as first:
        from tickreel.market.types import DatasetKey

        with first.ingest(DatasetKey("x", "y", TRADES)) as ingest:
            ingest.append_empty_day(__import__("datetime").date(2024, 7, 23))
            with open_cache(home) as second:
                assert len(list((home / "staging").iterdir())) == 1
                second.import_file(path, type=TRADES)
        assert [str(key.key) for key in first.datasets()] == ["binance-futures BTCUSDT trades"]
    assert list((home / "staging").iterdir()) == []


def test_two_caches_see_each_others_changes(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", TRADES, [line(TRADES, START_US)])
    with open_cache(home) as one, open_cache(home) as two:
        before = one.changes_elsewhere()
        two.import_file(path, type=TRADES)
        assert one.changes_elsewhere() != before
        assert len(one.datasets()) == 1


def test_a_home_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(EnvironmentProblem, match="TICKREEL_HOME"):
        open_cache(blocked / "home")


def test_a_network_file_system_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.home.file_system_of", lambda _path: "nfs4")
    with pytest.raises(EnvironmentProblem, match=r"network file system \(nfs4\).*TICKREEL_HOME"):
        open_cache(home)
    assert not home.exists()


def test_a_catalog_of_a_newer_program_is_refused(home: Path) -> None:
    import sqlite3

    open_cache(home).close()
    connection = sqlite3.connect(home / "catalog.sqlite")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(EnvironmentProblem, match="version 999"):
        open_cache(home)


def test_a_home_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="no Tickreel home"):
        open_cache(tmp_path / "nowhere", read_only=True)
    assert os.listdir(tmp_path) == []


def test_a_stray_file_in_staging_is_nobodys_business(home: Path) -> None:
    open_cache(home).close()
    stray = home / "staging" / ".DS_Store"
    stray.write_bytes(b"")
    open_cache(home).close()
    assert stray.exists()
