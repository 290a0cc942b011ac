"""Finds out which datasets lie in the shared cache of which nothing is held here: behind the scenes."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.sharing import SharedDataset, SharedService
    from tickreel.market.types import DatasetKey
    from tickreel_desktop.sharing.questions import Followed
    from tickreel_desktop.sharing.watch import SharedWatch
    from tickreel_desktop.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_MS = 1_000
_HOLDS_S = 600.0
"""So long an answer is taken for true, unless somebody tells of a change."""
_REST = 20.0
"""Between two questions lies this many times as long as one took: while days come each tells of a change."""
_AGAIN_S = 10.0
"""So long a server that did not answer is not asked."""


class Elsewhere(QObject):
    """Know the datasets that lie in the shared cache alone."""

    changed = Signal(object)
    """They are others than before, ``Sequence[SharedDataset]``."""

    def __init__(self, watch: SharedWatch, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self._tasks = tasks
        self._held: Sequence[Followed] | None = None
        """What is held here; None before it was read."""
        self._found: tuple[SharedDataset, ...] = ()
        self._is_asking = False
        self._wishes = 0
        """How often something was told by which the last answer may not be true any more."""
        self._due_s = 0.0
        self._not_before_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._begin)

    @property
    def found(self) -> tuple[SharedDataset, ...]:
        """Those that are known, by name."""
        return self._found

    def start(self, *, is_used: bool) -> None:
        """Begin to ask a server, or ask it anew; where none is used nothing is known any more."""
        self._not_before_s = 0.0
        self.forget()
        if is_used:
            self._timer.start()
        else:
            self._timer.stop()
            self._take(())

    def hold(self, rows: Sequence[Followed]) -> None:
        """Take down what is held here, of which nothing need be asked."""
        is_first, self._held = self._held is None, rows
        if is_first:
            self._begin()

    def forget(self) -> None:
        """Ask anew; what was known is shown until then."""
        self._wishes += 1
        self._due_s = 0.0
        self._begin()

    def _begin(self) -> None:
        service, held = self._watch.service, self._held
        if self._is_asking or held is None or monotonic() < max(self._due_s, self._not_before_s):
            return
        if service is not None and self._watch.is_used:
            self._is_asking = True
            self._tasks.start(self._ask(service, held), "find datasets in the shared cache")

    async def _ask(self, service: SharedService, held: Sequence[Followed]) -> None:
        wishes, began_s = self._wishes, monotonic()
        try:
            found = await asyncio.to_thread(_look, service, held)
        finally:
            self._is_asking = False
            self._not_before_s = monotonic() + _REST * (monotonic() - began_s)
        if not isValid(self) or service is not self._watch.service or not self._watch.is_used:
            return
        if wishes == self._wishes:
            self._due_s = monotonic() + (_AGAIN_S if found is None else _HOLDS_S)
        if found is not None:
            self._take(tuple(found))

    def _take(self, found: tuple[SharedDataset, ...]) -> None:
        if found != self._found:
            self._found = found
            self.changed.emit(found)


def _look(service: SharedService, held: Sequence[Followed]) -> list[SharedDataset] | None:
    """Ask what lies there alone; None where that is not known. Runs on a worker thread."""
    keys: set[DatasetKey] = {row.key for row in held}
    try:
        return service.datasets(besides=keys)
    except TickreelError as error:  # how it stands is told by the status bar
        _LOGGER.info("what datasets lie in the shared cache is not known: %s", error)
        return None
