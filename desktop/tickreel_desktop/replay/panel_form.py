"""Which panels a replay shows, as boxes to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.replay.panel_choice import FIRST_SHOWN, PANELS, STRIPS
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from tickreel_desktop.replay.panel_choice import PanelChoice
    from tickreel_desktop.theme import Theme


class PanelForm(QWidget):
    """Hold which panels are shown; one strip is always left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes = {str(key): QCheckBox(name) for key, name in (PANELS | STRIPS).items()}
        self._strips = [self.boxes[kind] for kind in STRIPS]
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(4))
        for number, box in enumerate(self.boxes.values()):
            box.toggled.connect(lambda _checked: self._hold_last_strip())
            grid.addWidget(box, *divmod(number, 2))
        for side in (0, 1):
            grid.setColumnStretch(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(label("Panels", Role.SECTION))
        column.addLayout(grid)
        self.take(FIRST_SHOWN)

    def take(self, choice: PanelChoice) -> None:
        """Check what is shown."""
        for key, box in self.boxes.items():
            box.setChecked(key in choice)

    def choice(self) -> PanelChoice:
        """Give what is checked."""
        return frozenset(key for key, box in self.boxes.items() if box.isChecked())

    def _hold_last_strip(self) -> None:
        checked = [box for box in self._strips if box.isChecked()]
        for box in self._strips:
            is_last = checked == [box]
            box.setEnabled(not is_last)
            box.setToolTip("One strip is always shown" if is_last else "")
