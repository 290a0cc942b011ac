"""The one time zone in which the window shows and reads times, and how times look in it."""

from tickreel_desktop.zone.display import DisplayZone
from tickreel_desktop.zone.label import ZoneLabel

__all__ = ["DisplayZone", "ZoneLabel"]
