"""The look of Tickreel: colours, type, icons, style and focus, all from one table of tokens."""

from tickreel_desktop.theme.fonts import FontRole
from tickreel_desktop.theme.roles import Role, set_role
from tickreel_desktop.theme.theme import Theme, ThemeMode
from tickreel_desktop.theme.tokens import ColourName, Tokens

__all__ = ["ColourName", "FontRole", "Role", "Theme", "ThemeMode", "Tokens", "set_role"]
