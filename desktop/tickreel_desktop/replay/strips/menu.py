"""The menu of the strips: which are shown, the unit of the spread, its threshold, the levels weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from tickreel_desktop.replay.strips.spread import SpreadUnit
from tickreel_desktop.replay.symbols.comparing import Scale

if TYPE_CHECKING:
    from tickreel_desktop.replay.strips.strips import Strips

LEVELS = (1, 5, 10, 25)
"""How many levels a side can be chosen to be weighed."""
_SCALES = {
    Scale.CHANGE: "Symbols by their change in view",
    Scale.DISTANCE: "Symbols by their distance from the chosen one",
}
_UNITS = {SpreadUnit.PRICE: "Spread in price", SpreadUnit.BPS: "Spread in basis points"}


def strips_menu(strips: Strips) -> QMenu:
    """Make the menu as things are now."""
    menu = QMenu(strips)
    menu.setAccessibleName("Strips")
    for strip in strips.strips:
        shown = menu.addAction(strip.name)
        shown.setCheckable(True)
        shown.setChecked(strip.is_shown)
        shown.setEnabled(strips.can_toggle(strip.kind))
        shown.toggled.connect(lambda is_shown, kind=strip.kind: strips.set_shown(kind, is_shown=is_shown))
    menu.addSeparator()
    units = QActionGroup(menu)
    for unit, text in _UNITS.items():
        chosen = menu.addAction(text)
        chosen.setCheckable(True)
        chosen.setChecked(strips.spread.unit is unit)
        units.addAction(chosen)
        chosen.triggered.connect(lambda _checked, unit=unit: strips.set_unit(unit))
    menu.addAction("Threshold of the spread").triggered.connect(lambda: strips.edit_threshold())
    if strips.symbols.is_shown:
        menu.addSeparator()
        scales = QActionGroup(menu)
        for scale, text in _SCALES.items():
            chosen = menu.addAction(text)
            chosen.setCheckable(True)
            chosen.setChecked(strips.symbols.scale is scale)
            scales.addAction(chosen)
            chosen.triggered.connect(lambda _checked, scale=scale: strips.set_scale(scale))
    menu.addSeparator()
    levels = QActionGroup(menu)
    for count in LEVELS:
        chosen = menu.addAction(f"Imbalance of the best {'level' if count == 1 else f'{count} levels'}")
        chosen.setCheckable(True)
        chosen.setChecked(strips.imbalance.levels == count)
        levels.addAction(chosen)
        chosen.triggered.connect(lambda _checked, count=count: strips.set_levels(count))
    menu.addSeparator()
    menu.addAction("Export the strips...").triggered.connect(lambda: strips.export_wanted.emit())
    return menu
