"""Days that are known to be bad: named before they are run, to be left out or run all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import Banner, BannerKind, button
from tickreel_desktop.data.detail.kinds import issue_words
from tickreel_desktop.replay.missing import counted, days_text

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.backtest.form.holding import Extent
    from tickreel_desktop.theme import Theme

_MOST_NAMED = 3


class HealthGate(QWidget):
    """Stand in the way of a run as long as the user has not said what is to become of such days."""

    changed = Signal()
    left_out = Signal(object, object)
    """Only the days from the first to the last of these are to be run."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bad: frozenset[date] = frozenset()
        self._accepted: frozenset[date] = frozenset()
        """Days of which the user said that they are to be run all the same."""
        self._rest: tuple[date, date] | None = None
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.leave_button = button(theme, "Leave them out")
        self.leave_button.clicked.connect(self._leave_out)
        self.accept_box = QCheckBox("Run all the same")
        self.accept_box.setToolTip("What was found of these days is in the data as it was recorded")
        self.accept_box.clicked.connect(self._on_clicked)
        cures = QHBoxLayout()
        cures.setSpacing(theme.px(10))
        cures.addWidget(self.leave_button)
        cures.addWidget(self.accept_box)
        cures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.banner)
        column.addLayout(cures)
        self.hide()

    def show_extent(self, extent: Extent | None) -> None:
        """Name the bad days of a range; none where there is no range."""
        bad = () if extent is None else extent.bad
        self._bad = frozenset(day for day, _ in bad)
        self._rest = None if extent is None else extent.sound_stretch
        self.setVisible(bool(bad))
        self.accept_box.setChecked(self._bad <= self._accepted)
        if not bad:
            return
        kinds = dict.fromkeys(issue for _, issues in bad for issue in issues)
        found = ", ".join(issue_words(issue) for issue in list(kinds)[:_MOST_NAMED])
        is_one = len(bad) == 1
        text = f"{days_text([day for day, _ in bad])} UTC {'is' if is_one else 'are'} known to be bad"
        self.banner.set_text(f"{text}: {found}." if found else f"{text}.")
        self.leave_button.setText("Leave it out" if is_one else "Leave them out")
        self.leave_button.setVisible(self._rest is not None)
        if self._rest is not None:
            kept = days_text([self._rest[0]]) if self._rest[0] == self._rest[1] else ""
            kept = kept or f"{days_text([self._rest[0]])} to {days_text([self._rest[1]])}"
            self.leave_button.setToolTip(f"Run {kept} alone, the longest stretch without such days")
        self._fit()

    def reason(self) -> str:
        """Say that there are bad days; empty when there are none, or when they are run all the same."""
        if self._bad <= self._accepted:
            return ""
        return f"{counted(len(self._bad))} {'is' if len(self._bad) == 1 else 'are'} known to be bad"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what is said the height that it needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.banner.layout()
        if layout is not None and not self.isHidden():
            self.banner.setMinimumHeight(max(0, layout.totalHeightForWidth(self.width())))

    def _on_clicked(self, is_on: bool) -> None:
        self._accepted = self._accepted | self._bad if is_on else self._accepted - self._bad
        self.changed.emit()

    def _leave_out(self) -> None:
        if self._rest is not None:
            self.left_out.emit(*self._rest)
