"""Everything that lives as long as the window, in layers that each stand on the one before.

The ground is the bare window and what acts, tells and undoes in it; the rooms stand on it, and the verbs do
things in them. The desk begins it all, and takes it down in order.
"""

from tickreel_desktop.desk.desk import Desk

__all__ = ["Desk"]
