"""What all else of a window stands on: the window itself, and what acts, tells, undoes and watches in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.events import Bus
from tickreel_desktop.actions import Actions, Shortcuts
from tickreel_desktop.crash import CrashReporter
from tickreel_desktop.frame import LayoutBook, MainWindow
from tickreel_desktop.responsiveness import Responsiveness
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.telling import Teller
from tickreel_desktop.undo import Undo

if TYPE_CHECKING:
    from tickreel.store import Cache
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class Ground:
    """The window while nothing stands in it yet."""

    def __init__(self, cache: Cache, theme: Theme, zone: DisplayZone) -> None:
        """Make the window, and what acts, tells, undoes and watches in it."""
        self.cache = cache
        self.theme = theme
        self.zone = zone
        self.bus = Bus()
        self.responsiveness = Responsiveness()
        self.actions = Actions(theme)
        self.window = MainWindow(theme, zone, self.actions)
        self.crashes = CrashReporter(theme, self.window, parent=self.window)
        self.teller = Teller(self.window.toasts, self.crashes)
        self.tasks = Tasks(self.teller.error)
        self.undo = Undo(self.tasks, self.window.toasts, self.teller.error, self.window)
        self.undo.bind(self.actions["edit.undo"], self.actions["edit.redo"])
        self.shortcuts = Shortcuts(cache.home)
        self.layouts = LayoutBook(cache.home)
