"""A row of a run that cannot be read hides only itself, and is restored from the files of its run."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.backtests import request

from tickreel.backtest.runs.mending import Mended, mend
from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long

DAMAGE = (
    "UPDATE run SET files = '[1]' WHERE id = ?",
    "UPDATE run SET request = '{' WHERE id = ?",
    "UPDATE run SET tags = '7' WHERE id = ?",
    "UPDATE run SET card = json_set(card, '$.id', 'another') WHERE id = ?",
    "UPDATE run SET card = json_set(card, '$.data', 'none') WHERE id = ?",
)


def damage(home: Path, sql: str, run_id: str) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute(sql, (run_id,))


@pytest.mark.parametrize("sql", DAMAGE)
def test_a_damaged_row_hides_only_itself_and_is_restored(runs: Runs, strategy: Path, sql: str) -> None:
    home = runs.cache.home
    bad = runs.backtest(request(strategy))
    good = runs.backtest(request(strategy, params={"every": 30}))
    runs.records.note(bad.id, "the one to beat")
    damage(home, sql, bad.id)
    with opened_runs(runs.cache) as again:
        assert [one.id for one in again.runs()] == [good.id]
        assert len(again.records.listed()[1]) == 1
        assert again.run(good.id).card == good.card
        with pytest.raises(EnvironmentProblem, match="`tickreel runs mend` restores it"):
            again.run(bad.id)
        assert mend(again.cache, again.records) == Mended((bad.id,), ())
        back = again.run(bad.id)
        assert back.card == bad.card.with_(notes="the one to beat")
        assert len(back.fills) == bad.card.total_trades
        assert again.records.listed()[1] == []
        assert mend(again.cache, again.records) == Mended()


def test_a_row_without_files_is_set_aside_and_not_lost(runs: Runs, strategy: Path) -> None:
    home = runs.cache.home
    bad = runs.backtest(request(strategy))
    (home / "runs" / bad.id / "card.json").write_text("{", encoding="utf-8")
    damage(home, DAMAGE[1], bad.id)
    assert mend(runs.cache, runs.records) == Mended((), (bad.id,))
    kept = json.loads((home / "runs" / f"{bad.id}.row.json").read_text(encoding="utf-8"))
    assert (kept["id"], kept["request"]) == (bad.id, "{")
    assert json.loads(kept["card"])["id"] == bad.id
    with opened_runs(runs.cache) as again:
        assert again.runs() == []
