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
        self._where_column = self.column_of("where")

    def _spoken(self, place: int, column: int) -> str:
        if column == self._where_column and (where := self._own(place, column, DatasetRole.WHERE)):
            return str(where.words())
        return super()._spoken(place, column)

    def _own(self, place: int, column: int, role: int) -> Any:
        day: Day = self.listing.rows[place]
        match role:
            case DatasetRole.STATE:
                return day.state
            case DatasetRole.GRADE:
                return gravity(day.grade)  # the state has a column of its own
            case DatasetRole.WHERE:
                return self._where(place, int(day.state.is_held), 1)
            case DatasetRole.PINNED:
                return day.pinned
            case _:
                return None
