"""The card that serves replays to other programs: where, to whom, and how to ask."""

from tickreel_desktop.serving.dialog import ServeDialog, ServeState
from tickreel_desktop.serving.snippets import SNIPPETS, Example, snippet

__all__ = ["SNIPPETS", "Example", "ServeDialog", "ServeState", "snippet"]
