"""Which days of the range are missing, and what can be done: fetch them, mend the range, leave them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import Banner, BannerKind, button
from tickreel_desktop.replay.missing import coming_text, counted, missing_text, range_fix, ranges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.replay.missing import MissingRows, RangeFix
    from tickreel_desktop.theme import Theme


class MissingBar(QWidget):
    """Stands there only while days are missing."""

    changed = Signal()
    """The missing days are to be left out, or not any more."""
    fetch_wanted = Signal(list)
    """These days (:class:`DayRange`) shall be fetched."""
    range_wanted = Signal(object, object)
    """Another range has none that are missing, or fewer: from and to in microseconds."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._missing: Sequence[MissingRows] = ()
        self._fix: RangeFix | None = None
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.coming = Banner(theme, BannerKind.NOTE, "", icon="users")
        """Names what is not here and comes by itself."""
        self.fetch_button = button(theme, "Fetch")
        self.fetch_button.setToolTip("Ask for these days in the fetch dialog")
        self.fetch_button.clicked.connect(lambda: self.fetch_wanted.emit(ranges_of(self._missing)))
        self.fix_button = button(theme, "Mend the range")
        self.fix_button.clicked.connect(self._on_fix_clicked)
        self.leave_out = QCheckBox("Leave them out")
        self.leave_out.setToolTip("The book is empty from there to the next snapshot")
        self.leave_out.toggled.connect(lambda _checked: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.coming)
        column.addWidget(self.banner)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for widget in (self.fetch_button, self.fix_button, self.leave_out):
            row.addWidget(widget)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()

    def show_missing(
        self,
        missing: Sequence[MissingRows],
        range_us: tuple[int, int] | None,
        coming: Sequence[MissingRows] = (),
    ) -> None:
        """Name the days that are missing of a range; without any, or without a range, hide.

        *coming* are not here either, but in the shared cache, from which a replay takes them.
        """
        self.coming.set_text(coming_text(coming))
        self.coming.setVisible(bool(coming))
        self._missing = missing
        self._fix = range_fix(missing, *range_us) if range_us else None
        if missing:
            self.banner.set_text(missing_text(missing))
            self.fetch_button.setText(f"Fetch {counted(self.days)}")
            self.fix_button.setText("" if self._fix is None else self._fix.text)
        for each in (self.banner, self.fetch_button, self.leave_out):
            each.setVisible(bool(missing))
        self.fix_button.setVisible(self._fix is not None)
        self.setVisible(bool(missing or coming))

    @property
    def days(self) -> int:
        """Days of which something is missing."""
        return len({each.day for each in self._missing})

    @property
    def allows(self) -> bool:
        """Whether days are missing and the user wants to play over them."""
        return bool(self._missing) and self.leave_out.isChecked()

    def reason(self) -> str:
        """Say that days are missing; empty when none are, or when they are left out."""
        if not self._missing or self.leave_out.isChecked():
            return ""
        return f"{counted(self.days)} {'is' if self.days == 1 else 'are'} missing"

    def _on_fix_clicked(self) -> None:
        if self._fix is not None:
            self.range_wanted.emit(self._fix.start_us, self._fix.end_us)
