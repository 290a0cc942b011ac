"""The one table of actions: menus, tool bars and shortcuts are made from it and from nothing else.

Every action's object name is its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow, QMenu

    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing that can be done; its place in the table is its place in its menu."""

    id: str
    text: str
    menu: str
    icon: IconName | None = None
    shortcut: str = ""
    tip: str = ""
    is_checkable: bool = False
    choice_of: str = ""
    """Name of the group of which exactly one is checked."""
    has_line_above: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "data.import", "Import files...", "File", "upload-simple", "Ctrl+O", "Import vendor CSV files"
    ),
    ActionSpec(
        "data.sample", "Open sample", "File", "play-circle", "", "Make the simulated sample and open it"
    ),
    ActionSpec("app.quit", "Quit", "File", None, "Ctrl+Q", has_line_above=True),
    ActionSpec("view.system", "Theme of the system", "View", None, is_checkable=True, choice_of="theme"),
    ActionSpec("view.dark", "Dark theme", "View", None, is_checkable=True, choice_of="theme"),
    ActionSpec("view.light", "Light theme", "View", None, is_checkable=True, choice_of="theme"),
    ActionSpec(
        "data.replay",
        "Open in Replay...",
        "Replay",
        "play-circle",
        "",
        "Set up a replay of the selected dataset",
    ),
    ActionSpec("replay.play", "Play or pause", "Replay", "play", "Space", has_line_above=True),
    ActionSpec("replay.slower", "Half the speed", "Replay", None, "["),
    ActionSpec("replay.faster", "Double the speed", "Replay", None, "]"),
    ActionSpec("replay.back", "Back 30 s", "Replay", "skip-back", "J", has_line_above=True),
    ActionSpec("replay.forward", "Forward 30 s", "Replay", "skip-forward", "L"),
    ActionSpec("replay.start", "To the start", "Replay", None, "Home"),
    ActionSpec("replay.goto", "Go to a time...", "Replay", "clock", "G"),
    ActionSpec(
        "replay.command", "Copy as command", "Replay", "terminal-window", "Ctrl+Shift+C", has_line_above=True
    ),
    ActionSpec("replay.link", "Copy link to this moment", "Replay", "link"),
    ActionSpec("workspace.data", "Data", "Window", None, "Ctrl+1", is_checkable=True),
    ActionSpec("workspace.replay", "Replay", "Window", None, "Ctrl+2", is_checkable=True),
    ActionSpec(
        "panel.analysis",
        "Analysis",
        "Window",
        None,
        "Ctrl+Shift+A",
        "Show or hide what the book says",
        is_checkable=True,
        has_line_above=True,
    ),
    ActionSpec("app.about", "About Tickreel", "Help", "info"),
)
_MENUS = ("File", "View", "Replay", "Window", "Help")


class Actions:
    """The actions of one window."""

    def __init__(self, theme: Theme) -> None:
        self._owner = QObject()
        self._by_id: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, self._owner)
            action.setObjectName(spec.id)
            action.setToolTip(_tip(spec))
            action.setCheckable(spec.is_checkable)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            if spec.icon is not None:
                theme.bind_icon(action, spec.icon)
            if spec.choice_of:
                group = groups.setdefault(spec.choice_of, QActionGroup(self._owner))
                group.addAction(action)
            self._by_id[spec.id] = action

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def on(self, action_id: str, do: Callable[[], object]) -> None:
        """Do something when the action is triggered."""
        self._by_id[action_id].triggered.connect(lambda _checked=False: do())

    def enable(self, prefix: str, is_enabled: bool) -> None:
        """Switch all actions whose id begins with *prefix* on or off."""
        for action_id, action in self._by_id.items():
            if action_id.startswith(prefix):
                action.setEnabled(is_enabled)

    def fill(self, window: QMainWindow) -> None:
        """Make the menus of a window, and let the shortcuts work in it."""
        bar = window.menuBar()
        window.addActions(list(self._by_id.values()))
        menus: dict[str, QMenu] = {name: bar.addMenu(name) for name in _MENUS}
        for spec in ACTIONS:
            if spec.has_line_above:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self._by_id[spec.id])


def _tip(spec: ActionSpec) -> str:
    text = spec.tip or spec.text.rstrip(".")
    return f"{text} ({spec.shortcut})" if spec.shortcut else text
