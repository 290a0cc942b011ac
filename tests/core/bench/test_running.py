"""A whole run in small: every figure there, nothing left behind, stopped when asked."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from support.monitors import CancelAt, Recording
from support.realdata import real_data

from tickreel.bench import measures, running
from tickreel.bench.books import build_book
from tickreel.bench.figures import Measure, Report, UiMeasure
from tickreel.bench.generator import FIRST_DAY, write_day
from tickreel.bench.running import BenchRequest, run_bench
from tickreel.bench.storing import store_elsewhere
from tickreel.bench.subject import Scanner, multiply_days, subject_of
from tickreel.errors import Cancelled, DataError
from tickreel.progress import UNWATCHED
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 20_000
_OF_A_BOOK = {Measure.INGEST, Measure.SIZE, Measure.SCAN, Measure.RANGE} | {
    *(Measure.BOOK, Measure.BBO, Measure.TOPS, Measure.HEATMAP),
    *(Measure.MOMENT, Measure.REPLAY, Measure.SEEK, Measure.STEP, Measure.SERVE, Measure.BACKTEST),
}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the runs make their folders where the test sees them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the runs store and list few days, and wait but a few times."""
    monkeypatch.setattr(measures, "_TINY_DAYS", 6)
    monkeypatch.setattr(measures, "_LISTED_DATASETS", 2)
    monkeypatch.setattr(measures, "_LISTED_DAYS_EACH", 10)
    monkeypatch.setattr(measures, "_WAITS", 20)
    monkeypatch.setattr(measures, "_UNTIMED_WAITS", 1)
    monkeypatch.setattr(running, "_STORE_ROUNDS", 1)


def _measures(report: Report, data: str) -> set[Measure | UiMeasure]:
    return {figure.measure for figure in report.figures if figure.data == data}


@pytest.mark.long
def test_a_small_run_takes_every_measure_and_leaves_nothing(temporary: Path) -> None:
    report = run_bench(BenchRequest(rows=ROWS, seed=5))
    assert (report.rows, report.seed) == (ROWS, 5)
    assert _measures(report, "generated") == _OF_A_BOOK | {*(Measure.GENERATE, Measure.DAYS, Measure.MERGE)}
    assert _measures(report, "generated trades") == {Measure.INGEST, Measure.SIZE}
    assert _measures(report, "catalog") == {Measure.LISTING}
    assert _measures(report, "program") == {Measure.START}
    assert all(figure.value > 0 for figure in report.figures if figure.what != "keyframes")
    assert all(figure.best is None or figure.best > 0 for figure in report.figures)
    assert list(temporary.iterdir()) == []


def test_only_what_was_asked_for_is_measured() -> None:
    report = run_bench(BenchRequest(rows=ROWS, only=frozenset({Measure.SIZE})))
    assert {figure.measure for figure in report.figures} == {Measure.SIZE}
    sizes = {figure.what: figure.value for figure in report.figures if figure.data == "generated"}
    assert list(sizes) == ["vendor file", "stored", "keyframes"]
    assert sizes["stored"] < sizes["vendor file"]


def test_real_files_are_measured_beside_the_generated_day(temporary: Path) -> None:
    folder = real_data("datasets", "v1", "binance", "trades", "2024", "07", "24")
    path = folder / "NEXOUSDT.csv.gz"
    only = frozenset({Measure.INGEST, Measure.RANGE, Measure.BOOK})
    report = run_bench(BenchRequest(rows=ROWS, files=(path,), only=only))
    assert _measures(report, path.name) == {Measure.INGEST, Measure.RANGE}, "trades make no book"
    assert list(temporary.iterdir()) == []


@pytest.mark.long
def test_a_file_that_cannot_be_stored_ends_the_run_with_the_importers_words(
    tmp_path: Path, temporary: Path
) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("no,vendor,file\n1,2,3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"wrong\.csv"):
        run_bench(BenchRequest(rows=ROWS, files=(path,), only=frozenset({Measure.SIZE})))
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("moment", [1, 3, 8, 20])
def test_a_run_that_is_stopped_leaves_nothing(temporary: Path, moment: int) -> None:
    with pytest.raises(Cancelled):
        run_bench(BenchRequest(rows=ROWS), CancelAt(moment))
    assert list(temporary.iterdir()) == []


def test_the_reports_say_what_is_measured() -> None:
    monitor = Recording()
    run_bench(BenchRequest(rows=ROWS, only=frozenset({Measure.SCAN})), monitor)
    notes = list(dict.fromkeys(note for _, _, note in monitor.reports))
    assert notes == ["generate", "ingest, generated", "scan, generated"]


def test_what_is_scanned_is_what_was_stored(tmp_path: Path) -> None:
    written = write_day(tmp_path, ROWS)
    with open_cache() as cache:
        cache.import_file(written.book.path)
        subject = subject_of(cache)
        assert (subject.rows, subject.all_rows) == (ROWS, ROWS)
        with Scanner(subject) as scanner:
            assert scanner.decode() == scanner.decode() == ROWS
            assert scanner.read(subject.first_us, subject.last_us) < ROWS
            book = cache.book(written.book.key.exchange, written.book.key.symbol, subject.last_us)
            assert build_book(scanner).state_hash() == book.state_hash()


def test_a_process_of_its_own_tells_time_and_memory(tmp_path: Path, home: Path) -> None:
    written = write_day(tmp_path, ROWS)
    stored = store_elsewhere(home, written.book.path, [written.trades.path], UNWATCHED)
    assert stored.seconds > 0
    assert stored.peak_bytes > 20_000_000
    with open_cache(home) as cache:
        (day,) = cache.all_days()
        assert (day.day, day.rows) == (FIRST_DAY, ROWS)


def test_a_multiplied_catalog_lists_days_of_other_names(tmp_path: Path, home: Path) -> None:
    written = write_day(tmp_path, ROWS)
    with open_cache(home) as cache:
        (held,) = cache.import_file(written.book.path)
    multiply_days(home, held, datasets=3, days_each=40)
    with open_cache(home) as cache:
        assert len(cache.datasets()) == 4
        days = cache.all_days()
        assert len(days) == 1 + 3 * 40
        assert {day.rows for day in days} == {ROWS}
        assert len({(day.key, day.day) for day in days}) == len(days)
