"""The settings dialog, made from the table of settings in the core."""

from tickreel_desktop.settings.dialog import SettingsDialog
from tickreel_desktop.settings.keeper import SettingsChange, SettingsKeeper

__all__ = ["SettingsChange", "SettingsDialog", "SettingsKeeper"]
