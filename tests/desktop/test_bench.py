"""A window that plays, measured in small: each figure is there, of real frames; nothing is left behind."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from support.feeds import feed_files

from tickreel.bench.figures import UiMeasure, Unit
from tickreel.bench.playing import PlayRequest, play_bench
from tickreel.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.long
def test_a_day_is_played_and_measured(temporary: Path) -> None:
    report = play_bench(PlayRequest(rows=20_000, seconds=1.0))
    assert {figure.data for figure in report.figures} == {"generated"}
    assert {figure.measure for figure in report.figures} == set(UiMeasure)
    by_what = {(figure.measure, figure.what): figure for figure in report.figures}
    assert len(by_what) == len(report.figures)
    frame, update, paint = (
        by_what[measure, "processor time, p50"].value
        for measure in (UiMeasure.FRAME, UiMeasure.UPDATE, UiMeasure.PAINT)
    )
    assert frame > update > 0
    assert frame > paint > 0, "the window was painted"
    views = {what: figure.value for (measure, what), figure in by_what.items() if measure is UiMeasure.VIEW}
    assert min(views.values()) > 0, "each view took frames, and something else was done"
    assert {"heat map", "strips", "ladder", "depth", "time and sales", "all else"} <= set(views)
    assert (UiMeasure.MEMORY, "after 0.5 s") in by_what
    assert by_what[UiMeasure.RATE, "frames"].unit is Unit.FRAMES_PER_S
    assert by_what[UiMeasure.RATE, "speed reached"].value > 0
    assert list(temporary.iterdir()) == []


def test_what_has_no_book_is_not_played(tmp_path: Path, temporary: Path) -> None:
    _, trades = feed_files(tmp_path)
    with pytest.raises(DataError, match="none is an order book that can be played"):
        play_bench(PlayRequest(rows=0, files=(trades,)))
    assert list(temporary.iterdir()) == []
