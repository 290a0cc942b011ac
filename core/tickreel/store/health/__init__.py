"""Health of a day: what its rows tell of the feed that made them."""

from tickreel.store.health.model import Health, Interval, Kind
from tickreel.store.health.watch import DayWatch, health_of

__all__ = ["DayWatch", "Health", "Interval", "Kind", "health_of"]
