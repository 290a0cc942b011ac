"""The display zone: one object that is given to whatever shows or reads times."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QTimeZone, Signal

from tickreel.errors import UsageError
from tickreel.market.zone import UTC_ZONE, Zone
from tickreel.settings.zones import SYSTEM_NAME

_LOGGER = logging.getLogger(__name__)


class DisplayZone(QObject):
    """Hold the zone in use and tell when it is another one; the times that are shown stay the same."""

    changed = Signal()
    """Everything that shows a time has to be labelled anew."""

    def __init__(self, name: str = "UTC", parent: QObject | None = None) -> None:
        """Take a zone by the value of its setting: an IANA name, or ``system``.

        Raises:
            UsageError: as :meth:`set_name`.
        """
        super().__init__(parent)
        self._zone = _zone_of(name)

    @property
    def zone(self) -> Zone:
        """Give the zone in use."""
        return self._zone

    @property
    def name(self) -> str:
        """Name the zone in use: ``UTC``, ``Europe/London``."""
        return self._zone.name

    def set_name(self, name: str) -> None:
        """Change to another zone: an IANA name, or ``system``.

        Raises:
            UsageError: there is no zone of that name on this machine.
        """
        zone = _zone_of(name)
        if zone != self._zone:
            self._zone = zone
            self.changed.emit()


def _zone_of(name: str) -> Zone:
    if name != SYSTEM_NAME:
        return Zone.named(name)
    system = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    try:
        return Zone.named(system)
    except UsageError:
        # A machine without a zone, or with one that only it knows, is no reason not to start.
        _LOGGER.warning("the time zone of this system, %r, is not known; times are shown in UTC", system)
        return UTC_ZONE
