"""The form before a replay: what is held, which range of it, how fast."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_count, format_duration_s
from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    ElidedLabel,
    IconLabel,
    button,
    label,
    tool_button,
)
from tickreel_desktop.replay.offer import (
    RangeFix,
    ReplayChoice,
    ReplayOffer,
    missing_text,
    range_fix,
)
from tickreel_desktop.replay.range_picker import RangePicker
from tickreel_desktop.replay.speed import SpeedChoice, TypedField
from tickreel_desktop.theme import FontRole, Role, Theme, set_role
from tickreel_desktop.zone import DisplayZone, ZoneLabel
from tickreel_desktop.zone.times import field_text, range_text

__all__ = ["ReplayChoice", "ReplayOffer", "ReplaySetupDialog"]

_WIDTH_PX = 920
_STAMP_SAMPLE = "2024-08-05 13:32:00.114204"


class ReplaySetupDialog(QDialog):
    """Ask what to play of one symbol. Use ``open()``; :attr:`chosen` has the answer."""

    chosen = Signal(object)
    """A :class:`ReplayChoice`; sent before the dialog closes."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, offer: ReplayOffer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._offer = offer
        self._range_us: tuple[int, int] | None = offer.range_us or offer.span_us
        self._fix: RangeFix | None = None
        self.setWindowTitle("Set up a replay")
        self.setAccessibleName(f"Set up a replay of {offer.exchange} {offer.symbol}")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.from_field = self._time_field()
        self.to_field = self._time_field()
        self._zone_label = ZoneLabel(zone)
        self.picker = RangePicker(theme, zone, offer)
        self.picker.range_changed.connect(self._on_range_picked)
        self._extent = label("", Role.SECONDARY)
        self._problem = label("", Role.ERROR, wrap=True)
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.fix_button = button(theme, "Mend the range")
        self.fix_button.clicked.connect(self._on_fix_clicked)
        self.over_gap = QCheckBox("Play over the gap")
        self.over_gap.setToolTip("The book is empty from the gap to the next snapshot")
        self.over_gap.toggled.connect(lambda _checked: self._renew())
        self.speed = SpeedChoice(theme)
        self.speed.set_speed(offer.speed)
        self.speed.chosen.connect(lambda _speed: self._renew())
        self.speed.refused.connect(self._on_speed_refused)
        self._speed_problem = label("", Role.ERROR, wrap=True)
        self._command = ElidedLabel("", Qt.TextElideMode.ElideRight)
        self._reason_icon = IconLabel(theme, "warning", "warning", 14)
        self._reason = label("", Role.CAPTION)
        self._reason.setProperty("tone", "warning")
        self.open_button = button(theme, "Open replay", ButtonKind.PRIMARY)
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._on_open)
        self._lay_out()
        zone.changed.connect(self._on_zone_changed)
        self._name_fields()
        self._show_range()
        self._renew()
        self.open_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _time_field(self) -> TypedField:
        field = TypedField()
        field.setFont(self._theme.font(FontRole.MONO))
        field.setFixedWidth(field.fontMetrics().horizontalAdvance(_STAMP_SAMPLE) + self._theme.px(16))
        field.textEdited.connect(lambda _text: self._on_range_typed())
        field.left.connect(self._on_times_left)
        return field

    def _lay_out(self) -> None:
        px = self._theme.px
        margin = px(16)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        for column, share in ((self._data_column(), 3), (self._play_column(), 2)):
            column.setContentsMargins(margin, margin, margin, margin)
            column.setSpacing(px(8))
            body.addLayout(column, share)
            if share == 3:
                body.addWidget(line)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(margin, px(10), margin, px(10))
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(self._reason_icon)
        row.addWidget(self._reason)
        cancel = button(self._theme, "Cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        row.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(foot)
        self.setMinimumWidth(px(_WIDTH_PX))

    def _data_column(self) -> QVBoxLayout:
        px, offer = self._theme.px, self._offer
        data = QGridLayout()
        data.setHorizontalSpacing(px(24))
        data.setVerticalSpacing(px(6))
        data.setColumnStretch(2, 1)
        cells = (("Exchange", offer.exchange), ("Symbol", offer.symbol), ("Plays", offer.types_text))
        for place, (caption, text) in enumerate(cells):
            data.addWidget(label(caption, Role.LABEL), 0, place)
            data.addWidget(label(text, Role.SECTION if caption == "Symbol" else None), 1, place)
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        for widget in (
            self.from_field,
            label("to", Role.SECONDARY),
            self.to_field,
            self._zone_label,
        ):
            fields.addWidget(widget)
        fields.addStretch(1)
        head = QHBoxLayout()
        head.addWidget(label("Range", Role.SECTION))
        head.addStretch(1)
        head.addWidget(label("drag the handles or type", Role.CAPTION))
        column = QVBoxLayout()
        column.addWidget(label("Data", Role.SECTION))
        column.addLayout(data)
        column.addSpacing(px(10))
        column.addLayout(head)
        column.addLayout(fields)
        column.addWidget(self._problem)
        column.addWidget(self.picker)
        column.addWidget(self._extent)
        column.addSpacing(px(4))
        if (row := self.banner.layout()) is not None:
            row.addWidget(self.fix_button)
        column.addWidget(self.banner)
        column.addStretch(1)
        return column

    def _play_column(self) -> QVBoxLayout:
        px = self._theme.px
        set_role(self._command, Role.MONO)
        box = QFrame()
        set_role(box, Role.CARD)
        row = QHBoxLayout(box)
        row.setContentsMargins(px(10), px(4), px(4), px(4))
        row.addWidget(self._command, 1)
        self.copy_button = tool_button(self._theme, "copy", "Copy the command line", size=14)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.choice().command))
        row.addWidget(self.copy_button)
        column = QVBoxLayout()
        column.addWidget(label("How to play", Role.SECTION))
        column.addWidget(label("Speed, market seconds per second", Role.LABEL))
        column.addWidget(self.speed, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._speed_problem)
        column.addWidget(self.over_gap)
        column.addStretch(1)
        column.addWidget(label("The same without a window", Role.LABEL))
        column.addWidget(box)
        return column

    def choice(self) -> ReplayChoice:
        """Give what is filled in; the range is the last one that could be read."""
        start_us, end_us = self._range_us or self.picker.range_us
        has_gap = bool(self._offer.missing(start_us, end_us))
        return ReplayChoice(
            exchange=self._offer.exchange,
            symbol=self._offer.symbol,
            start_us=start_us,
            end_us=end_us,
            speed=self.speed.speed,
            allow_missing=has_gap and self.over_gap.isChecked(),
        )

    def reason(self) -> str:
        """Say why it cannot be opened as it is; empty when it can."""
        return self._reason.text()

    def problem(self) -> str:
        """Say what is wrong with the typed times; empty when nothing is."""
        return self._problem.text()

    def command(self) -> str:
        """Give the command line that is shown."""
        return self._command.text()

    def _set_range(self, start_us: int, end_us: int) -> None:
        self._range_us = (start_us, end_us)
        self._problem.setText("")
        self._show_range()
        self._renew()

    def _show_range(self) -> None:
        start_us, end_us = self._range_us or self.picker.range_us
        for field, at_us in ((self.from_field, start_us), (self.to_field, end_us)):
            field.setText(field_text(self._zone.zone, at_us))
            field.set_problem("")
        self._zone_label.set_moment(start_us)
        self.picker.set_range(start_us, end_us)

    def _name_fields(self) -> None:
        self.from_field.setAccessibleName(f"From, {self._zone.name}")
        self.to_field.setAccessibleName(f"To, {self._zone.name}, not included")

    def _on_zone_changed(self) -> None:
        self._name_fields()
        if self._range_us is not None:
            self._show_range()
        else:
            self._on_range_typed()

    def _on_range_picked(self, start_us: int, end_us: int) -> None:
        self._set_range(start_us, end_us)

    def _on_range_typed(self) -> None:
        """Read both times; what cannot be read is marked and keeps the form shut."""
        times: list[int | None] = []
        problem = ""
        for field in (self.from_field, self.to_field):
            try:
                times.append(self._zone.zone.parse(field.text()))
                field.set_problem("")
            except UsageError as error:
                times.append(None)
                field.set_problem(str(error))
                problem = problem or str(error)
        start_us, end_us = times
        if start_us is not None and end_us is not None:
            problem = self._problem_of(start_us, end_us)
            self.to_field.set_problem(problem)
        self._problem.setText(problem)
        self._range_us = None
        if start_us is not None and end_us is not None and not problem:
            self._range_us = (start_us, end_us)
            self.picker.set_range(start_us, end_us)
        self._renew()

    def _on_times_left(self) -> None:
        # What cannot be read stays, so that it can be mended.
        if self._range_us is not None:
            self._show_range()

    def _problem_of(self, start_us: int, end_us: int) -> str:
        first_us, last_us = self._offer.span_us
        if start_us >= end_us:
            return "The range ends before it starts: type a later end."
        if end_us <= first_us or start_us >= last_us:
            held = range_text(self._zone.zone, first_us, last_us)
            return f"Nothing is held in this range: what is held goes from {held}."
        return ""

    def _on_fix_clicked(self) -> None:
        if self._fix is not None:
            self._set_range(self._fix.start_us, self._fix.end_us)

    def _on_speed_refused(self, problem: str) -> None:
        self._speed_problem.setText(problem)
        self._speed_problem.setVisible(bool(problem))

    def _on_open(self) -> None:
        if self.open_button.isEnabled():
            self.chosen.emit(self.choice())
            self.accept()

    def _renew(self) -> None:
        """Say what the form amounts to now."""
        start_us, end_us = self._range_us or self.picker.range_us
        missing = self._offer.missing(start_us, end_us) if self._range_us else []
        rows, is_estimate = self._offer.rows_in(start_us, end_us)
        length = format_duration_s((end_us - start_us) / US_PER_SECOND)
        self._extent.setText(f"{length}, {'about ' if is_estimate else ''}{format_count(rows)} rows")
        self._problem.setVisible(bool(self._problem.text()))
        self._speed_problem.setVisible(bool(self._speed_problem.text()))
        self._fix = range_fix(missing, start_us, end_us)
        self.banner.setVisible(bool(missing))
        self.over_gap.setVisible(bool(missing))
        if missing:
            self.banner.set_text(missing_text(self._offer, missing))
            self.fix_button.setText(self._fix.text if self._fix is not None else "")
        self.fix_button.setVisible(self._fix is not None)
        if self._range_us is None:
            reason = "The range cannot be read" if self._problem.text() else ""
        elif missing and not self.over_gap.isChecked():
            reason = "1 day is missing" if len(missing) == 1 else f"{len(missing)} days are missing"
        else:
            reason = ""
        self._reason.setText(reason)
        self._reason_icon.setVisible(bool(reason))
        self.open_button.setEnabled(not reason)
        self.open_button.setAccessibleDescription(reason)
        self._command.setText(self.choice().command)
