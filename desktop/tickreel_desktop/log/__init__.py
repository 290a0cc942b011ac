"""The Log panel: what the program did, as it does it."""

from tickreel_desktop.log.panel import LogPanel

__all__ = ["LogPanel"]
