"""Looks for the next crossing of a threshold in all of the range, while the window goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.errors import Cancelled, TickreelError
from tickreel.replay import CrossingSearch
from tickreel_desktop.components import Banner, BannerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import ReplayPlan, Threshold
    from tickreel.store import Cache
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme

_TELL_EVERY_MS = 200


class _Watch:
    """Hears of one search on its thread, and has it stopped."""

    def __init__(self) -> None:
        self.share = 0.0
        self.is_stopped = False

    def report(self, done: int, total: int | None, note: str = "") -> None:
        if self.is_stopped:
            raise Cancelled("the search for a crossing was stopped")
        self.share = done / total if total else 0.0


class CrossingFinder(QObject):
    """One search at a time; a newer one takes the place of an older.

    :attr:`banner` is to be put above the charts; it tells of a search that takes longer than a moment.
    """

    found = Signal(object)
    """The moment of the crossing (microseconds, int)."""
    not_found = Signal(str)
    """There is none: in words."""

    def __init__(
        self,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._cache = cache
        self._tasks = tasks
        self._tell = tell
        self._watch: _Watch | None = None
        self._words = ""
        self.banner = Banner(theme, BannerKind.NOTE, "", icon="magnifying-glass", action="Stop")
        self.banner.hide()
        self.banner.action_triggered.connect(self.stop)
        self._pulse = QTimer(self)
        self._pulse.setInterval(_TELL_EVERY_MS)
        self._pulse.timeout.connect(self._show)

    @property
    def is_searching(self) -> bool:
        """Whether a search is under way."""
        return self._watch is not None

    def search(
        self,
        plan: ReplayPlan,
        pair: tuple[str, str],
        threshold: Threshold,
        words: str,
        at_us: int,
        direction: int,
    ) -> None:
        """Look for the next crossing after an instant (1), or the last one before it (-1).

        *words* name the threshold for people.
        """
        self.stop()
        watch = self._watch = _Watch()
        where = "after" if direction > 0 else "before"
        self._words = f"the {'next' if direction > 0 else 'last'} crossing of {words} {where} this moment"
        self._pulse.start()

        def find() -> int | None:
            search = CrossingSearch(self._cache, plan, *pair)
            look = search.after if direction > 0 else search.before
            return look(at_us, threshold, watch)

        self._tasks.start(self._find(find, watch, f"no crossing of {words} {where} this moment"), "crossing")

    def stop(self) -> None:
        """Give the search up, if there is one."""
        if self._watch is not None:
            self._watch.is_stopped = True
            self._end()

    def _end(self) -> None:
        self._watch = None
        self._pulse.stop()
        self.banner.hide()

    async def _find(self, find: Callable[[], int | None], watch: _Watch, none: str) -> None:
        try:
            at_us = await asyncio.to_thread(find)
        except Cancelled:
            return
        except TickreelError as error:
            if self._watch is watch:
                self._end()
                self._tell(error)
            return
        finally:
            watch.is_stopped = True  # whoever leaves the wait leaves no thread behind
        if self._watch is not watch:
            return
        self._end()
        if at_us is None:
            self.not_found.emit(none)
        else:
            self.found.emit(at_us)

    def _show(self) -> None:
        if self._watch is not None:
            self.banner.set_text(f"Looking for {self._words}: {self._watch.share:.0%}".replace("%", " %"))
            self.banner.show()
