"""The theme in use: which tokens, at which scale, and the wish to follow the system.

Widgets are given the theme when they are made and ask it for colours, icons
and fonts; there is no global one. Whatever paints itself connects to
:attr:`Theme.changed`; what the style sheet dresses needs nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QToolButton

from tickreel_desktop.theme.focus import KeyboardFocus
from tickreel_desktop.theme.fonts import FontRole, load_fonts, make_font
from tickreel_desktop.theme.icons import Icons
from tickreel_desktop.theme.palette import make_palette
from tickreel_desktop.theme.style import EnlargedStyle, TickreelStyle
from tickreel_desktop.theme.stylesheet import make_stylesheet
from tickreel_desktop.theme.tokens import DARK, LIGHT, ColourName, Tokens

if TYPE_CHECKING:
    from tickreel_resources import IconName

_ICON_ROOM_PX = 3
"""What an icon keeps free beside words; Qt adds the four pixels that it always leaves."""


class ThemeMode(StrEnum):
    """Name what the user may choose."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Theme(QObject):
    """Hold the colours, icons and fonts in use and tell when they change."""

    changed = Signal()
    """The tokens are others now; the style sheet is already in place."""

    def __init__(
        self, mode: ThemeMode = ThemeMode.SYSTEM, scale: float = 1.0, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._scale = scale
        self._system_scheme = QGuiApplication.styleHints().colorScheme()
        self._tokens = self._wanted_tokens()
        self._icons = Icons(self._tokens)
        self._app: QApplication | None = None
        self._style: TickreelStyle | None = None

    @property
    def mode(self) -> ThemeMode:
        """Tell what was chosen."""
        return self._mode

    @property
    def scale(self) -> float:
        """Tell by how much everything is enlarged; fixed for the life of the program."""
        return self._scale

    @property
    def tokens(self) -> Tokens:
        """Give the colours in use."""
        return self._tokens

    def apply(self, app: QApplication) -> None:
        """Dress the application: fonts, style, palette, style sheet, focus ring.

        Call it once, before the first window is made.
        """
        load_fonts(app)
        app.setFont(self.font(FontRole.BODY))
        self._app = app
        style = TickreelStyle if self._scale == 1 else EnlargedStyle
        self._style = style(self._tokens, self._icons, self._scale)
        app.setStyle(self._style)
        self._dress()
        KeyboardFocus(app, lambda: self.colour("accent"), self)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    def set_mode(self, mode: ThemeMode) -> None:
        """Change to dark or light, or follow the system from now on."""
        self._mode = mode
        self._renew()

    def colour(self, name: ColourName) -> QColor:
        """Give a colour for painting."""
        return QColor(self._tokens.colour(name))

    def px(self, length: int) -> int:
        """Give a length that was designed at scale 1, at the scale in use."""
        return round(length * self._scale)

    def font(self, role: FontRole, weight: QFont.Weight | None = None) -> QFont:
        """Give a font for painting; labels take theirs from their role."""
        return make_font(role, self._scale, weight)

    def pixmap(self, name: IconName, colour: ColourName, size: int, ratio: float) -> QPixmap:
        """Draw an icon for a painter whose device has *ratio* device pixels to a pixel."""
        return self._icons.pixmap(name, colour, self.px(size), ratio)

    def icon(
        self,
        name: IconName,
        colour: ColourName = "text_2",
        size: int = 16,
        *,
        on_colour: ColourName | None = None,
        on_name: IconName | None = None,
        room_px: int = 0,
    ) -> QIcon:
        """Make an icon in the colours of now; see :meth:`bind_icon` for one that follows.

        *room_px* is left free at its right, or at its left where it is negative.
        """
        return self._icons.icon(
            name, colour, self.px(size), on_colour=on_colour, on_name=on_name, room_px=room_px
        )

    def bind_icon(
        self,
        target: QAbstractButton | QAction,
        name: IconName,
        colour: ColourName = "text_2",
        size: int = 16,
        *,
        on_colour: ColourName | None = None,
        on_name: IconName | None = None,
    ) -> None:
        """Give a button or an action an icon that follows the theme; binding again replaces it.

        A button that has words beside the icon has them by then, and they keep their distance.
        """
        before = target.findChild(_IconBinding, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if before is not None:
            before.setParent(None)
        _IconBinding(self, target, name, colour, size, on_colour, on_name)

    def _wanted_tokens(self) -> Tokens:
        match self._mode:
            case ThemeMode.DARK:
                return DARK
            case ThemeMode.LIGHT:
                return LIGHT
            case ThemeMode.SYSTEM:
                return LIGHT if self._system_scheme == Qt.ColorScheme.Light else DARK

    def _on_system_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system_scheme = scheme
        self._renew()

    def _renew(self) -> None:
        tokens = self._wanted_tokens()
        if tokens is self._tokens:
            return
        self._tokens = tokens
        self._icons.use(tokens)
        if self._style is not None:
            self._style.use(tokens)
            self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        if self._app is not None:
            self._app.setPalette(make_palette(self._tokens))
            self._app.setStyleSheet(make_stylesheet(self._tokens, self._scale))


class _IconBinding(QObject):
    """Renew the icon of its parent at each change of the theme, for as long as the parent lives."""

    def __init__(
        self,
        theme: Theme,
        target: QAbstractButton | QAction,
        name: IconName,
        colour: ColourName,
        size: int,
        on_colour: ColourName | None,
        on_name: IconName | None,
    ) -> None:
        super().__init__(target)
        self._theme = theme
        self._target = target
        self._look = (name, colour, size)
        self._on_colour = on_colour
        self._on_name = on_name
        self._room_px = theme.px(_ICON_ROOM_PX) * _side_of_text(target)
        if isinstance(target, QAbstractButton):
            side = theme.px(size)
            target.setIconSize(QSize(side + abs(self._room_px), side))
        theme.changed.connect(self._renew)
        self._renew()

    def _renew(self) -> None:
        name, colour, size = self._look
        icon = self._theme.icon(
            name, colour, size, on_colour=self._on_colour, on_name=self._on_name, room_px=self._room_px
        )
        self._target.setIcon(icon)


def _side_of_text(target: QAbstractButton | QAction) -> int:
    """Tell where words stand beside the icon: 1 at its right, -1 at its left, 0 if there are none."""
    if isinstance(target, QToolButton):
        has_words = target.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    else:
        has_words = isinstance(target, QPushButton) and bool(target.text())
    if isinstance(target, QAction) or not has_words:
        return 0
    return -1 if target.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
