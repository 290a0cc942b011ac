"""Finds out which days of the datasets lie in the shared cache: behind the scenes, some at a time."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel_desktop.sharing.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from tickreel.fetch.sharing import SharedService
    from tickreel.market.types import DatasetKey
    from tickreel_desktop.sharing.questions import Followed
    from tickreel_desktop.sharing.watch import SharedWatch
    from tickreel_desktop.tasks import Tasks

    Ordinals = npt.NDArray[np.int64]

_REST = 3.0
"""Between two calls lies this many times as long as a call took: others want the processor too."""
_TELL_EVERY_S = 1.0
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
        self._questions = Questions()
        self._address: str | None = None
        self._is_asking = False
        self._told_s = 0.0
        self._not_before_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._begin)

    def start(self, address: str | None) -> None:
        """Begin to ask the server of an address, or ask it anew; None knows nothing any more."""
        self._not_before_s = 0.0
        if address == self._address:
            self._questions.forget()
        else:
            self._address = address
            self._questions.forget_all()
            self.changed.emit(None if address is None else {})
        if address is None:
            self._timer.stop()
        else:
            self._timer.start()
            self._begin()

    def follow(self, rows: Sequence[Followed]) -> None:
        """Know of these datasets from now on, each from its first to its last day."""
        self._questions.follow(rows)

    def hurry(self, keys: Iterable[DatasetKey]) -> None:
        """Ask for these first: somebody looks at them."""
        self._questions.hurry(keys)

    def forget(self, names: Sequence[str] | None = None) -> None:
        """Ask anew for datasets of these names, or for all; what was known is shown until then."""
        self._questions.forget(names)

    def _begin(self) -> None:
        service = self._watch.service
        if self._is_asking or monotonic() < self._not_before_s:
            return
        if service is not None and self._watch.is_used and self._questions.is_due:
            self._is_asking = True
            self._tasks.start(self._ask(service), "find days in the shared cache")

    async def _ask(self, service: SharedService) -> None:
        """Ask until all is known; a server that fails is asked again once it serves."""
        is_new = False
        questions, address = self._questions, self._address
        try:
            while True:
                began_s = monotonic()
                found, is_known = await asyncio.to_thread(_round, service, questions)
                if not isValid(self) or service is not self._watch.service or address != self._address:
                    return
                if not is_known:
                    self._not_before_s = monotonic() + _AGAIN_S
                    return
                if not found:
                    return
                is_new = True
                if monotonic() - self._told_s > _TELL_EVERY_S:
                    await self._tell(address)
                    is_new = False
                await asyncio.sleep(_REST * (monotonic() - began_s))
        finally:
            self._is_asking = False
            if is_new and isValid(self):
                self._tasks.start(self._tell(address), "tell of days in the shared cache")

    async def _tell(self, address: str | None) -> None:
        self._told_s = monotonic()
        known = await asyncio.to_thread(self._questions.known)
        if isValid(self) and address == self._address:
            self.changed.emit(known)


def _round(service: SharedService, questions: Questions) -> tuple[int, bool]:
    """Ask for some datasets: how many, and whether it is known of them; runs on a worker thread."""
    asked = questions.next()
    if not asked:
        return 0, True
    try:
        there = service.whereabouts(asked)
    except TickreelError:  # it is not used any more
        questions.ask_again()
        return len(asked), False
    if there.unknown:
        questions.ask_again()
        return len(asked), False
    found: dict[DatasetKey, list[int]] = {key: [] for key in asked}
    for keys in there.found:
        found[keys.key].append(keys.day.toordinal())
    questions.enter({key: np.array(sorted(days), np.int64) for key, days in found.items()}, asked)
    return len(asked), True
