"""After a crash or a rebuild the catalog and the files of runs say the same again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.backtests import FACTS, PAIR, request

from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.folder import unfinished_folder
from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.errors import ConflictError, NotHeldError, UsageError
from tickreel.instruments import InstrumentTable
from tickreel.store import open_cache
from tickreel.store.care.rebuilding import rebuild

if TYPE_CHECKING:
    from pathlib import Path


def change(runs: Runs, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(runs.cache.home / "catalog.sqlite")) as connection, connection:
        connection.execute(sql, values)


def settled(runs: Runs) -> list[tuple[str, RunState]]:
    with opened_runs(runs.cache) as found:
        return [(one.id, one.card.state) for one in found.runs()]


def test_a_run_whose_process_is_gone_failed_and_what_it_left_is_cleared(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    folder = runs.cache.home / "runs" / run.id
    change(runs, "UPDATE run SET state = 'running', files = '{}', pid = 999999999 WHERE id = ?", run.id)
    folder.rename(unfinished_folder(runs.cache.home, run.id))
    assert settled(runs) == [(run.id, RunState.FAILED)]
    assert list(folder.parent.iterdir()) == []
    failure = runs.run(run.id).card.failure
    assert failure is not None
    assert "the program that ran it ended" in failure.message


def test_one_that_came_to_its_end_and_was_not_recorded_is_whole(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    change(runs, "UPDATE run SET state = 'running', files = '{}', pid = 999999999 WHERE id = ?", run.id)
    assert settled(runs) == [(run.id, RunState.SUCCEEDED)]
    assert len(runs.run(run.id).fills) == run.card.total_trades


def test_a_run_under_way_in_another_process_is_left_alone(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    change(
        runs,
        "UPDATE run SET state = 'running', card = json_set(card, '$.state', 'running') WHERE id = ?",
        run.id,
    )
    unfinished = unfinished_folder(runs.cache.home, run.id)
    unfinished.mkdir()
    assert settled(runs) == [(run.id, RunState.RUNNING)]
    assert unfinished.is_dir()
    with pytest.raises(ConflictError, match="still running"):
        runs.trash.put(run.id)


def test_runs_outlive_a_catalog_that_was_lost(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    runs.records.tag(run.id, ["kept"])
    home = runs.cache.home
    runs.cache.close()
    for path in home.glob("catalog.sqlite*"):
        path.unlink()
    rebuild(home)
    with open_cache(home) as cache, opened_runs(cache) as found:
        (back,) = found.runs()
        assert back.card == run.card
        assert len(back.fills) == run.card.total_trades
        assert all(day.pinned for day in cache.all_days())
        with InstrumentTable(cache) as table:  # what was typed in went with the catalog
            table.type_in(*PAIR, FACTS)
        assert found.rerun(back.id)["identical"] is True


def test_what_is_no_run_is_left_where_it_is(runs: Runs) -> None:
    folder = runs.cache.home / "runs" / "holiday"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    assert settled(runs) == []
    assert folder.is_dir()


def test_tags_and_notes_are_kept_beside_the_card(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    records = runs.records
    assert records.tag(run.id, ["good", "may"]).card.tags == ("good", "may")
    assert records.tag(run.id[:5], ["good"], ["may"]).card.tags == ("good",)
    assert records.note(run.id, " seen with N. ").card.notes == "seen with N."
    assert [one.id for one in runs.runs(tag="good")] == [run.id]
    assert runs.runs(tag="may") == []
    for wrong in ("", " x", "a,b", "x" * 61):
        with pytest.raises(UsageError, match="is no tag"):
            records.tag(run.id, [wrong])
    with pytest.raises(UsageError, match="at most"):
        records.note(run.id, "x" * 20_001)
    assert runs.run(run.id).card.with_(tags=(), notes="") == run.card
    with pytest.raises(NotHeldError):
        records.note("", "x")
