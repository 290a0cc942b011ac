"""How long reads take here and downloads take there: half of all, and 99 of 100."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.theme import Role, Theme

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LatencyTable(QFrame):
    """Show p50 and p99 of the local cache and of the origin, or why they are not known."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(9))
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(3))
        grid.addWidget(label("Read latency", Role.CAPTION), 0, 0)
        for column, name in ((1, "p50"), (2, "p99")):
            head = label(name, Role.CAPTION)
            head.setAlignment(_RIGHT)
            grid.addWidget(head, 0, column)
        self._rows = {}
        for row, name in ((1, "Local"), (2, "Origin")):
            half, most, why = label("", Role.VALUE), label("", Role.VALUE), label("", Role.CAPTION)
            for each in (half, most, why):
                each.setAlignment(_RIGHT)
            grid.addWidget(label(name, Role.SECONDARY), row, 0)
            grid.addWidget(half, row, 1)
            grid.addWidget(most, row, 2)
            grid.addWidget(why, row, 1, 1, 2)
            self._rows[name] = (half, most, why)
        grid.setColumnMinimumWidth(1, theme.px(50))
        grid.setColumnMinimumWidth(2, theme.px(50))
        grid.setRowStretch(3, 1)

    def show_row(self, name: str, known: tuple[str, str] | str) -> None:
        """Show the two figures of a row, or in words why there are none."""
        half, most, why = self._rows[name]
        is_known = not isinstance(known, str)
        half.setText(known[0] if is_known else "")
        most.setText(known[1] if is_known else "")
        why.setText("" if is_known else str(known))
        for each in (half, most):
            each.setVisible(is_known)
        why.setVisible(not is_known)

    def text(self) -> str:
        """Give what is shown, in one line."""
        return "; ".join(
            f"{name} {why.text() or f'{half.text()} p50, {most.text()} p99'}"
            for name, (half, most, why) in self._rows.items()
        )
