"""What is in view of the analyst as chips, each removable, and a button that puts things back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QToolButton, QWidget

from tickreel_desktop.analysis.scope import GROUP_NAMES
from tickreel_desktop.components import Chip, FlowLayout
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.analysis.scope import Scope
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_STAYS = "It stays on this machine: a model is told of a window w1, without name and time"


class ScopeChips(QFrame):
    """Show and change a scope; the chips are exactly what is sent, and what it is about."""

    window_chosen = Signal(str)
    """Another way to choose the window, by its key."""

    def __init__(self, theme: Theme, zone: DisplayZone, scope: Scope, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._scope = scope
        self._shown: list[tuple[str, str]] = []
        self._flow = FlowLayout(self, 0, theme.px(6), fills=False)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        policy.setVerticalPolicy(QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.add_button = QToolButton()
        self.add_button.setText("Add")
        self.add_button.setProperty("kind", "add")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setFixedHeight(theme.px(22))
        self.add_button.setAccessibleName("Add to what is in view, or choose another window")
        theme.bind_icon(self.add_button, "plus", "text_2", 12)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add_button.setMenu(self.menu)
        self._flow.addWidget(self.add_button)
        self._chips: list[Chip] = []
        scope.changed.connect(self._renew)
        zone.changed.connect(self._renew)
        self._renew()

    def texts(self) -> list[str]:
        """Give what the chips say."""
        return [text for text, _ in self._shown]

    def remove(self, text: str) -> None:
        """Take away what a chip says, as its cross does; raises ValueError without such a chip."""
        self._chips[self.texts().index(text)].removed.emit()

    def _wanted(self) -> list[tuple[str, str, Callable[[], None]]]:
        """List what is shown: words, tool-tip, and what takes it away."""
        scope, found = self._scope, list[tuple[str, str, "Callable[[], None]"]]()
        subject = scope.subject
        if subject is None:
            return found
        if scope.has_dataset:
            found.append((subject.name, _STAYS, partial(scope.take_dataset, is_in=False)))
        if scope.has_window:
            clock = self._zone.zone.clock
            text = f"{clock(subject.from_us, 0)} to {clock(subject.to_us, 0)}"
            told = f"{subject.why_here[:1].upper()}{subject.why_here[1:]}. {_STAYS}"
            found.append((text, told, partial(scope.take_window, is_in=False)))
        for group in scope.groups:
            told = "The figures of this group are sent"
            found.append((GROUP_NAMES[group], told, partial(scope.take_group, group, is_in=False)))
        return found

    def _renew(self) -> None:
        wanted = self._wanted()
        shown = [(text, tip) for text, tip, _ in wanted]
        if shown == self._shown:
            return
        has_focus = any(chip.isAncestorOf(focus) for chip in self._chips if (focus := self._focused()))
        self._shown = shown
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for text, tip, take_away in wanted:
            chip = Chip(self._theme, text)
            chip.setToolTip(tip)
            chip.removed.connect(take_away)
            self._flow.insert_before_last(chip)
            self._chips.append(chip)
        if has_focus:
            self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit()

    def _focused(self) -> QWidget | None:
        return self.window().focusWidget()

    def _fill_menu(self) -> None:
        menu, scope = self.menu, self._scope
        menu.clear()
        if not scope.has_dataset and scope.subject is not None:
            menu.addAction(scope.subject.name, partial(scope.take_dataset, is_in=True))
        for group in scope.missing_groups:
            menu.addAction(GROUP_NAMES[group], partial(scope.take_group, group, is_in=True))
        if not menu.isEmpty() and scope.choices:
            menu.addSeparator()
        for choice in scope.choices:
            menu.addAction(choice.text, partial(self._choose, choice.key))

    def _choose(self, key: str) -> None:
        self._scope.take_window(is_in=True)
        self.window_chosen.emit(key)

    def _fit(self) -> None:
        self.setFixedHeight(max(self._flow.heightForWidth(self.width()), self._theme.px(22)))

    def sizeHint(self) -> QSize:
        """Ask for little width: the chips go into as many lines as it takes."""
        return QSize(self._theme.px(200), self.height())

    def minimumSizeHint(self) -> QSize:
        """Need the room of one chip."""
        return QSize(self._theme.px(120), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the width needs."""
        super().resizeEvent(event)
        self._fit()
