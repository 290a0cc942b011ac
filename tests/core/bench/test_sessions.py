"""The replays that are measured play all rows, wherever they are asked to go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.bench import measures
from tickreel.bench.figures import Measure
from tickreel.bench.generator import write_day
from tickreel.bench.sessions import merge, open_session, play_day, step
from tickreel.bench.subject import Subject, subject_of
from tickreel.progress import UNWATCHED
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

ROWS = 6_000


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cache, Subject]]:
    folder = tmp_path_factory.mktemp("sessions")
    written = write_day(folder, ROWS, seed=12)
    with open_cache(folder / "home") as cache:
        cache.import_file(written.book.path)
        yield cache, subject_of(cache)


@pytest.mark.parametrize("with_series", [False, True])
def test_a_day_is_played_whole(stored: tuple[Cache, Subject], *, with_series: bool) -> None:
    assert play_day(*stored, with_series=with_series) == ROWS


def test_a_session_goes_to_any_instant_that_is_drawn(stored: tuple[Cache, Subject]) -> None:
    cache, subject = stored
    session = open_session(cache, subject)
    for at_us in (subject.first_us, subject.last_us, *measures.instants_in(subject, 1)[:10]):
        session.seek(at_us)
        played = session.book(subject.key.exchange, subject.key.symbol)
        stored_book = cache.book(subject.key.exchange, subject.key.symbol, at_us)
        assert played.state_hash() == stored_book.state_hash()


def test_steps_are_measured_by_message_and_by_second(
    stored: tuple[Cache, Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "_WAITS", 10)
    figures = step("day", *stored, 2, UNWATCHED)
    assert [figure.what for figure in figures] == [
        f"a {unit} back, {share}" for unit in ("message", "second") for share in ("p50", "p99")
    ]
    assert {figure.measure for figure in figures} == {Measure.STEP}


def test_two_symbols_share_the_rows_that_were_asked_for(tmp_path: Path) -> None:
    without, with_series = merge(tmp_path, 2_500, 3, UNWATCHED)
    assert without.what == "two symbols on one clock"
    assert with_series.what == "two symbols on one clock, with touch series"
    with open_cache(tmp_path / "home") as cache:
        held = [(day.key.symbol, day.rows) for day in cache.all_days()]
        digests = {day.rows_sha256 for day in cache.all_days()}
    assert sorted(held) == [("BTCUSDT", 1_250), ("ETHUSDT", 1_250)]
    assert len(digests) == 2, "each has rows of its own"


def test_waits_begin_with_what_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "_UNTIMED_WAITS", 2)
    done: list[tuple[str, int]] = []
    seconds = measures.waits(
        lambda at_us: done.append(("work", at_us)),
        [5, 6, 7],
        UNWATCHED,
        before=lambda at_us: done.append(("before", at_us)),
    )
    assert len(seconds) == 3
    assert done == [(what, at_us) for at_us in (5, 6, 5, 6, 7) for what in ("before", "work")]
