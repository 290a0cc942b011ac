"""Help inside the program: the pages, what Tickreel is made of, and the shortcuts."""

from tickreel_desktop.help.pages import CONTEXTS
from tickreel_desktop.help.window import HelpWindow

__all__ = ["CONTEXTS", "HelpWindow"]
