"""What the catalog said, remembered for as long as it would say the same.

A reader that goes through a day minute by minute asks the catalog the same each time, and the
answer takes as long as a third of the rows of a quiet minute. SQLite tells in a sixth of that time
whether anybody has changed anything.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, TypeVar

from tickreel.errors import EnvironmentProblem
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import date
    from pathlib import Path
    from typing import Any

    from tickreel.market.types import DatasetKey
    from tickreel.store.model import Day

_LOGGER = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

_ANSWERS = 512
"""Answers that are remembered; before one more all are forgotten."""
_DAYS = 2
"""Days of a range that is remembered; longer ones are asked for seldom, and take room."""


class CatalogMemory:
    """Asks a catalog, each question once until somebody changes it; usable from several threads.

    It asks by a connection of its own, which never writes: to that one the changes of this program
    are somebody else's as well, and it sees of a transaction nothing before that is committed, so
    that what is taken back was never remembered. Where there can be no such connection, the
    catalog that is given answers, each time.
    """

    def __init__(self, path: Path, catalog: Catalog) -> None:
        """Take the file of a catalog that is open; nothing is opened before the first question."""
        self._path = path
        self._catalog = catalog
        self._lock = threading.Lock()
        self._is_watching = True
        self._watch: Database | None = None
        self._answers: dict[Hashable, tuple[int, Any]] = {}

    def close(self) -> None:
        """Let go of the file: from now on the catalog that was given answers. Again is nothing."""
        with self._lock:
            self._is_watching = False
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()

    def dataset_with(self, key: DatasetKey) -> DatasetKey | None:
        """Find the dataset that holds an instrument: its own, or that of a group with it."""
        return self._answer(key, lambda catalog: _dataset_with(catalog, key))

    def day(self, key: DatasetKey, day: date) -> Day | None:
        """Give one day of a dataset, or None when there is no record of it."""
        return next(iter(self.days_between(key, day, day)), None)

    def days_between(self, key: DatasetKey, first: date, last: date) -> tuple[Day, ...]:
        """List the recorded days of a dataset from *first* to *last*, both included, oldest first."""
        if (last - first).days >= _DAYS:
            return tuple(self._catalog.days_between(key, first, last))
        return self._answer((key, first, last), lambda catalog: tuple(catalog.days_between(key, first, last)))

    def _answer(self, question: Hashable, ask: Callable[[Catalog], _Answer]) -> _Answer:
        watch = self._watch or self._begin_watching()
        if watch is not None:
            try:
                return self._remembered(watch, question, ask)
            except EnvironmentProblem as problem:  # perhaps it was closed; the other tells what is wrong
                _LOGGER.info("the catalog is not asked by a connection for that: %s", problem)
        return ask(self._catalog)

    def _remembered(self, watch: Database, question: Hashable, ask: Callable[[Catalog], _Answer]) -> _Answer:
        """Give the answer to a question, which is asked unless it is sure to be the same as before.

        What is kept with an answer is the revision that was seen before it was asked for: where the
        catalog changes in between, the answer is newer than it is taken for, and asked for once more.
        """
        revision = watch.changes_elsewhere()
        known = self._answers.get(question)
        if known is not None and known[0] == revision:
            answer: _Answer = known[1]
            return answer
        answer = ask(Catalog(watch))
        if len(self._answers) >= _ANSWERS:
            self._answers.clear()
        self._answers[question] = (revision, answer)
        return answer

    def _begin_watching(self) -> Database | None:
        with self._lock:
            if self._watch is None and self._is_watching:
                try:
                    self._watch = Database(self._path, read_only=True)
                except EnvironmentProblem as problem:
                    self._is_watching = False
                    _LOGGER.info("what the catalog says is not remembered: %s", problem)
            return self._watch


def _dataset_with(catalog: Catalog, key: DatasetKey) -> DatasetKey | None:
    if catalog.holds(key):
        return key
    return catalog.group_with(key.exchange, key.symbol, key.type)
