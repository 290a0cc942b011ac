"""The generated day: the same for a seed, valid, in the character of a real market, in little memory."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.monitors import CancelAt, Recording

from tickreel.bench.generator import FEWEST_ROWS, FIRST_DAY, GeneratedDay, write_day
from tickreel.book import BookBuilder, L2Rows
from tickreel.errors import Cancelled, UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import SCHEMAS, DataType
from tickreel.vendorcsv import claim_of

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 60_000


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> GeneratedDay:
    return write_day(tmp_path_factory.mktemp("day"), ROWS, seed=3)


def _lines(path: Path) -> list[list[str]]:
    text = gzip.decompress(path.read_bytes()).decode()
    assert text.endswith("\n")
    return [line.split(",") for line in text.splitlines()]


def _rows(day: GeneratedDay) -> L2Rows:
    _, *lines = _lines(day.book.path)
    return L2Rows(
        np.array([int(line[3]) for line in lines]),
        np.array([line[4] == "true" for line in lines]),
        np.array([line[5] == "ask" for line in lines]).astype(np.int8),
        np.array([float(line[6]) for line in lines]),
        np.array([float(line[7]) for line in lines]),
    )


def test_it_has_exactly_the_rows_asked_for_under_the_vendors_names(day: GeneratedDay) -> None:
    for file, data_type in ((day.book, DataType.INCREMENTAL_BOOK_L2), (day.trades, DataType.TRADES)):
        header, *lines = _lines(file.path)
        assert ",".join(header) == SCHEMAS[data_type].header
        assert len(lines) == file.rows
        claim = claim_of(file.path)
        assert (claim.exchange, claim.type, claim.day, claim.symbol) == (
            file.key.exchange,
            data_type,
            FIRST_DAY,
            file.key.symbol,
        )
        assert file.text_bytes == len(gzip.decompress(file.path.read_bytes()))
    assert day.book.rows == ROWS
    assert 0.03 < day.trades.rows / ROWS < 0.15


def test_another_symbol_has_its_name_in_every_row(tmp_path: Path) -> None:
    day = write_day(tmp_path, FEWEST_ROWS, symbol="ETHUSDT")
    for file in (day.book, day.trades):
        assert file.key.symbol == "ETHUSDT"
        assert file.path.name.endswith("_ETHUSDT.csv.gz")
        assert {line[1] for line in _lines(file.path)[1:]} == {"ETHUSDT"}


def test_a_seed_gives_the_same_bytes_and_another_seed_or_day_others(
    tmp_path: Path, day: GeneratedDay
) -> None:
    def content(name: str, seed: int, number: int) -> tuple[bytes, bytes]:
        (tmp_path / name).mkdir()
        made = write_day(tmp_path / name, ROWS, seed=seed, number=number)
        return made.book.path.read_bytes(), made.trades.path.read_bytes()

    first = content("first", 3, 0)
    assert first == (day.book.path.read_bytes(), day.trades.path.read_bytes())
    assert first[0] != content("seed", 4, 0)[0]
    _, *one = _lines(day.book.path)
    content("number", 3, 1)
    (path,) = (tmp_path / "number").glob("*incremental*")
    _, *other = _lines(path)
    assert claim_of(path).day == date(2024, 3, 2)
    assert [line[6] for line in one] != [line[6] for line in other]


def test_the_book_is_never_crossed_and_has_both_sides(day: GeneratedDay) -> None:
    builder = BookBuilder()
    touch = builder.apply_with_touch(_rows(day))
    assert not np.isnan(touch.bid).any()
    assert not np.isnan(touch.ask).any()
    assert (touch.bid < touch.ask).all()
    assert len(set(touch.bid.tolist())) > 50, "the price moves"
    counts = builder.counts
    assert (counts.resets, counts.skipped_rows) == (1, 0)
    assert 8 < counts.rows / counts.messages < 16


def test_times_run_through_the_whole_day_in_messages(day: GeneratedDay) -> None:
    start_us = day_start_us(FIRST_DAY)
    for file in (day.book, day.trades):
        _, *lines = _lines(file.path)
        exchange = np.array([int(line[2]) for line in lines])
        local = np.array([int(line[3]) for line in lines])
        assert (exchange % 1_000 == 0).all()
        assert (np.diff(local) >= 0).all()
        assert (local > exchange).all()
        assert start_us <= local[0] < start_us + 600 * US_PER_SECOND
        assert start_us + US_PER_DAY - 600 * US_PER_SECOND < local[-1] < start_us + US_PER_DAY
    rows = _rows(day)
    begins = np.flatnonzero(np.diff(rows.local_us, prepend=-1))
    for low, high in pairwise(begins[1:300]):
        cells = list(zip(rows.side[low:high], rows.price[low:high], strict=True))
        assert cells == sorted(set(cells)), "a message names a level once, bids first, by price"


def test_it_has_the_character_of_a_real_feed(day: GeneratedDay) -> None:
    rows = _rows(day)
    changes = ~rows.is_snapshot
    assert 0.10 < (rows.amount[changes] == 0).mean() < 0.25
    assert (rows.amount >= 0).all()
    assert rows.price.min() < 20_000, "some quotes are a world away"
    assert rows.price.max() > 100_000
    _, *trades = _lines(day.trades.path)
    ids = [int(trade[4]) for trade in trades]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert {trade[5] for trade in trades} == {"buy", "sell"}


@pytest.mark.parametrize("rows", [FEWEST_ROWS, 1_777, 65_535, 65_536, 66_561])
def test_any_number_of_rows_is_met_exactly(tmp_path: Path, rows: int) -> None:
    made = write_day(tmp_path, rows)
    _, *lines = _lines(made.book.path)
    assert len(lines) == made.book.rows == rows
    touch = BookBuilder().apply_with_touch(_rows(made))
    assert (touch.bid < touch.ask).all()


def test_fewer_rows_than_a_day_can_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1000 rows, not 999"):
        write_day(tmp_path, FEWEST_ROWS - 1)


def test_it_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    monitor = Recording()
    write_day(tmp_path, 200_000, monitor=monitor)
    done = [report[0] for report in monitor.reports]
    assert done == sorted(done)
    assert len(done) >= 4
    assert monitor.reports[-1] == (200_000, 200_000, "")
    (tmp_path / "stopped").mkdir()
    with pytest.raises(Cancelled):
        write_day(tmp_path / "stopped", 200_000, monitor=CancelAt(2))


_PEAK = """
import sys
from pathlib import Path
from tickreel.bench.generator import write_day
from tickreel.bench.memory import peak_memory_bytes
folder = Path(sys.argv[1])
for number, rows in enumerate((200_000, 2_000_000)):
    write_day(folder, rows, number=number)
    print(peak_memory_bytes())
"""


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PEAK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=300
    )
    small, large = map(int, ran.stdout.split())
    assert 0 < small <= large < small + 30_000_000, "2,000,000 rows are 160 MB of text"
