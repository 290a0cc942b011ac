"""The model of all recorded days, flat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel_desktop.data.columns import DAY_COLUMNS
from tickreel_desktop.data.listing import NOTHING
from tickreel_desktop.data.model import DatasetRole, ListingModel, gravity

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from tickreel.store import Day


class DaysTableModel(ListingModel):
    """Show every recorded day of every dataset."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(DAY_COLUMNS, NOTHING.days, parent)

    def _own(self, place: int, column: int, role: int) -> Any:
        day: Day = self.listing.rows[place]
        match role:
            case DatasetRole.STATE:
                return day.state
            case DatasetRole.GRADE:
                return gravity(day.grade)  # the state has a column of its own
            case DatasetRole.PINNED:
                return day.pinned
            case _:
                return None
