"""What is in view of the analyst as chips, each removable, and a button that puts things back."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QToolButton, QWidget

from tickreel.analysis import Group
from tickreel.market.time import US_PER_DAY, day_of
from tickreel_desktop.analysis.scope import GROUP_NAMES
from tickreel_desktop.components import Chip, FlowLayout
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import utc_day_text

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.analysis.scope import Scope, Subject
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_STAYS = "It stays on this machine: a model is told of a window w1, without name and time"


class _Shown(NamedTuple):
    """What one chip says."""

    key: str
    text: str
    tip: str


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
        self._shown: list[_Shown] = []
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
        self._chips: dict[str, Chip] = {}
        scope.changed.connect(self._renew)
        zone.changed.connect(self._renew)
        self._renew()

    def texts(self) -> list[str]:
        """Give what the chips say."""
        return [one.text for one in self._shown]

    def remove(self, text: str) -> None:
        """Take away what a chip says, as its cross does; raises ValueError without such a chip."""
        self._chips[self._shown[self.texts().index(text)].key].removed.emit()

    def _wanted(self) -> list[_Shown]:
        """List what is shown."""
        scope, found = self._scope, list[_Shown]()
        subject = scope.subject
        if subject is None:
            return found
        if scope.has_dataset:
            found.append(_Shown("dataset", subject.name, _STAYS))
        if scope.has_window:
            text = self._window_text(subject)
            told = f"{subject.why_here[:1].upper()}{subject.why_here[1:]}. {_STAYS}"
            found.append(_Shown("window", text, told))
        found += [
            _Shown(group, GROUP_NAMES[group], "The figures of this group are sent") for group in scope.groups
        ]
        return found

    def _window_text(self, subject: Subject) -> str:
        """Name a window by its times, a whole day of data by its date, several by the first and the last."""
        if len(subject.spans) > 1:
            first, last = (utc_day_text(day_of(one[0])) for one in (subject.spans[0], subject.spans[-1]))
            return f"{first} to {last}, {len(subject.spans)} windows"
        if (subject.to_us - subject.from_us, subject.from_us % US_PER_DAY) == (US_PER_DAY, 0):
            return utc_day_text(day_of(subject.from_us))
        clock = self._zone.zone.clock
        return f"{clock(subject.from_us, 0)} to {clock(subject.to_us, 0)}"

    def _take_away(self, key: str) -> None:
        match key:
            case "dataset":
                self._scope.take_dataset(is_in=False)
            case "window":
                self._scope.take_window(is_in=False)
            case _:
                self._scope.take_group(Group(key), is_in=False)

    def _renew(self) -> None:
        wanted = self._wanted()
        if [one.key for one in wanted] != [one.key for one in self._shown]:
            self._make(wanted)
        before = {one.key: one for one in self._shown}
        for now in wanted:
            if now != before.get(now.key):  # the window goes along with a replay, twice a second
                self._chips[now.key].set_text(now.text)
                self._chips[now.key].setToolTip(now.tip)
        if wanted != self._shown:
            self._shown = wanted
            self._fit()

    def _make(self, wanted: list[_Shown]) -> None:
        """Have a chip for each, in their order; those that are there already stay."""
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
        before, self._chips = self._chips, {}
        for one in wanted:
            chip = before.pop(one.key) if one.key in before else self._made(one)
            self._flow.insert_before_last(chip)
            self._chips[one.key] = chip
        for first, second in pairwise((*self._chips.values(), self.add_button)):
            self.setTabOrder(first, second)
        focus = self._focused()
        for chip in before.values():
            if focus is not None and chip.isAncestorOf(focus):
                self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
            chip.hide()
            chip.deleteLater()

    def _made(self, one: _Shown) -> Chip:
        chip = Chip(self._theme, one.text)
        chip.removed.connect(partial(self._take_away, one.key))
        return chip

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
