"""The command palette: one field from which everything can be done and every moment be reached."""

from tickreel_desktop.palette.candidates import Candidate, Provider
from tickreel_desktop.palette.dialog import Palette

__all__ = ["Candidate", "Palette", "Provider"]
