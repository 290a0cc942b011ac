"""The reader: late answers are dropped, rows wait for the engine, trouble is told, nothing outlives it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.errors import Cancelled, NotHeldError
from tickreel.store import Cache, open_cache
from tickreel_desktop.data.detail import DetailReader
from tickreel_desktop.data.detail.reader import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.progress import Monitor


class Heard:
    """What was told of the questions of a test."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.problems: list[str] = []

    def question(self, work: Callable[[Cache, Monitor], Any], keep_as: Hashable = None) -> Question:
        return Question(work, self.answers.append, self.problems.append, keep_as=keep_as)


@pytest.fixture
def reader(home: Path, qtbot: QtBot) -> Iterator[DetailReader]:
    with open_cache(home) as cache:
        made = DetailReader(cache)
        yield made
        made.stop()
        made.close()


def test_a_question_takes_the_place_of_the_one_before_and_stops_its_work(
    reader: DetailReader, qtbot: QtBot
) -> None:
    heard, go_on, stopped = Heard(), threading.Event(), threading.Event()

    def slow(_cache: Cache, monitor: Monitor) -> str:
        go_on.wait(10)
        try:
            monitor.report(1, 2)
        except Cancelled:
            stopped.set()
            raise
        return "late"

    reader.ask("day", heard.question(slow))
    reader.ask("day", heard.question(lambda _cache, _monitor: "asked last"))
    reader.ask("other", heard.question(lambda _cache, _monitor: "of another slot"))
    go_on.set()
    qtbot.waitUntil(lambda: len(heard.answers) == 2)
    qtbot.waitUntil(stopped.is_set)
    assert sorted(heard.answers) == ["asked last", "of another slot"]


def test_an_answer_that_was_found_before_it_was_dropped_is_not_told(
    reader: DetailReader, qtbot: QtBot
) -> None:
    heard, found = Heard(), threading.Event()

    def quick(_cache: Cache, _monitor: Monitor) -> str:
        found.set()
        return "found"

    reader.ask("day", heard.question(quick))
    assert found.wait(10)
    reader.drop("day")
    reader.ask("other", heard.question(lambda _cache, _monitor: "after it"))
    qtbot.waitUntil(lambda: heard.answers == ["after it"])


def test_what_reads_rows_waits_for_the_engine_and_the_rest_does_not(home: Path, qtbot: QtBot) -> None:
    heard = Heard()
    with open_cache(home) as cache:
        reader = DetailReader(cache, is_ready=False)
        reader.ask("rows", heard.question(lambda _cache, _monitor: "rows"), reads_rows=True)
        reader.ask("gone", heard.question(lambda _cache, _monitor: "gone"), reads_rows=True)
        reader.ask("files", heard.question(lambda _cache, _monitor: "files"))
        reader.drop("gone")
        qtbot.waitUntil(lambda: heard.answers == ["files"])
        reader.release()
        qtbot.waitUntil(lambda: heard.answers == ["files", "rows"])
        reader.stop()
        reader.close()


def test_trouble_is_told_in_place_and_what_nobody_foresaw_is_reported_too(
    reader: DetailReader, qtbot: QtBot
) -> None:
    heard = Heard()
    bugs: list[BaseException] = []
    reader.bug_met.connect(bugs.append)

    def not_held(_cache: Cache, _monitor: Monitor) -> None:
        raise NotHeldError("it was taken away")

    def broken(_cache: Cache, _monitor: Monitor) -> None:
        raise ZeroDivisionError

    reader.ask("a", heard.question(not_held))
    qtbot.waitUntil(lambda: heard.problems == ["It was taken away"])
    assert bugs == []
    reader.ask("a", heard.question(broken))
    qtbot.waitUntil(lambda: len(heard.problems) == 2)
    assert "nobody foresaw" in heard.problems[1]
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]


def test_an_answer_is_remembered_by_what_it_follows_from(reader: DetailReader, qtbot: QtBot) -> None:
    heard, reads = Heard(), []

    def read(_cache: Cache, _monitor: Monitor) -> str:
        reads.append(1)
        return "figures"

    reader.ask("day", heard.question(read, keep_as=("day", 1)))
    qtbot.waitUntil(lambda: heard.answers == ["figures"])
    reader.ask("day", heard.question(read, keep_as=("day", 1)))
    assert heard.answers == ["figures", "figures"]
    reader.ask("day", heard.question(read, keep_as=("day", 2)))
    qtbot.waitUntil(lambda: len(heard.answers) == 3)
    assert len(reads) == 2
