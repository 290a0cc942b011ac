"""One line about one piece of work: what, how far, how fast, how long, and what it is at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from tickreel_desktop.components.buttons import tool_button
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.components.progress_bar import BarState, ProgressBar
from tickreel_desktop.components.tone import Tone
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_resources import IconName

_BAR_PX = 132
_PERCENT_PX = 44
_DONE_PX = 112
_RATE_PX = 76
_LEFT_PX = 60


@dataclass(frozen=True, slots=True)
class ProgressText:
    """Hold what a row says, in words that are already formatted; empty is left blank."""

    done: str = ""
    """Done of total: "8 of 13 days"."""
    rate: str = ""
    """"21 MB/s"."""
    left: str = ""
    """Time left, rounded: "40 s"."""
    state: str = ""
    """What it is at, or the cause of a failure."""


class ProgressRow(QFrame):
    """Show a job; columns have fixed widths, so that rows above each other line up."""

    cancel_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: IconName,
        title: str,
        detail: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PROGRESS_ROW)
        self.setFixedHeight(theme.px(30))
        self._icon_name = icon
        self._icon = IconLabel(theme, icon, "text_2", 14)
        self._title = ElidedLabel(title)
        self._detail = ElidedLabel(detail)
        set_role(self._title, Role.SECTION)
        set_role(self._detail, Role.CAPTION)
        self._bar = ProgressBar(f"Progress of {title}")
        self._bar.setFixedWidth(theme.px(_BAR_PX))
        self._percent = _column(theme, _PERCENT_PX, Role.SECTION)
        self._done = _column(theme, _DONE_PX)
        self._rate = _column(theme, _RATE_PX, Role.SECONDARY)
        self._left = _column(theme, _LEFT_PX, Role.SECONDARY)
        self._state = ElidedLabel()
        set_role(self._state, Role.SECONDARY)
        self._cancel = tool_button(theme, "x", f"Cancel {title}", size=14)
        self._cancel.clicked.connect(lambda: self.cancel_requested.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(8), 1)
        row.setSpacing(theme.px(8))
        row.addWidget(self._icon)
        row.addWidget(self._make_name(theme), 2)
        for each in (self._bar, self._percent, self._done, self._rate, self._left):
            row.addWidget(each)
        row.addSpacing(theme.px(12))
        self._state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._state, 3)
        row.addWidget(self._cancel)

    def set_progress(
        self, fraction: float | None, text: ProgressText, state: BarState = BarState.MOVING
    ) -> None:
        """Show how far it is; None is work of unknown length."""
        failed = state is BarState.FAILED
        set_style_property(self, "state", str(state))
        self._icon.set_icon("x-circle" if failed else self._icon_name, "error" if failed else "text_2")
        self._bar.set_fraction(fraction, state)
        self._percent.setText("" if fraction is None else f"{fraction * 100:.0f} %")
        self._done.setText(text.done)
        self._rate.setText(text.rate)
        self._left.setText(text.left)
        self._state.setText(text.state)
        set_style_property(self._state, "tone", str(Tone.ERROR if failed else Tone.NEUTRAL))
        set_style_property(self._title, "tone", str(Tone.ERROR if failed else Tone.NEUTRAL))

    def set_finished(self, text: ProgressText, *, failed: bool = False) -> None:
        """Show how it ended; there is nothing left to cancel."""
        self.set_progress(1.0, text, BarState.FAILED if failed else BarState.MOVING)
        if not failed:
            self._icon.set_icon("check", "text_2")
        # Its place stays, so that the columns of the rows still line up.
        policy = self._cancel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._cancel.setSizePolicy(policy)
        self._cancel.hide()

    def _make_name(self, theme: Theme) -> QWidget:
        # What a row says must not move its columns, so that it asks for no width of its own.
        name = QWidget()
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(name)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._title)
        row.addWidget(self._detail, 1)
        return name


def _column(theme: Theme, width: int, role: Role | None = None) -> QLabel:
    made = label("", role)
    made.setFixedWidth(theme.px(width))
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
