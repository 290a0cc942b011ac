"""Settings: what there is to set, where each value comes from, and the folder that holds it all.

Lowest to highest: default, user file, environment, command line; a machine policy file
stands above all of them and locks what it names.
"""

from __future__ import annotations

from tickreel.settings.file import save
from tickreel.settings.home import home_dir
from tickreel.settings.load import LoadedSettings, Origin, Source, load
from tickreel.settings.places import machine_policy_path, settings_path
from tickreel.settings.table import SECTIONS, SETTINGS, Kind, Section, Setting, setting
from tickreel.settings.tree import (
    Appearance,
    BacktestSettings,
    EvictionPolicy,
    FetchSettings,
    LlmSettings,
    LogLevel,
    Logs,
    NetworkSettings,
    Replay,
    Settings,
    SharedSettings,
    StoreSettings,
    Tardis,
    Theme,
    Tiers,
    UpdateSettings,
    value_of,
)
from tickreel.settings.words import text_of, value_of_text

__all__ = [
    "SECTIONS",
    "SETTINGS",
    "Appearance",
    "BacktestSettings",
    "EvictionPolicy",
    "FetchSettings",
    "Kind",
    "LlmSettings",
    "LoadedSettings",
    "LogLevel",
    "Logs",
    "NetworkSettings",
    "Origin",
    "Replay",
    "Section",
    "Setting",
    "Settings",
    "SharedSettings",
    "Source",
    "StoreSettings",
    "Tardis",
    "Theme",
    "Tiers",
    "UpdateSettings",
    "home_dir",
    "load",
    "machine_policy_path",
    "save",
    "setting",
    "settings_path",
    "text_of",
    "value_of",
    "value_of_text",
]
