"""The bar of the Data workspace: what brings data first, what is done with the chosen next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QMenu, QToolButton, QWidget

from tickreel_desktop.components import ButtonKind, WordedButton, button, tool_button
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction, QResizeEvent

_HEIGHT_PX = 40
_GAP_PX = 4


class DataToolbar(QFrame):
    """Offer actions; where there is too little room words go first, then actions move into a menu."""

    fetch_requested = Signal()
    import_requested = Signal()

    def __init__(self, theme: Theme, opener: QAction, copier: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self._theme = theme
        self.fetch_button = button(theme, "Fetch days", ButtonKind.PRIMARY, icon="download-simple")
        self.fetch_button.setToolTip("Plan and fetch days from Tardis.dev")
        self.fetch_button.clicked.connect(lambda: self.fetch_requested.emit())
        self.fetch_button.hide()
        self._import = button(theme, "Import files", ButtonKind.PRIMARY, icon="upload-simple")
        self._import.setToolTip("Import vendor CSV files; they may also be dropped here")
        self._import.clicked.connect(lambda: self.import_requested.emit())
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedSize(1, theme.px(20))
        self._more = tool_button(theme, "dots-three", "More actions")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more_menu = QMenu(self._more)
        self._more.setMenu(self._more_menu)
        self._copy = WordedButton(theme, copier, self)
        self._buttons = [WordedButton(theme, opener, self)]
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(12), 0, theme.px(8), 1)
        self._row.setSpacing(theme.px(_GAP_PX))
        # The bar gives way itself: its buttons never keep the window wide.
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addWidget(self.fetch_button)
        self._row.addSpacing(theme.px(4))
        self._row.addWidget(self._import)
        self._row.addSpacing(theme.px(6))
        self._row.addWidget(line)
        self._row.addSpacing(theme.px(2))
        self._row.addWidget(self._buttons[0])
        self._first_place = self._row.count()
        self._row.addWidget(self._more)
        self._row.addStretch(1)
        self._row.addWidget(self._copy)
        self._fit()

    def offer_fetch(self) -> None:
        """Let days be fetched from here; that is then what the bar asks for first."""
        self.fetch_button.show()
        set_style_property(self._import, "kind", ButtonKind.PLAIN.value)
        self._theme.bind_icon(self._import, "upload-simple", "text", 14)
        self._fit()

    def set_actions(self, actions: Iterable[QAction]) -> None:
        """Show these actions after the first one, from the left."""
        for made in self._buttons[1:]:
            self._row.removeWidget(made)
            made.deleteLater()
        self._buttons[1:] = [WordedButton(self._theme, action, self) for action in actions]
        for place, made in enumerate(self._buttons[1:]):
            self._row.insertWidget(self._first_place + place, made)
        self._fit()

    def _fit(self) -> None:
        """Show as many words and buttons as there is room for."""
        gap = self._row.spacing()
        brings = [each for each in (self.fetch_button, self._import) if not each.isHidden()]
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self._theme.px(12) - 4 * gap
        room -= sum(each.sizeHint().width() + gap for each in brings)
        flat = [*self._buttons, self._copy]
        worded = self._widths(flat, Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bare = self._widths(flat, Qt.ToolButtonStyle.ToolButtonIconOnly)
        has_words = sum(worded) + gap * len(flat) <= room
        # "Copy as command" keeps its word as long as its own is the only one.
        copy_is_worded = has_words or sum(bare[:-1]) + worded[-1] + gap * len(flat) <= room
        room -= (worded if copy_is_worded else bare)[-1] + gap
        shown = len(self._buttons)
        widths = worded if has_words else bare
        if sum(widths[:-1]) + gap * shown > room:
            room -= self._more.width() + gap
            while shown and sum(widths[:shown]) + gap * shown > room:
                shown -= 1
        for place, made in enumerate(self._buttons):
            made.setToolButtonStyle(_style(is_worded=has_words))
            made.setVisible(place < shown)
        self._copy.setToolButtonStyle(_style(is_worded=copy_is_worded))
        self._more.setVisible(shown < len(self._buttons))
        self._more_menu.clear()
        self._more_menu.addActions([made.defaultAction() for made in self._buttons[shown:]])

    def _widths(self, buttons: list[WordedButton], style: Qt.ToolButtonStyle) -> list[int]:
        widths = []
        for each in buttons:
            each.setToolButtonStyle(style)
            widths.append(each.sizeHint().width())
        return widths

    def minimumSizeHint(self) -> QSize:
        """Need room for what brings data, and the menu of the rest."""
        wide = sum(
            each.sizeHint().width() for each in (self.fetch_button, self._import) if not each.isHidden()
        )
        return QSize(wide + self._theme.px(110), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the buttons in."""
        super().resizeEvent(event)
        self._fit()


def _style(*, is_worded: bool) -> Qt.ToolButtonStyle:
    style = Qt.ToolButtonStyle
    return style.ToolButtonTextBesideIcon if is_worded else style.ToolButtonIconOnly
