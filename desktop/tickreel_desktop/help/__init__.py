"""Help inside the program: the pages, what Tickreel is made of, and the shortcuts."""

from tickreel_desktop.help.about import AboutDialog
from tickreel_desktop.help.pages import CONTEXTS, load_pages, place_of, place_of_error
from tickreel_desktop.help.shortcut_group import ShortcutRow
from tickreel_desktop.help.shortcut_sheet import ShortcutSheet
from tickreel_desktop.help.window import HelpWindow

__all__ = [
    "CONTEXTS",
    "AboutDialog",
    "HelpWindow",
    "ShortcutRow",
    "ShortcutSheet",
    "load_pages",
    "place_of",
    "place_of_error",
]
