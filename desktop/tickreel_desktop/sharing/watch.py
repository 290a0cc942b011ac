"""Opens the shared cache that is set, for this window, and looks at it from time to time."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel_desktop.sharing.look import SharedLook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.fetch.sharing import SharedService
    from tickreel.settings import LoadedSettings, SharedSettings
    from tickreel.shared.snapshot import TierSnapshot
    from tickreel.store import Cache
    from tickreel_desktop.tasks import Tasks

_TICK_MS = 1_000
_LOOK_EVERY_S = 10.0
_LOOK_CLOSELY_EVERY_S = 2.0


class SharedWatch(QObject):
    """The shared cache of one window; nothing of it is loaded, and nobody is asked, before one is set.

    From the moment that :meth:`use` has opened it, days that are missing here come from it.
    """

    changed = Signal(object)
    """A :class:`SharedLook` that says something else than the one before; None where none is set."""

    opened = Signal()
    """It was opened anew, or let go: other days may be there now."""

    def __init__(
        self,
        cache: Cache,
        tasks: Tasks,
        *,
        environ: Mapping[str, str] = os.environ,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._cache = cache
        self._tasks = tasks
        self._environ = environ
        self._settings: SharedSettings | None = None
        self._service: SharedService | None = None
        self._opening = asyncio.Lock()
        self._look: SharedLook | None = None
        self._asked = 0
        """Numbers the openings: an answer that was asked for before the last of them is void."""
        self._is_asking = False
        self._is_close = False
        self._is_closed = False
        self._due_s = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    @property
    def look(self) -> SharedLook | None:
        """How it stands as far as is known; None where none is set."""
        return self._look

    @property
    def service(self) -> SharedService | None:
        """What can be done with it; None where none is set. It may be set and not used."""
        return None if self._look is None else self._service

    @property
    def is_used(self) -> bool:
        """Whether days are looked for and kept there."""
        return self.service is not None and self._settings is not None and self._settings.is_used

    def use(self, loaded: LoadedSettings) -> None:
        """Go by these settings from now on; the same as before change nothing."""
        if loaded.values.shared != self._settings:
            self._settings = loaded.values.shared
            self.renew()

    def renew(self) -> None:
        """Open it anew, as with another password; what was left alone is tried at once."""
        if self._settings is not None and (self._settings.url or self._service is not None):
            self._tasks.start(self._open(), "open the shared cache")

    def look_closely(self, *, is_close: bool) -> None:
        """Look more often while somebody watches, beginning now."""
        self._is_close = is_close
        if is_close:
            self.look_now()

    def look_now(self) -> None:
        """Look at once, unless it is left alone."""
        self._due_s = 0.0
        self._on_tick()

    async def close(self) -> None:
        """Let go of it; calls that are under way end at once."""
        self._is_closed = True
        self._tick.stop()
        async with self._opening:
            if self._service is not None:
                await asyncio.to_thread(self._let_go)

    async def _open(self) -> None:
        async with self._opening:
            settings = self._settings
            if self._is_closed or settings is None:
                return
            self._asked += 1
            self._service, tier = await asyncio.to_thread(self._opened, self._service)
            if not isValid(self):
                return
            self._show(None if settings.url is None else SharedLook(tier))
        if self._look is None:
            self._tick.stop()
        else:
            self._tick.start()
            self.look_now()
        self.opened.emit()

    def _opened(self, service: SharedService | None) -> tuple[SharedService, TierSnapshot]:
        """Open what is set; on a worker thread, as its password may lie in the system's store."""
        # What talks to a server is loaded by whoever has one.
        from tickreel.fetch.sharing import SharedService

        is_first = service is None
        service = service or SharedService(self._cache, environ=self._environ)
        if not (is_first and service.is_set):  # else who opened the cache has just done it
            with suppress(UsageError):  # how it stands says so
                service.renew()
        return service, service.glance()

    def _let_go(self) -> None:
        """Close it; on a worker thread, as what is under way has to end."""
        with suppress(EnvironmentProblem):  # the cache was closed, and what was attached with it
            self._cache.attach(None)

    def _on_tick(self) -> None:
        service, look = self.service, self._look
        if service is None or look is None or not self.is_used:
            return
        now = service.glance()
        if look.is_asked:  # before that a glance would say that all is well
            self._show(
                replace(look, tier=_completed(now, look.tier), bytes_per_s=_taken(now) - _taken(look.tier))
            )
        # While it is left alone nothing comes of a call; when that is over the next one tries it.
        if monotonic() >= self._due_s and not self._is_asking and not now.tries_in_s:
            self._is_asking = True
            self._tasks.start(self._ask(service, self._asked), "look at the shared cache")

    async def _ask(self, service: SharedService, asked: int) -> None:
        try:
            tier = await asyncio.to_thread(service.look)
        except EnvironmentProblem:
            return  # of a catalog that cannot be read those tell who list what it holds
        finally:
            self._is_asking = False
            self._due_s = monotonic() + (_LOOK_CLOSELY_EVERY_S if self._is_close else _LOOK_EVERY_S)
        if not isValid(self) or self._look is None:
            return
        if asked != self._asked:
            self.look_now()
            return
        answered = tier.server is not None and tier.server.trouble is None
        server = tier.server if answered else self._look.server
        self._show(SharedLook(tier, server, is_asked=True, bytes_per_s=self._look.bytes_per_s))

    def _show(self, look: SharedLook | None) -> None:
        if look != self._look:
            self._look = look
            self.changed.emit(look)


def _taken(tier: TierSnapshot) -> int:
    return 0 if tier.counts is None else tier.counts.bytes_out


def _completed(now: TierSnapshot, before: TierSnapshot) -> TierSnapshot:
    """Complete a glance by what the look before brought; a trouble that only that knew of stays."""
    kept = replace(now, server=before.server, usage=before.usage)
    if now.trouble is None:
        kept = replace(
            kept, state=before.state, told=before.told, trouble=before.trouble, advice=before.advice
        )
    return kept
