"""How long reads take here, and days take from a shared cache or the vendor: half of all, and 99 of 100."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.theme import Role, Theme

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LatencyTable(QFrame):
    """Show p50 and p99 of the local cache, of a shared one that is used, and of the origin; or why not."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = grid = QGridLayout(self)
        grid.setHorizontalSpacing(theme.px(16))
        grid.addWidget(label("Read latency", Role.CAPTION), 0, 0)
        for column, name in ((1, "p50"), (2, "p99")):
            head = label(name, Role.CAPTION)
            head.setAlignment(_RIGHT)
            grid.addWidget(head, 0, column)
        self._names: dict[str, QWidget] = {}
        self._rows: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        for row, name in enumerate(("Local", "Shared", "Origin"), 1):
            half, most, why = label("", Role.VALUE), label("", Role.VALUE), label("", Role.CAPTION)
            for each in (half, most, why):
                each.setAlignment(_RIGHT)
            self._names[name] = head = label(name, Role.SECONDARY)
            grid.addWidget(head, row, 0)
            grid.addWidget(half, row, 1)
            grid.addWidget(most, row, 2)
            grid.addWidget(why, row, 1, 1, 2)
            self._rows[name] = (half, most, why)
        grid.setColumnMinimumWidth(1, theme.px(50))
        grid.setColumnMinimumWidth(2, theme.px(50))
        grid.setRowStretch(4, 1)
        self._fit(rows=2)

    def show_row(self, name: str, known: tuple[str, str] | str | None) -> None:
        """Show the two figures of a row, or in words why there are none; None hides it."""
        half, most, why = self._rows[name]
        figures = known if isinstance(known, tuple) else ("", "")
        half.setText(figures[0])
        most.setText(figures[1])
        why.setText(known if isinstance(known, str) else "")
        self._names[name].setVisible(known is not None)
        for each in (half, most):
            each.setVisible(isinstance(known, tuple))
        why.setVisible(isinstance(known, str))
        self._fit(rows=sum(not one.isHidden() for one in self._names.values()))

    def _fit(self, *, rows: int) -> None:
        """Make room for a third row within the height of the card."""
        px = self._theme.px
        over, under, between = (10, 9, 3) if rows < 3 else (6, 5, 1)
        self._grid.setContentsMargins(px(12), px(over), px(12), px(under))
        self._grid.setVerticalSpacing(px(between))

    def text(self) -> str:
        """Give what is shown, in one line."""
        return "; ".join(
            f"{name} {why.text() or f'{half.text()} p50, {most.text()} p99'}"
            for name, (half, most, why) in self._rows.items()
            if half.text() or why.text()
        )
