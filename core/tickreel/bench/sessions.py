"""Replays of a day: from end to end, to random instants, step by step, and two symbols on one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.bench.figures import Figure, Measure, Unit, from_rounds, percentiles
from tickreel.bench.generator import EXCHANGE, FEWEST_ROWS, FIRST_DAY, SYMBOL, write_day
from tickreel.bench.measures import instants_in, rounds, waits
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import DataType
from tickreel.replay import Replay
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.bench.subject import Subject
    from tickreel.progress import Monitor
    from tickreel.store import Cache

STEPS = ("message", "second")
"""The units by which stepping back is measured."""
_SECOND_SYMBOL = "ETHUSDT"
_WITH_SERIES = {False: "", True: ", with touch series"}


def open_session(cache: Cache, subject: Subject) -> Replay:
    """Open a replay of all rows of a subject, at their beginning."""
    key = subject.key
    markets = [(key.exchange, key.symbol)]
    # A second more, so that a step of one from the last instant has somewhere to go back to.
    start_us = subject.first_us - US_PER_SECOND
    return _opened(cache, markets, start_us, subject.last_us + 1, key.type)


def play_day(cache: Cache, subject: Subject, *, with_series: bool) -> int:
    """Open a replay, and play it to its end as fast as it goes; give the rows played."""
    return open_session(cache, subject).advance_to_end(with_series=with_series).rows_since


def _opened(
    cache: Cache, markets: Sequence[tuple[str, str]], start_us: int, end_us: int, data_type: DataType
) -> Replay:
    return Replay(cache, markets, start_us, end_us, types=(data_type,), allow_missing=True)


def replay(data: str, cache: Cache, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Open a replay of a day and play it at once, without the touch after each message and with it."""
    figures: list[Figure] = []
    for with_series, rest in _WITH_SERIES.items():
        seconds = rounds(
            lambda with_series=with_series: play_day(cache, subject, with_series=with_series),  # type: ignore[misc]
            subject.rows,
            monitor,
        )
        what = f"a day from end to end{rest}"
        figures += [
            from_rounds(Measure.REPLAY, data, what, Unit.ROWS_PER_S, seconds, subject.rows),
            from_rounds(Measure.REPLAY, data, what, Unit.MS, seconds),
        ]
    return figures


def seek(data: str, cache: Cache, subject: Subject, seed: int, monitor: Monitor) -> list[Figure]:
    """Seek to instants at random in an open replay."""
    session = open_session(cache, subject)
    return percentiles(Measure.SEEK, data, "a seek", waits(session.seek, instants_in(subject, seed), monitor))


def step(data: str, cache: Cache, subject: Subject, seed: int, monitor: Monitor) -> list[Figure]:
    """Step back from instants at random, each of which was sought before."""
    session = open_session(cache, subject)
    instants = instants_in(subject, seed)
    figures: list[Figure] = []
    for unit in STEPS:
        seconds = waits(
            lambda _, unit=unit: session.step_back(unit),  # type: ignore[misc]
            instants,
            monitor,
            before=session.seek,
        )
        figures += percentiles(Measure.STEP, data, f"a {unit} back", seconds)
    return figures


def merge(folder: Path, rows: int, seed: int, monitor: Monitor) -> list[Figure]:
    """Open a replay of two symbols of half the rows each, and play it at once."""
    each = max(FEWEST_ROWS, rows // 2)
    symbols = (SYMBOL, _SECOND_SYMBOL)
    start_us = day_start_us(FIRST_DAY)
    figures: list[Figure] = []
    with open_cache(folder / "home") as cache:
        for number, symbol in enumerate(symbols):
            own = folder / symbol
            own.mkdir()
            written = write_day(own, each, seed=seed + number, symbol=symbol, monitor=monitor)
            cache.import_file(written.book.path)

        def play(*, with_series: bool) -> int:
            markets = [(EXCHANGE, symbol) for symbol in symbols]
            session = _opened(cache, markets, start_us, start_us + US_PER_DAY, DataType.INCREMENTAL_BOOK_L2)
            return session.advance_to_end(with_series=with_series).rows_since

        for with_series, rest in _WITH_SERIES.items():
            seconds = rounds(
                lambda with_series=with_series: play(with_series=with_series),  # type: ignore[misc]
                2 * each,
                monitor,
            )
            what = f"two symbols on one clock{rest}"
            figures.append(from_rounds(Measure.MERGE, "generated", what, Unit.ROWS_PER_S, seconds, 2 * each))
    return figures
