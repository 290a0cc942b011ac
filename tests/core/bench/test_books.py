"""What is measured of books is what a plain look at the same rows finds."""

from __future__ import annotations

import csv
import gzip
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import DictBook, Row

from tickreel.bench.books import (
    COLUMNS_PER_S,
    HEATMAP_CELLS,
    HEATMAP_SPEED,
    TOP_LEVELS,
    HeatmapWork,
    build_book,
    build_with_tops,
    build_with_touch,
    grid_around,
)
from tickreel.bench.generator import write_day
from tickreel.bench.subject import Scanner, subject_of
from tickreel.book import Book
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.bench.generator import GeneratedDay
    from tickreel.bench.subject import Subject

ROWS = 6_000


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> GeneratedDay:
    return write_day(tmp_path_factory.mktemp("books"), ROWS, seed=11)


@pytest.fixture(scope="module")
def subject(day: GeneratedDay) -> Iterator[Subject]:
    with open_cache(day.book.path.parent / "home") as cache:
        cache.import_file(day.book.path)
        yield subject_of(cache)


@pytest.fixture
def scanner(subject: Subject) -> Iterator[Scanner]:
    with Scanner(subject) as opened:
        yield opened


@pytest.fixture(scope="module")
def messages(day: GeneratedDay) -> list[list[Row]]:
    """The rows of each message, as the vendor's file has them."""
    with gzip.open(day.book.path, "rt", encoding="utf-8") as text:
        rows = [
            Row(
                int(row["local_timestamp"]),
                row["is_snapshot"] == "true",
                row["side"],
                float(row["price"]),
                float(row["amount"]),
            )
            for row in csv.DictReader(text)
        ]
    return [list(message) for _, message in groupby(rows, lambda row: row.local_us)]


def test_the_book_is_that_of_all_rows(scanner: Scanner, messages: list[list[Row]]) -> None:
    plain = DictBook()
    for message in messages:
        plain.apply(message)
    assert build_book(scanner).state_hash() == plain.state_hash()


def test_there_is_a_touch_after_each_message(scanner: Scanner, messages: list[list[Row]]) -> None:
    assert build_with_touch(scanner) == len(messages)


def test_there_is_a_top_after_each_message_that_changed_it(
    scanner: Scanner, messages: list[list[Row]]
) -> None:
    plain = DictBook()
    changes, before = 0, None
    for message in messages:
        bids, asks = plain.apply(message).sides.values()
        top = sorted(bids.items(), reverse=True)[:TOP_LEVELS], sorted(asks.items())[:TOP_LEVELS]
        changes += top != before
        before = top
    assert build_with_tops(scanner) == changes


def test_a_heatmap_has_a_column_a_frame(scanner: Scanner, subject: Subject) -> None:
    work = HeatmapWork(scanner, subject)
    width_us = round(1e6 * HEATMAP_SPEED / COLUMNS_PER_S)
    finished = (subject.last_us + 1 - subject.first_us) // width_us
    assert work.build() == finished
    frames = work.frames()
    assert len(frames) == finished + 1, "the last one is not full"
    assert min(frames) > 0


@pytest.mark.parametrize(
    ("bids", "asks", "group", "tick"),
    [
        ([[62000.1, 1.0], [100.0, 1.0]], [[62000.3, 1.0], [1e6, 1.0]], 2.1, 0.1),
        ([[1.192, 5.0]], [[1.193, 5.0]], 0.001, 0.001),
        ([[0.25, 5.0]], [], 0.01, 0.01),
    ],
)
def test_the_cells_of_a_heatmap_lie_around_the_touch(
    bids: list[list[float]], asks: list[list[float]], group: float, tick: float
) -> None:
    sides = [np.array(side, np.float64).reshape(-1, 2) for side in (bids, asks)]
    grid = grid_around(Book(sides[0], sides[1], None))
    assert (grid.group, grid.tick, grid.cells) == (group, tick, HEATMAP_CELLS)
    middle = np.mean([side[0, 0] for side in sides if len(side)])
    assert grid.borders[0] < middle < grid.borders[-1]
