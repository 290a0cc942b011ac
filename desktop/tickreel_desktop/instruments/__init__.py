"""What is known of instruments, looked at and changed: each fact with who says so."""

from tickreel_desktop.instruments.dialog import InstrumentsDialog
from tickreel_desktop.instruments.keeper import InstrumentKeeper

__all__ = ["InstrumentKeeper", "InstrumentsDialog"]
