"""The spend meter: this call, this session, this day against its cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.analysis.spending import money
from tickreel_desktop.components import BarState, ElidedLabel, ProgressBar, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.analysis.spending import Spending
    from tickreel_desktop.theme import Theme

_NEARLY = 0.9
_WIDE_PX = 330


class SpendMeter(QFrame):
    """Show what calls cost."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._call = label("", Role.CAPTION)
        self._session = label("", Role.CAPTION)
        self._day = ElidedLabel("")
        set_role(self._day, Role.CAPTION)
        self._bar = ProgressBar("Part of the day's cap that is spent")
        words = QHBoxLayout()
        words.setSpacing(theme.px(10))
        for each in (self._call, self._session):
            words.addWidget(each)
        words.addStretch(1)
        words.addWidget(self._day)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(words)
        column.addWidget(self._bar)
        self.show_call(None)
        self.setVisible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the session to the tool-tip in a narrow panel."""
        super().resizeEvent(event)
        self._session.setVisible(self.width() >= self._theme.px(_WIDE_PX))

    def text(self) -> str:
        """Give all that it says."""
        return ", ".join(part.text() for part in (self._call, self._session, self._day) if part.text())

    def show_call(self, usd: float | None, *, is_most: bool = False) -> None:
        """Say what the last call cost, or costs at most; None before the first."""
        self._call.setVisible(usd is not None)
        told = "" if usd is None else f"This call {'at most ' if is_most else ''}{money(usd)}"
        self._call.setText(told)
        self.setAccessibleDescription(self.text())

    def show_spending(self, spending: Spending) -> None:
        """Say what was spent, against the caps."""
        self._session.setText(f"Session {money(spending.session_usd)}")
        self._day.setText(f"Day {money(spending.day_usd)} of {money(spending.cap_day_usd)}")
        state = BarState.SLOWED if spending.day_part > _NEARLY else BarState.MOVING
        self._bar.set_fraction(spending.day_part, state)
        session, call = money(spending.cap_session_usd), money(spending.cap_call_usd)
        self.setToolTip(
            f"{money(spending.session_usd)} in this session. At most {call} for a call, {session} for a "
            f"session, {money(spending.cap_day_usd)} for a UTC day"
        )
        self.setAccessibleName("What models have cost")
        self.setAccessibleDescription(self.text())
        self.setVisible(True)
