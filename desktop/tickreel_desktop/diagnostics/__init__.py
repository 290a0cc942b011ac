"""Diagnostics for support: read first, then saved."""

from tickreel_desktop.diagnostics.dialog import DiagnosticsDialog

__all__ = ["DiagnosticsDialog"]
