"""The head of the detail: which dataset, who pins it, and its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel.store.care.pins import BY_HAND
from tickreel_desktop.components import Tag, Tone, label
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.data.detail.figures import Figures
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel_desktop.data.rows import DatasetRow


class DetailHead(QFrame):
    """Name a dataset and sum it up."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self._theme = theme
        self._symbol = label("", Role.TITLE)
        self._type = ElidedLabel()
        set_role(self._type, Role.SECONDARY)
        self._pin = Tag("", Tone.ACCENT)
        self._pin.hide()
        self.figures = Figures(theme)
        names = QHBoxLayout()
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(theme.px(8))
        names.addWidget(self._symbol)
        names.addWidget(self._type, 1)
        names.addWidget(self._pin, 0, Qt.AlignmentFlag.AlignVCenter)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._body.addLayout(names, 1)
        self._body.addWidget(self.figures)
        self._is_wide = False
        self.set_wide(False)

    def set_wide(self, wide: bool) -> None:
        """Stand in one line, where there is width and little height."""
        theme = self._theme
        self._is_wide = wide
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._body.setDirection(direction)
        self._body.setSpacing(theme.px(24 if wide else 6))
        edge = theme.px(4 if wide else 9)
        self._body.setContentsMargins(theme.px(12), edge, theme.px(12), edge + 1)

    def show_row(self, row: DatasetRow) -> None:
        """Name another dataset, or the same one as it stands now."""
        self._symbol.setText(row.key.symbol)
        kind = row.key.type.value
        self._type.setText(f"{kind}, {row.key.exchange}" if self._is_wide else kind)
        self.figures.show_rows((row,))

    def show_holders(self, holders: Mapping[str, int]) -> None:
        """Say who pins days of it."""
        words = [
            f"{'by hand' if holder == BY_HAND else f'by {holder}'}: {format_full(days)} "
            f"{'day' if days == 1 else 'days'}"
            for holder, days in holders.items()
        ]
        names = ["hand" if holder == BY_HAND else holder for holder in holders]
        text = names[0] if len(names) == 1 else f"{len(names)} holders"
        self._pin.setText(f"pinned by {text}")
        self._pin.setToolTip("Pinned days never leave by themselves; " + ", ".join(words))
        self._pin.setVisible(bool(holders))
