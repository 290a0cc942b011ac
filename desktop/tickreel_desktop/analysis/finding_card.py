"""One finding: its pin, what it is, where the price leans, how sure, its figures, what one thinks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.analysis import Direction
from tickreel_desktop.analysis.figure_text import FigureText
from tickreel_desktop.analysis.words import (
    direction_words,
    figure_names,
    horizon_words,
    kind_words,
    match_words,
)
from tickreel_desktop.components import IconLabel, Tone, label, tool_button
from tickreel_desktop.theme import FontRole, Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel.analysis import Check, Finding, Snapshot
    from tickreel.analysis.history import Mark
    from tickreel_desktop.theme import Theme

_WIDE_PX = 330
"""Width from which on the foot has room for what is said of the figures."""
_TONES = {Direction.UP: Tone.BID, Direction.DOWN: Tone.ASK, Direction.NEUTRAL: Tone.NEUTRAL}


class PinLabel(QWidget):
    """The numbered pin of a finding, as it stands on the chart."""

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number = number
        self.setFixedSize(theme.px(16), theme.px(18))
        self.setAccessibleName(f"Pin {number} on the chart")
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pin and its number."""
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("note"))
        corners = ((0, 0), (16, 0), (16, 12), (8, 18), (0, 12))
        painter.drawPolygon(QPolygonF([QPointF(px(x), px(y)) for x, y in corners]))
        painter.setPen(self._theme.colour("panel"))
        painter.setFont(self._theme.font(FontRole.CAPTION, painter.font().Weight.DemiBold))
        painter.drawText(QRect(0, 0, px(16), px(14)), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class FindingCard(QFrame):
    """Show one finding."""

    figure_chosen = Signal(str)
    pin_wanted = Signal(bool)
    rating_wanted = Signal(int)
    moment_wanted = Signal()
    """The stretch of market that it is about shall be shown."""

    def __init__(
        self,
        theme: Theme,
        number: int,
        finding: Finding,
        check: Check | None,
        figures: Snapshot | None,
        mark: Mark | None,
        parent: QWidget | None = None,
    ) -> None:
        """Make it; without *check* and *figures* the text is shown as one that nobody could check."""
        super().__init__(parent)
        set_role(self, Role.CARD)
        self._theme = theme
        name = f"Finding {number}: {kind_words(finding)}, {finding.direction}"
        self.setAccessibleName(name)
        self.setAccessibleDescription(f"Confidence {finding.confidence:.2f}. {figure_names(finding.figures)}")
        self.text = FigureText(theme, f"{name}, text")
        self.text.figure_chosen.connect(self.figure_chosen)
        if check is None or figures is None:
            self.text.show_unchecked(finding.text)
        else:
            self.text.show_checked(finding.text, check, figures)
        px = theme.px
        head = QHBoxLayout()
        head.setSpacing(px(8))
        direction = label(direction_words(finding))
        set_style_property(direction, "tone", str(_TONES[finding.direction]))
        head.addWidget(PinLabel(theme, number))
        head.addWidget(label(kind_words(finding), Role.SECTION))
        head.addWidget(direction)
        head.addStretch(1)
        self._sure_caption = label("confidence", Role.CAPTION)
        head.addWidget(self._sure_caption)
        sure = label(f"{finding.confidence:.2f}", Role.SECTION)
        sure.setAccessibleName(f"Confidence {finding.confidence:.2f}")
        sure.setToolTip("Confidence, as the analyst sees it: an opinion, measured by nobody")
        head.addWidget(sure)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(10), px(8), px(8), px(6))
        column.setSpacing(px(6))
        column.addLayout(head)
        column.addWidget(self.text)
        self.match = label("", Role.CAPTION, wrap=True)
        self._match_icon = IconLabel(theme, "check", "good", 12)
        is_good = self._tell_match(check)
        self._warning = QHBoxLayout()
        self._warning.setSpacing(px(4))
        column.addLayout(self._warning)
        self._foot = self._make_foot(number, finding, mark)
        column.addLayout(self._foot)
        self._is_good = is_good
        self._is_beside: bool | None = None
        self._place_match(is_beside=False)

    def _place_match(self, *, is_beside: bool) -> None:
        """Say whether the figures match beside the horizon where that fits, else above it."""
        if is_beside == self._is_beside:
            return
        self._is_beside = is_beside
        for each in (self._match_icon, self.match):
            self._warning.removeWidget(each)
            self._foot.removeWidget(each)
        self.match.setWordWrap(not is_beside)
        row, place = (self._foot, 1) if is_beside else (self._warning, 0)
        row.insertWidget(place, self._match_icon)
        row.insertWidget(place + 1, self.match, 0 if is_beside else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out in a narrow panel what is least needed."""
        super().resizeEvent(event)
        is_wide = self.width() >= self._theme.px(_WIDE_PX)
        self._sure_caption.setVisible(is_wide)
        self._place_match(is_beside=is_wide and self._is_good)

    def _tell_match(self, check: Check | None) -> bool:
        """Say whether its figures match, and tell whether they do."""
        if check is None:
            self.match.setText("not checked: its figures are not here any more")
            self._match_icon.set_icon("question", "text_3")
            return False
        text, is_good = match_words((check,))
        self.match.setText(text)
        set_style_property(self.match, "tone", str(Tone.GOOD if is_good else Tone.WARNING))
        self._match_icon.set_icon("check" if is_good else "warning", "good" if is_good else "warning")
        return is_good

    def _make_foot(self, number: int, finding: Finding, mark: Mark | None) -> QHBoxLayout:
        theme = self._theme
        self.pin = tool_button(
            theme,
            "push-pin",
            f"Pin finding {number} to the time line",
            on_icon="push-pin-fill",
            checkable=True,
        )
        self.up = tool_button(theme, "thumbs-up", f"Finding {number} was good", checkable=True)
        self.down = tool_button(theme, "thumbs-down", f"Finding {number} was not good", checkable=True)
        self.show_button = tool_button(theme, "crosshair-simple", f"Go to the moment of finding {number}")
        self.show_mark(mark)
        self.pin.clicked.connect(lambda checked: self.pin_wanted.emit(checked))
        self.up.clicked.connect(lambda checked: self.rating_wanted.emit(1 if checked else 0))
        self.down.clicked.connect(lambda checked: self.rating_wanted.emit(-1 if checked else 0))
        self.show_button.clicked.connect(lambda: self.moment_wanted.emit())
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(4))
        foot.addWidget(label(horizon_words(finding), Role.CAPTION))
        foot.addStretch(1)
        for each in (self.show_button, self.pin, self.up, self.down):
            foot.addWidget(each)
        return foot

    def show_mark(self, mark: Mark | None) -> None:
        """Show what somebody noted of it."""
        rating = 0 if mark is None else mark.rating
        self.pin.setChecked(mark is not None and mark.is_pinned)
        self.up.setChecked(rating > 0)
        self.down.setChecked(rating < 0)

    def allow_marks(self, *, is_possible: bool) -> None:
        """Say whether anything can be noted: not in a home that can only be read."""
        for each in (self.pin, self.up, self.down):
            each.setEnabled(is_possible)
