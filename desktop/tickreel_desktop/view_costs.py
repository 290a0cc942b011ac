"""What each view of a replay costs the thread of the window, whoever does the work for it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QGraphicsScene, QGraphicsView, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.replay import Frame

_WATCHED = (QEvent.Type.Paint, QEvent.Type.Timer, QEvent.Type.MetaCall)


class Costs:
    """Processor time of this thread by name; what is done inside of something else counts only for itself."""

    def __init__(self) -> None:
        self._spent_s: dict[str, float] = {}
        self._inside: list[str] = []
        self._since_s = 0.0

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Book what is done now under a name."""
        self._book()
        self._inside.append(name)
        try:
            yield
        finally:
            self._book()
            self._inside.pop()

    def _book(self) -> None:
        now_s = time.thread_time()
        if self._inside:
            self._spent_s[self._inside[-1]] = self.spent_s(self._inside[-1]) + now_s - self._since_s
        self._since_s = now_s

    def spent_s(self, name: str) -> float:
        """Give what was spent under a name."""
        return self._spent_s.get(name, 0.0)

    def clear(self) -> None:
        """Begin anew."""
        self._spent_s.clear()


class ViewCosts(QObject):
    """Books the work of views: taking frames, renewing what waited for its turn, and painting.

    With a view of pyqtgraph that is its scene's work too, which comes as an event of its own.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.costs = Costs()
        self._names: dict[QObject, str] = {}
        self._views: dict[QObject, QAbstractScrollArea] = {}
        """Whose viewport something is."""

    @property
    def names(self) -> tuple[str, ...]:
        """The views that are watched."""
        return tuple(dict.fromkeys(self._names.values()))

    def watch(self, name: str, view: QWidget) -> None:
        """Book what a view does, and its parts; frames come to it by ``take``, if they do."""
        take: Callable[[Frame], None] | None = getattr(view, "take", None)
        if take is not None:
            self._replace(view, "take", self._timed(name, take))
        for each in (view, *view.findChildren(QWidget)):
            if isinstance(each, QAbstractScrollArea):
                self._views[each.viewport()] = each
            if isinstance(each, QGraphicsView):
                self._listen(name, each.scene())
            self._listen(name, each)
        for timer in view.findChildren(QTimer):
            self._listen(name, timer)

    def _listen(self, name: str, to: QObject) -> None:
        self._names[to] = name
        to.installEventFilter(self)

    def _timed(self, name: str, take: Callable[[Frame], None]) -> Callable[[Frame], None]:
        def timed(frame: Frame) -> None:
            with self.costs.of(name):
                take(frame)

        return timed

    @staticmethod
    def _replace(view: QWidget, method: str, by: Callable[[Frame], None]) -> None:
        setattr(view, method, by)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have the event done here, where it can be timed."""
        kind, name = event.type(), self._names.get(watched)
        if name is None or kind not in _WATCHED:
            return False
        if (kind == QEvent.Type.MetaCall) != isinstance(watched, QGraphicsScene):
            return False
        with self.costs.of(name):
            view = self._views.get(watched)
            if view is not None and kind == QEvent.Type.Paint:
                view.viewportEvent(event)  # the view paints its viewport, not that itself
            else:
                watched.event(event)
        return True
