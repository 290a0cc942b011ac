"""Finds out which days of the datasets lie in the shared cache: behind the scenes, some at a time."""

from __future__ import annotations

import asyncio
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tickreel.fetch.sharing import SharedService
    from tickreel.market.types import DatasetKey
    from tickreel_desktop.sharing.watch import SharedWatch
    from tickreel_desktop.tasks import Tasks

    Span = tuple[date, date]
    Ordinals = npt.NDArray[np.int64]

_DAYS_AT_ONCE = 2_000
_REST = 3.0
"""Between two calls lies this many times as long as a call took: others want the processor too."""
_TELL_EVERY_S = 1.0
_HOLDS_S = 600.0
"""So long an answer is taken for true, unless somebody tells of a change."""
_AGAIN_S = 5.0
"""So long a server that did not answer is not asked."""
_LOOK_EVERY_MS = 1_000


class DaysThere(QObject):
    """Know which days of the datasets that are followed lie there; it tells at most once a second."""

    changed = Signal(object)
    """What is known, ``Mapping[DatasetKey, Ordinals]``; None while no shared cache is used."""

    def __init__(self, watch: SharedWatch, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self._tasks = tasks
        self._spans: dict[DatasetKey, Span] = {}
        self._first: tuple[DatasetKey, ...] = ()
        self._known: dict[DatasetKey, Ordinals] = {}
        self._answers: dict[DatasetKey, tuple[Span, float]] = {}
        """For which span each was asked, and when."""
        self._address: str | None = None
        self._is_asking = False
        self._told_s = 0.0
        self._not_before_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._begin)

    def start(self, address: str | None) -> None:
        """Begin to ask the server of an address, or ask it anew; None knows nothing any more."""
        self.forget()
        self._not_before_s = 0.0
        if address != self._address:
            self._address = address
            self._known = {}
            self.changed.emit(None if address is None else {})
        if address is None:
            self._timer.stop()
        else:
            self._timer.start()
            self._begin()

    def follow(self, spans: Mapping[DatasetKey, Span]) -> None:
        """Know of these datasets from now on, each from its first to its last day."""
        self._spans = dict(spans)

    def hurry(self, keys: Iterable[DatasetKey]) -> None:
        """Ask for these first: somebody looks at them."""
        self._first = tuple(keys)

    def forget(self, names: Sequence[str] | None = None) -> None:
        """Ask anew for datasets of these names, or for all; what was known is shown until then."""
        for key in list(self._answers):
            if names is None or str(key) in names:
                del self._answers[key]

    def _begin(self) -> None:
        service = self._watch.service
        if self._is_asking or monotonic() < self._not_before_s:
            return
        if service is not None and self._watch.is_used and self._next():
            self._is_asking = True
            self._tasks.start(self._ask(service), "find days in the shared cache")

    def _next(self) -> dict[DatasetKey, list[date]]:
        """Choose the datasets that are asked for next, with their days."""
        asked: dict[DatasetKey, list[date]] = {}
        count = 0
        now_s = monotonic()
        for key in dict.fromkeys((*self._first, *self._spans)):
            span = self._spans.get(key)
            if span is None:
                continue
            answer = self._answers.get(key)
            if answer is not None and answer[0] == span and now_s - answer[1] < _HOLDS_S:
                continue
            days = (span[1] - span[0]).days + 1
            if asked and count + days > _DAYS_AT_ONCE:
                break
            asked[key] = [date.fromordinal(span[0].toordinal() + number) for number in range(days)]
            count += days
        return asked

    async def _ask(self, service: SharedService) -> None:
        """Ask until all is known; a server that fails is asked again once it serves."""
        is_new = False
        try:
            while isValid(self) and service is self._watch.service and (asked := self._next()):
                began_s = monotonic()
                found, is_known = await asyncio.to_thread(_find, service, asked)
                if not isValid(self) or service is not self._watch.service:
                    return
                if not is_known:
                    self._not_before_s = monotonic() + _AGAIN_S
                    return
                for key, ordinals in found.items():
                    self._answers[key] = ((asked[key][0], asked[key][-1]), monotonic())
                    self._known[key] = ordinals
                is_new = True
                if monotonic() - self._told_s > _TELL_EVERY_S:
                    self._tell()
                    is_new = False
                await asyncio.sleep(_REST * (monotonic() - began_s))
        finally:
            self._is_asking = False
            if is_new and isValid(self):
                self._tell()

    def _tell(self) -> None:
        self._told_s = monotonic()
        self.changed.emit(dict(self._known))


def _find(
    service: SharedService, asked: Mapping[DatasetKey, Sequence[date]]
) -> tuple[dict[DatasetKey, Ordinals], bool]:
    """Ask for days, and tell whether it is known of all; runs on a worker thread."""
    try:
        there = service.whereabouts(asked)
    except TickreelError:  # it is not used any more
        return {}, False
    found: dict[DatasetKey, list[int]] = {key: [] for key in asked}
    for keys in there.found:
        found[keys.key].append(keys.day.toordinal())
    ordinals = {key: np.array(sorted(days), np.int64) for key, days in found.items()}
    return ordinals, not there.unknown
