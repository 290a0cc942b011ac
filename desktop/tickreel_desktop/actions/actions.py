"""The actions of one window: what they do, whether they can be done now, and by which keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from tickreel_desktop.actions.spec import MENUS, ActionSpec
from tickreel_desktop.actions.table import ACTIONS
from tickreel_desktop.components.keyboard import sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtWidgets import QMainWindow, QMenu

    from tickreel_desktop.actions.spec import Place
    from tickreel_desktop.theme import Theme


_ROLES = {
    "app.about": QAction.MenuRole.AboutRole,
    "app.quit": QAction.MenuRole.QuitRole,
    "app.settings": QAction.MenuRole.PreferencesRole,
}
"""What macOS puts into the menu of the program; it would go by words and take others along."""


@dataclass(frozen=True, slots=True)
class Doing:
    """An action as it stands now."""

    spec: ActionSpec
    keys: str
    """As the system writes them, empty when it has none."""
    is_possible: bool
    reason: str
    """Why it cannot be done now; empty when it can."""
    command: str | None
    """The command line that does the same, if there is one."""
    is_offered: bool
    """Whether it is in the menus at all."""


class Actions(QObject):
    """Hold a QAction for every row of the table; the window's menus and keys are theirs."""

    keys_changed = Signal()
    """An action has other keys now."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._by_id: dict[str, QAction] = {}
        self._reasons: dict[str, str] = {}
        self._commands: dict[str, Callable[[], str | None]] = {}
        self.menus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, self)
            action.setObjectName(spec.id)
            action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
            action.setCheckable(spec.is_checkable)
            if spec.icon is not None:
                theme.bind_icon(action, spec.icon)
            if spec.choice_of:
                groups.setdefault(spec.choice_of, QActionGroup(self)).addAction(action)
            self._by_id[spec.id] = action
            self._set_keys(spec, spec.shortcut)

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._by_id

    def on(self, action_id: str, do: Callable[[], object]) -> None:
        """Do something when the action is triggered."""
        self._by_id[action_id].triggered.connect(lambda _checked=False: do())

    def offer_command(self, action_id: str, give: Callable[[], str | None]) -> None:
        """Name what gives the command line that does the same as the action, as things stand."""
        self._commands[action_id] = give

    def command(self, action_id: str) -> str | None:
        """Give the command line that does the same as an action, or None."""
        give = self._commands.get(action_id)
        return None if give is None else give()

    def enable(self, action_id: str, is_possible: bool, reason: str = "") -> None:
        """Say whether an action can be done now, and if not, why and what would help."""
        self._reasons[action_id] = "" if is_possible else reason
        action = self._by_id[action_id]
        action.setEnabled(is_possible)
        self._set_tip(self._specs[action_id])

    def offer(self, action_id: str, is_offered: bool) -> None:
        """Put an action into the menus and the palette, or leave it out: what it acts on is not there."""
        self._by_id[action_id].setVisible(is_offered)

    def enable_place(self, place: Place, is_possible: bool, reason: str = "") -> None:
        """Say the same of all actions of a place."""
        for spec in ACTIONS:
            if spec.place is place:
                self.enable(spec.id, is_possible, reason)

    def doings(self) -> list[Doing]:
        """List all actions as they stand now, in the order of the table."""
        return [self.doing(action_id) for action_id in self._by_id]

    def doing(self, action_id: str) -> Doing:
        """Tell how an action stands now."""
        action = self._by_id[action_id]
        return Doing(
            self._specs[action_id],
            action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            action.isEnabled(),
            self._reasons.get(action_id, ""),
            self.command(action_id),
            action.isVisible(),
        )

    def keys(self, action_id: str) -> str:
        """Give the keys of an action, as they are spelt in files; empty when it has none."""
        return self._by_id[action_id].shortcut().toString(QKeySequence.SequenceFormat.PortableText)

    def use_keys(self, own: Mapping[str, str]) -> None:
        """Give actions the keys that the user wants; all others have their first ones again."""
        for spec in ACTIONS:
            self._set_keys(spec, own.get(spec.id, spec.shortcut))
        self.keys_changed.emit()

    def fill(self, window: QMainWindow) -> None:
        """Make the menus of a window, and let the keys work in it."""
        bar = window.menuBar()
        window.addActions(list(self._by_id.values()))
        self.menus = {name: bar.addMenu(name) for name in MENUS}
        for name, menu in self.menus.items():
            _add(menu, (spec for spec in ACTIONS if spec.menu == name), self._by_id)

    def _set_keys(self, spec: ActionSpec, keys: str) -> None:
        self._by_id[spec.id].setShortcuts(sequences(keys))
        self._set_tip(spec)

    def _set_tip(self, spec: ActionSpec) -> None:
        action = self._by_id[spec.id]
        text = spec.tip or spec.name
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = f"{text} ({keys})" if keys else text
        reason = self._reasons.get(spec.id, "")
        action.setToolTip(f"{tip}\n{reason}" if reason else tip)


def _add(menu: QMenu, specs: Iterable[ActionSpec], actions: Mapping[str, QAction]) -> None:
    submenus: dict[str, QMenu] = {}
    for spec in specs:
        if spec.has_line_above:
            menu.addSeparator()
        if spec.submenu and spec.submenu not in submenus:
            submenus[spec.submenu] = menu.addMenu(spec.submenu)
        submenus.get(spec.submenu, menu).addAction(actions[spec.id])
