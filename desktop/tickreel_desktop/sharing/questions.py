"""Which days of many datasets are to be looked for next in the shared cache, and what was found.

With a hundred thousand datasets each step over all of them takes as long as a window may hang. So what the
window wants is only noted, and a worker thread does it before it chooses what to ask.
"""

from __future__ import annotations

import threading
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from tickreel.market.types import DatasetKey

    Span = tuple[date, date]
    Ordinals = npt.NDArray[np.int64]

_DAYS_AT_ONCE = 2_000
_HOLDS_S = 600.0
"""So long an answer is taken for true, unless somebody tells of a change."""


class Followed(Protocol):
    """A dataset that is looked for: a row of the tables."""

    @property
    def key(self) -> DatasetKey:
        """Which it is."""

    @property
    def first_day(self) -> date:
        """The first day that may be there."""

    @property
    def last_day(self) -> date:
        """The last one."""


class Questions:
    """What is followed, known and still to be asked; wishes from the window, the rest from one worker."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._wishes: list[Callable[[], None]] = []
        self._spans: dict[DatasetKey, Span] = {}
        self._first: tuple[DatasetKey, ...] = ()
        self._left: Iterator[DatasetKey] = iter(())
        """Those of all that were not looked at since something changed."""
        self._known: dict[DatasetKey, Ordinals] = {}
        self._answers: dict[DatasetKey, tuple[Span, float]] = {}
        """For which span each was asked, and when."""
        self._due_s = 0.0

    @property
    def is_due(self) -> bool:
        """Whether there may be something to ask."""
        return bool(self._wishes) or self._now_s() >= self._due_s

    def follow(self, rows: Sequence[Followed]) -> None:
        """Know of these datasets from now on, each from its first to its last day."""

        def take() -> None:
            self._spans = {row.key: (row.first_day, row.last_day) for row in rows}

        self._wish(take)

    def hurry(self, keys: Iterable[DatasetKey]) -> None:
        """Ask for these first: somebody looks at them."""
        first = tuple(keys)

        def take() -> None:
            self._first = first

        self._wish(take)

    def forget(self, names: Sequence[str] | None = None) -> None:
        """Ask anew for datasets of these names, or for all; what was known is shown until then."""

        def take() -> None:
            if names is None:
                self._answers.clear()
            else:
                gone = set(names)
                for key in [key for key in self._answers if str(key) in gone]:
                    del self._answers[key]

        self._wish(take)

    def forget_all(self) -> None:
        """Know nothing any more: it is another server."""

        def take() -> None:
            self._answers.clear()
            self._known.clear()

        self._wish(take)

    def _wish(self, take: Callable[[], None]) -> None:
        with self._lock:
            self._wishes.append(take)

    def next(self) -> dict[DatasetKey, list[date]]:
        """Do what was wished, and choose the datasets that are asked for next, with their days."""
        with self._lock:
            wishes, self._wishes = self._wishes, []
        for take in wishes:
            take()
        now_s = self._now_s()
        if wishes or now_s >= self._due_s:
            self._due_s = now_s + _HOLDS_S
            self._left = iter(dict.fromkeys((*self._first, *self._spans)))
        asked: dict[DatasetKey, list[date]] = {}
        count = 0
        for key in self._left:
            span = self._spans.get(key)
            if span is None:
                continue
            answer = self._answers.get(key)
            if answer is not None and answer[0] == span and now_s - answer[1] < _HOLDS_S:
                self._due_s = min(self._due_s, answer[1] + _HOLDS_S)
                continue
            days = (span[1] - span[0]).days + 1
            asked[key] = [date.fromordinal(span[0].toordinal() + number) for number in range(days)]
            count += days
            if count >= _DAYS_AT_ONCE:
                break
        return asked

    def enter(self, found: Mapping[DatasetKey, Ordinals], asked: Mapping[DatasetKey, Sequence[date]]) -> None:
        """Know what was found of the datasets that were asked for."""
        for key, ordinals in found.items():
            self._answers[key] = ((asked[key][0], asked[key][-1]), self._now_s())
            self._known[key] = ordinals

    def ask_again(self) -> None:
        """Begin anew with what was not answered."""
        self._due_s = 0.0

    def known(self) -> dict[DatasetKey, Ordinals]:
        """Give what is known by now, as ordinals of UTC days, ascending."""
        return dict(self._known)
