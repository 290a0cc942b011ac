"""The controls of the ladder in the title of its dock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.components import tool_button

if TYPE_CHECKING:
    from tickreel_desktop.replay.ladder.view import LadderView
    from tickreel_desktop.theme import Theme

TRADED_WINDOWS: dict[str, int | None] = {
    "All that was played": None,
    "Last minute": 60 * US_PER_SECOND,
    "Last 5 minutes": 300 * US_PER_SECOND,
    "Last 15 minutes": 900 * US_PER_SECOND,
    "Last hour": 3600 * US_PER_SECOND,
}


def make_tools(theme: Theme, ladder: LadderView) -> tuple[QToolButton, ...]:
    """Make what locks the rows, what empties the column of trades, and the menu of the rest."""
    lock = tool_button(
        theme, "lock-simple-open", "Lock the rows in their places (K)", on_icon="lock-simple", checkable=True
    )
    lock.toggled.connect(lambda is_on: ladder.set_locked(is_locked=is_on))
    ladder.locked_changed.connect(lock.setChecked)
    reset = tool_button(theme, "arrow-counter-clockwise", "Count what is traded from now on")
    reset.clicked.connect(ladder.reset_traded)
    more = tool_button(theme, "dots-three-vertical", "More of the ladder")
    more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    more.setMenu(_menu(ladder, more))
    return lock, reset, more


def _menu(ladder: LadderView, button: QToolButton) -> QMenu:
    menu = QMenu(button)
    centre = menu.addAction("Centre on the spread\tHome")
    centre.triggered.connect(ladder.centre)
    compact = menu.addAction("Compact rows")
    compact.setCheckable(True)
    compact.toggled.connect(lambda is_on: ladder.set_compact(is_compact=is_on))
    menu.addAction("Export the ladder...").triggered.connect(lambda: ladder.export_wanted.emit())
    menu.addSeparator()
    windows = QActionGroup(menu)
    menu.addAction("Traded").setEnabled(False)
    for text, window_us in TRADED_WINDOWS.items():
        made = QAction(text, windows)
        made.setCheckable(True)
        made.setChecked(window_us is None)
        made.triggered.connect(partial(_on_window_chosen, ladder, window_us))
        menu.addAction(made)
    return menu


def _on_window_chosen(ladder: LadderView, window_us: int | None, _checked: bool) -> None:
    ladder.set_traded_window(window_us)
