"""One cell of the status bar: an icon, a word, a figure, perhaps a bar; pressing it leads to more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.components.progress_bar import BarState, ProgressBar
from tickreel_desktop.theme import Role, Theme
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_resources import IconName

_HEIGHT_PX = 24
_BAR_PX = 60


class StatusItem(QPushButton):
    """Show one figure that is always of interest."""

    def __init__(
        self, theme: Theme, icon: IconName, caption: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._caption = caption
        self._is_bare = False
        self._explanation = ""
        self.setProperty("kind", "status")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # A bar would take all the room there is, and part the caption from its figure.
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._caption_label = label(caption, Role.CAPTION)
        self._bar = ProgressBar(caption)
        self._bar.setFixedWidth(theme.px(_BAR_PX))
        self._bar.hide()
        self._text = label("", Role.STATUS)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        row.setSpacing(theme.px(6))
        row.addWidget(IconLabel(theme, icon, "text_3", 14))
        for part in (self._caption_label, self._bar, self._text):
            row.addWidget(part)
        self._caption_label.setVisible(bool(caption))
        for each in self.findChildren(QWidget):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def text(self) -> str:
        """Give what is shown, in one line."""
        return " ".join(part for part in (self._caption, self._text.text()) if part)

    def tell(self, text: str, explanation: str = "") -> None:
        """Show a figure; *explanation* is its tool-tip."""
        self._text.setText(text)
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(explanation)
        self._explanation = explanation
        self._tell_tool_tip()
        self.updateGeometry()

    def _tell_tool_tip(self) -> None:
        figure = f"{self.text()}\n" if self._is_bare else ""
        self.setToolTip(f"{figure}{self._explanation}")

    def set_bare(self, *, is_bare: bool) -> None:
        """Show the icon alone, and leave the figure to the tool-tip."""
        self._caption_label.setVisible(not is_bare and bool(self._caption))
        self._text.setVisible(not is_bare)
        self._is_bare = is_bare
        self._tell_tool_tip()
        self.updateGeometry()

    def show_part(self, fraction: float | None, state: BarState = BarState.MOVING) -> None:
        """Show how much of a whole it is; None shows no bar."""
        self._bar.setVisible(fraction is not None)
        if fraction is not None:
            self._bar.set_fraction(fraction, state)

    def set_alarmed(self, is_alarmed: bool) -> None:
        """Colour the figure as a warning; the words say which."""
        set_style_property(self._text, "tone", "warning" if is_alarmed else "")

    def sizeHint(self) -> QSize:
        """Ask for the room of the content: a push button would count its own, empty text."""
        return QSize(self._row.sizeHint().width(), self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Ask for all of it."""
        return self.sizeHint()
