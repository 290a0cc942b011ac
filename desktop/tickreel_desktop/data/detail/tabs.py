"""The tabs of the detail, of which one carries the number of days that want to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QTabBar, QTabWidget, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import Tag, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

HEALTH = "Health"


class DetailTabs(QTabWidget):
    """Show pages by their names."""

    def __init__(self, pages: Iterable[tuple[str, QWidget]]) -> None:
        super().__init__()
        for place, (name, page) in enumerate(pages):
            self.addTab(page, name)
            if name == HEALTH:
                self._health = place
        self.tabBar().setExpanding(False)
        self.tabBar().setAccessibleName("Parts of the detail")

    def show_badge(self, count: int) -> None:
        """Tell how many days have health notes or are damaged."""
        days = "1 day" if count == 1 else f"{format_full(count)} days"
        tip = f"{days} with health notes or damaged" if count else "No day has health notes"
        bar, right = self.tabBar(), QTabBar.ButtonPosition.RightSide
        bar.setTabToolTip(self._health, tip)
        # The bar makes room for a badge when it is given one, not when it grows.
        before = bar.tabButton(self._health, right)
        if before is not None:
            before.hide()
            before.deleteLater()
        badge = Tag(format_full(count), Tone.WARNING) if count else None
        if badge is not None:
            badge.setToolTip(tip)
            badge.adjustSize()
        bar.setTabButton(self._health, right, badge)


def scrolled(page: QWidget) -> QScrollArea:
    """Let a page be scrolled down where there is little height."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
