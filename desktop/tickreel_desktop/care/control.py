"""The life of days by hand: each verb of the window once, with its reason where it cannot be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel_desktop.care.checking import Checking
from tickreel_desktop.care.commands import cache_command, rows_command, warm_command
from tickreel_desktop.care.context import CareContext
from tickreel_desktop.care.deleting import Deleting
from tickreel_desktop.care.evicting import Evicting
from tickreel_desktop.care.expiry import Expiring
from tickreel_desktop.care.exporting import Exporting
from tickreel_desktop.care.pinning import Pinning
from tickreel_desktop.care.quota import Quota
from tickreel_desktop.care.refetching import Refetching
from tickreel_desktop.care.sharing import Sharing
from tickreel_desktop.care.trashing import Trashing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from tickreel.events import Bus
    from tickreel.jobs import JobRunner
    from tickreel.store import Cache
    from tickreel.store.care.statistics import Statistics
    from tickreel.store.model import DayRange
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.care.quota_bar import QuotaBar
    from tickreel_desktop.settings import SettingsKeeper
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo

_OF_SELECTION = ("data.pin", "data.unpin", "data.expire", "data.delete", "data.export")
_OF_SHARED = ("data.warm", "data.drop")
_CHANGING = ("data.pin", "data.unpin", "data.expire", "data.delete", "data.evict")


class CareControl(QObject):
    """The care of days of one window.

    *ranges* gives the days that are selected, and *selects_held* tells whether any of them is held here.
    Call :meth:`renew` whenever the selection is another one.
    """

    fetch_wanted = Signal()
    """Days were queued to be fetched: whoever works the queue off shall begin."""

    def __init__(
        self,
        *,
        window: QWidget,
        actions: Actions,
        theme: Theme,
        cache: Cache,
        runner: JobRunner,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        ranges: Callable[[], tuple[DayRange, ...]],
        selects_held: Callable[[], bool],
        bus: Bus,
        keeper: SettingsKeeper,
    ) -> None:
        super().__init__(window)
        self._actions = actions
        self._tasks = tasks
        self._ranges = ranges
        self._selects_held = selects_held
        self._uses_shared = False
        self._read_only = f"The home {cache.home} can only be read" if cache.is_read_only else ""
        context = CareContext(window, theme, cache, runner, tasks, teller, undo, bus, ranges)
        self._pinning = Pinning(context)
        self._deleting = Deleting(context)
        refetching = Refetching(context, self.fetch_wanted.emit)
        self._evicting = Evicting(context, refetching)
        self._expiring = Expiring(context)
        self._exporting = Exporting(context)
        self._sharing = Sharing(context)
        self._checking = Checking(
            context,
            import_files=actions["data.import"].trigger,
            refetching=refetching,
            open_trash=actions["data.trash"].trigger,
        )
        self.trash = Trashing(context, self._read_only)
        self._quota = Quota(context, keeper, self._evict_by_policy, self._read_only)
        self._connect()
        self._offer_commands()
        self.renew()

    @property
    def quota(self) -> QuotaBar:
        """The bar that shows the room of the cache, for the foot of a list."""
        return self._quota.bar

    def show_statistics(self, sums: Statistics) -> None:
        """Show how the room is shared out now."""
        self._quota.show_statistics(sums)

    def use_shared(self, *, is_used: bool) -> None:
        """Take note of whether a shared cache is used."""
        self._uses_shared = is_used
        self.renew()

    def renew(self) -> None:
        """Say of each action whether it can be done now, and if not what is missing."""
        has_selection = bool(self._ranges())
        for name in (*_OF_SELECTION, *_OF_SHARED):
            self._actions.enable(name, has_selection, "Select a dataset in Data first")
        for name in _OF_SELECTION if has_selection and not self._selects_held() else ():
            self._actions.enable(name, False, "Nothing of it is on this machine: fetch its days first")
        for name in _OF_SHARED if not self._uses_shared else ():
            self._actions.enable(name, False, "The shared cache is set, and not used")
        if self._read_only:
            for name in _CHANGING:
                self._actions.enable(name, False, self._read_only)

    def _connect(self) -> None:
        verbs: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "data.pin": self._pinning.pin,
            "data.unpin": self._pinning.unpin,
            "data.expire": self._expiring.expire,
            "data.delete": self._deleting.delete,
            "data.export": self._exporting.export,
            "data.warm": self._sharing.warm,
            "data.drop": self._sharing.drop,
            "data.verify": self._checking.verify,
            "data.evict": lambda: self._evicting.evict(self._ranges()),
            "data.trash": self.trash.open,
            "data.quota": self._quota.change,
        }
        for name, do in verbs.items():
            self._actions.on(name, partial(self._start, name, do))

    def _start(self, name: str, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.start(do(), name)

    def _evict_by_policy(self) -> None:
        self._tasks.start(self._evicting.evict(()), "evict")

    def _offer_commands(self) -> None:
        offer = self._actions.offer_command
        offer("data.pin", lambda: self._of_selection("pin"))
        offer("data.unpin", lambda: self._of_selection("unpin"))
        offer("data.expire", lambda: self._of_selection("expire", "--at", "TIME"))
        offer("data.delete", lambda: self._of_selection("evict"))
        offer("data.warm", self._warm_command)
        offer("data.drop", lambda: self._of_selection("evict", "--tier", "shared"))
        offer("data.verify", lambda: cache_command("verify", self._ranges()))
        offer("data.evict", self._evict_command)
        offer("data.export", lambda: rows_command(self._ranges()))
        offer("data.trash", lambda: cache_command("trash", ()))
        offer("data.quota", self._quota.command)

    def _of_selection(self, verb: str, *options: str) -> str | None:
        ranges = self._ranges()
        return cache_command(verb, ranges, *options) if ranges else None

    def _warm_command(self) -> str | None:
        ranges = self._ranges()
        return warm_command(ranges, asks_vendor=False) if ranges else None

    def _evict_command(self) -> str:
        ranges = self._ranges()
        return cache_command("evict", ranges, *(["--for-good"] if ranges else []))
