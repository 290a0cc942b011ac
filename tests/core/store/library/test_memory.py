"""What the catalog said is remembered, and forgotten with whatever changes it, in this program or another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from faults.homes import DAY, KEY, NEXT_DAY, Store, opened, store_many, store_part
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.errors import EnvironmentProblem
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import open_cache
from tickreel.store.library import memory as module
from tickreel.store.library.memory import CatalogMemory
from tickreel.store.model import DayState
from tickreel.store.records.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OTHER = DatasetKey(KEY.exchange, "ETHUSDT", KEY.type)


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with opened(home) as one:
        yield one


@pytest.fixture
def memory(store: Store) -> Iterator[CatalogMemory]:
    with closing(CatalogMemory(store.home.catalog, store.catalog)) as one:
        yield one


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what any catalog is asked."""
    questions: list[str] = []

    def noting(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def note(*question: Any) -> Any:
            questions.append(name)
            return ask(*question)

        return note

    for name in ("holds", "group_with", "days_between"):
        monkeypatch.setattr(Catalog, name, noting(name, getattr(Catalog, name)))
    return questions


def test_each_question_is_asked_once(store: Store, memory: CatalogMemory, asked: list[str]) -> None:
    store_part(store)
    for _ in range(3):
        assert memory.dataset_with(KEY) == KEY
        assert memory.dataset_with(OTHER) is None
        assert [day.day for day in memory.days_between(KEY, DAY, NEXT_DAY)] == [DAY]
        assert memory.day(KEY, NEXT_DAY) is None
    assert asked == ["holds", "holds", "group_with", "days_between", "days_between"]


def test_a_change_by_this_program_or_another_is_seen_at_once(
    home: Path, store: Store, memory: CatalogMemory
) -> None:
    assert memory.dataset_with(KEY) is None
    store_part(store)
    assert memory.dataset_with(KEY) == KEY
    assert memory.day(KEY, NEXT_DAY) is None
    with opened(home) as other:
        store_part(other, NEXT_DAY)
    assert memory.day(KEY, NEXT_DAY) == store.catalog.day(KEY, NEXT_DAY) is not None
    with store.database.writing() as connection:
        connection.execute("UPDATE day SET hits = hits + 1")
    changed = memory.day(KEY, NEXT_DAY)
    assert changed is not None
    assert changed.hits == 1


def test_what_is_taken_back_was_never_remembered(store: Store, memory: CatalogMemory) -> None:
    store_part(store)

    def change() -> NoReturn:
        with store.database.writing() as connection:
            store.catalog.record_day(connection, KEY, DAY, DayState.DAMAGED, "")
            assert store.catalog.day(KEY, DAY) != memory.day(KEY, DAY)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change()
    assert memory.day(KEY, DAY) == store.catalog.day(KEY, DAY) is not None


def test_what_was_true_when_a_snapshot_began_is_not_remembered_after_it(
    home: Path, store: Store, memory: CatalogMemory
) -> None:
    memory.day(KEY, NEXT_DAY)
    with store.database.snapshot():
        assert store.catalog.day(KEY, DAY) is None
        with opened(home) as other:
            store_part(other)
        memory.day(KEY, DAY)
    assert memory.day(KEY, DAY) == store.catalog.day(KEY, DAY) is not None


def test_an_answer_that_a_change_overtook_is_asked_for_again(
    store: Store, memory: CatalogMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_part(store)
    ask = Catalog.days_between

    def slow(*question: Any) -> Any:
        answer = ask(*question)
        monkeypatch.undo()
        store_part(store, NEXT_DAY)  # after the question, before the answer is remembered
        return answer

    monkeypatch.setattr(Catalog, "days_between", slow)
    assert memory.day(KEY, NEXT_DAY) is None
    assert memory.day(KEY, NEXT_DAY) is not None


def test_only_short_ranges_and_so_many_answers_are_remembered(
    store: Store, memory: CatalogMemory, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_many(store, DAY, 5)
    for _ in range(2):
        assert len(memory.days_between(KEY, DAY, DAY + timedelta(days=4))) == 5
    assert len(asked) == 2
    monkeypatch.setattr(module, "_ANSWERS", 3)
    for number in range(20):
        memory.day(KEY, DAY + timedelta(days=number))
        assert len(memory._answers) <= 3


def test_a_catalog_that_cannot_be_opened_again_is_asked_each_time(
    store: Store, memory: CatalogMemory, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_part(store)

    def refuse(*_: object, **__: object) -> None:
        raise EnvironmentProblem("no more files may be open")

    monkeypatch.setattr(module, "Database", refuse)
    assert memory.day(KEY, DAY) == memory.day(KEY, DAY) is not None
    assert asked == ["days_between"] * 2


def test_after_its_end_the_catalog_is_asked_and_not_opened_again(
    store: Store, memory: CatalogMemory, asked: list[str]
) -> None:
    store_part(store)
    memory.day(KEY, DAY)
    left_over = memory._watch
    memory.close()
    memory.close()
    assert memory.day(KEY, DAY) == memory.day(KEY, DAY) is not None
    assert asked == ["days_between"] * 3
    memory._watch = left_over  # as a read finds it that began before the end
    assert left_over is not None
    assert memory.day(KEY, DAY) is not None


def test_a_home_for_reading_only_is_watched_as_well(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", KEY.type, [l2_line(START_US + n, "bid", "1", "1") for n in range(9)])
    with open_cache(home) as cache:
        cache.import_file(path, type=KEY.type)
    name, span = (KEY.exchange, "BTCUSDT", DataType.INCREMENTAL_BOOK_L2), (START_US, START_US + 5)
    with open_cache(home, read_only=True) as reader:
        assert reader.arrow(*name, *span).num_rows == 5
        with closing(sqlite3.connect(home / "catalog.sqlite")) as other, other:
            other.execute("UPDATE day SET state = 'pending'")
        assert reader.arrow(*name, *span, allow_missing=True).num_rows == 0
