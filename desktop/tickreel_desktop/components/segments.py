"""A choice of few, all in view: one control, one stop of the Tab key, arrows inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from tickreel_desktop.theme import FontRole, Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Segment:
    """Pair what a choice means to the program with what it says."""

    key: str
    text: str


class Segments(QFrame):
    """Let the user choose one of a few words."""

    chosen = Signal(str)
    """The user chose this key; not sent for :meth:`choose`."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        segments: Sequence[Segment],
        *,
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        set_role(self, Role.SEGMENTS)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        height = theme.px(22 if small else 26)
        self.setFixedHeight(height)
        self._theme = theme
        self._name = name
        for segment in segments:
            made = _SegmentButton(segment.text, self)
            made.setProperty("place", "last" if segment is segments[-1] else "")
            made.setMinimumHeight(height - 2)
            self._word(made, segment.text)
            made.setMaximumHeight(height - 2)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(made)
            self._buttons[segment.key] = made
            row.addWidget(made, 1)
        self._group.buttonToggled.connect(_take_tab_stop)
        self._group.buttonClicked.connect(self._on_clicked)
        self._buttons[segments[0].key].setChecked(True)

    def value(self) -> str:
        """Give the key that is chosen."""
        return next(key for key, made in self._buttons.items() if made.isChecked())

    def choose(self, key: str) -> None:
        """Show another choice without telling anyone."""
        self._buttons[key].setChecked(True)

    def set_text(self, key: str, text: str) -> None:
        """Name a choice anew, for one that counts."""
        if self._buttons[key].text() != text:
            self._word(self._buttons[key], text)

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or leave out a choice, for one that has no room; it may still be the one that is chosen."""
        self._buttons[key].setVisible(shown)
        left = [made for made in self._buttons.values() if not made.isHidden()]
        for made in left:
            set_style_property(made, "place", "last" if made is left[-1] else "")
        self._row.invalidate()
        self.updateGeometry()

    def _word(self, made: QToolButton, text: str) -> None:
        made.setText(text)
        made.setAccessibleName(f"{self._name}: {text}")
        # As wide as its bold text, so that choosing does not move the neighbours.
        font = self._theme.font(FontRole.BODY, QFont.Weight.DemiBold)
        made.setMinimumWidth(QFontMetrics(font).horizontalAdvance(text) + self._theme.px(20))

    def _on_clicked(self, button: QAbstractButton) -> None:
        self.chosen.emit(next(key for key, made in self._buttons.items() if made is button))


def _take_tab_stop(button: QAbstractButton, checked: bool) -> None:
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if checked else Qt.FocusPolicy.ClickFocus)


class _SegmentButton(QToolButton):
    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        set_role(self, Role.SEGMENT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the first or last choice; Qt's exclusive group knows the arrows."""
        ends = {Qt.Key.Key_Home.value: 0, Qt.Key.Key_End.value: -1}
        if event.key() in ends:
            target = [made for made in self.group().buttons() if not made.isHidden()][ends[event.key()]]
            target.setFocus(Qt.FocusReason.TabFocusReason)
            target.click()
        else:
            super().keyPressEvent(event)
