"""What happens when something goes wrong that nobody foresaw: a dialog, and a way back after a crash."""

from tickreel_desktop.crash.recovery import RecoveryCard
from tickreel_desktop.crash.reporter import CrashReporter
from tickreel_desktop.crash.session_keeper import SessionKeeper

__all__ = ["CrashReporter", "RecoveryCard", "SessionKeeper"]
