"""Which range is played: typed in the display zone, dragged over what is held, or by a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY
from tickreel_desktop.components import button, label
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.replay.offer import common_us, last_day_us, last_hour_us, span_us
from tickreel_desktop.replay.range_picker import RangePicker
from tickreel_desktop.replay.speed import TypedField
from tickreel_desktop.theme import FontRole, Role, Theme
from tickreel_desktop.zone import DisplayZone, ZoneLabel
from tickreel_desktop.zone.times import field_text, range_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QPushButton

    from tickreel.replay import Band
    from tickreel_desktop.replay.offer import HeldSymbol

    _Find = Callable[[Sequence[HeldSymbol]], tuple[int, int]]

MOST_DAYS = 4_000
_STAMP_SAMPLE = "2024-08-05 13:32:00.114204"
_PRESETS = (
    ("Whole", "All that is held of all symbols", common_us),
    ("Last day", "The last UTC day that is whole", last_day_us),
    ("Last hour", "The last hour that is held of all symbols", last_hour_us),
)


class RangeForm(QWidget):
    """Hold a range [from, to); what cannot be read is marked and is none."""

    changed = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._symbols: tuple[HeldSymbol, ...] = ()
        self._bands: Sequence[Sequence[Band]] = ()
        self._shown: object = None
        """What the bars show now."""
        self._range_us: tuple[int, int] | None = None
        self.from_field = self._time_field()
        self.to_field = self._time_field()
        self._zone_label = ZoneLabel(zone)
        self.presets = [self._preset(*each) for each in _PRESETS]
        self.picker = RangePicker(theme, zone)
        self.picker.range_changed.connect(self._on_picked)
        self._extent = label("", Role.SECONDARY)
        self._problem = label("", Role.ERROR, wrap=True)
        self._problem.hide()
        self._lay_out()
        zone.changed.connect(self._on_zone_changed)
        self._name_fields()

    def _time_field(self) -> TypedField:
        field = TypedField()
        field.setFont(self._theme.font(FontRole.MONO))
        field.setFixedWidth(field.fontMetrics().horizontalAdvance(_STAMP_SAMPLE) + self._theme.px(16))
        field.textEdited.connect(lambda _text: self._on_typed())
        field.left.connect(self._on_left)
        return field

    def _preset(self, text: str, tip: str, find: _Find) -> QPushButton:
        made = button(self._theme, text)
        made.setToolTip(tip)
        made.clicked.connect(lambda: self._take(*find(self._symbols)))
        return made

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QHBoxLayout()
        head.setSpacing(px(6))
        head.addWidget(label("Range", Role.SECTION))
        head.addStretch(1)
        head.addWidget(label("drag the handles, type, or", Role.CAPTION))
        for made in self.presets:
            head.addWidget(made)
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        between = label("to", Role.SECONDARY)
        for widget in (self.from_field, between, self.to_field, self._zone_label):
            fields.addWidget(widget)
        fields.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addLayout(fields)
        column.addWidget(self._problem)
        column.addWidget(self.picker)
        column.addWidget(self._extent)

    @property
    def range_us(self) -> tuple[int, int] | None:
        """Give the range; None while what is typed is none."""
        return self._range_us

    @property
    def last_range_us(self) -> tuple[int, int]:
        """Give the range, or the last that could be read."""
        return self._range_us or self.picker.range_us

    def problem(self) -> str:
        """Say what is wrong with the typed times; empty when nothing is."""
        return self._problem.text()

    def extent(self) -> str:
        """Give what is said of the size of the range."""
        return self._extent.text()

    def say_extent(self, text: str) -> None:
        """Say how large the range is."""
        self._extent.setText(text)

    def show_symbols(self, symbols: Sequence[HeldSymbol], bands: Sequence[Sequence[Band]]) -> None:
        """Show what is held of other symbols, each with its bands; the range stays."""
        self._symbols = tuple(symbols)
        is_held = any(each.spans_us for each in symbols)
        for made in self.presets:
            made.setEnabled(is_held)
        self._bands = bands
        self._show_span()

    def _show_span(self) -> None:
        """Let the bars reach over all that is held, and over the range where that is longer."""
        begin_us, end_us = self.last_range_us
        if any(each.spans_us for each in self._symbols):
            first_us, last_us = span_us(self._symbols)
            begin_us, end_us = min(begin_us, first_us), max(end_us, last_us)
        if self._shown != (begin_us, end_us, self._symbols, self._bands):
            self._shown = (begin_us, end_us, self._symbols, self._bands)
            self.picker.show_symbols(self._symbols, (begin_us, end_us), self._bands)

    def set_range(self, start_us: int, end_us: int) -> None:
        """Hold another range without telling anyone."""
        self._range_us = (start_us, end_us)
        self._say("")
        self._show()
        self._show_span()

    def _take(self, start_us: int, end_us: int) -> None:
        self.set_range(start_us, end_us)
        self.changed.emit()

    def _on_picked(self, start_us: int, end_us: int) -> None:
        # The bars stay as they are while a handle is dragged over them.
        self._range_us = (start_us, end_us)
        self._say("")
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        start_us, end_us = self.last_range_us
        for field, at_us in ((self.from_field, start_us), (self.to_field, end_us)):
            field.setText(field_text(self._zone.zone, at_us))
            field.set_problem("")
        self._zone_label.set_moment(start_us)
        self.picker.set_range(start_us, end_us)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _name_fields(self) -> None:
        self.from_field.setAccessibleName(f"From, {self._zone.name}")
        self.to_field.setAccessibleName(f"To, {self._zone.name}, not included")

    def _on_zone_changed(self) -> None:
        self._name_fields()
        if self._range_us is not None:
            self._show()
        else:
            self._on_typed()

    def _on_typed(self) -> None:
        """Read both times; what cannot be read is marked and is no range."""
        times: list[int | None] = []
        problem = ""
        for field in (self.from_field, self.to_field):
            try:
                times.append(self._zone.zone.parse(field.text()))
                field.set_problem("")
            except UsageError as error:
                times.append(None)
                refusal = capital(str(error))
                field.set_problem(refusal)
                problem = problem or refusal
        start_us, end_us = times
        if start_us is not None and end_us is not None:
            problem = self._problem_of(start_us, end_us)
            self.to_field.set_problem(problem)
        self._say(problem)
        self._range_us = None
        if start_us is not None and end_us is not None and not problem:
            self._range_us = (start_us, end_us)
            self.picker.set_range(start_us, end_us)
            self._show_span()
        self.changed.emit()

    def _on_left(self) -> None:
        # What cannot be read stays, so that it can be mended.
        if self._range_us is not None:
            self._show()

    def _problem_of(self, start_us: int, end_us: int) -> str:
        if start_us >= end_us:
            return "The range ends before it starts: type a later end."
        if end_us - start_us > MOST_DAYS * US_PER_DAY:
            return f"The range is longer than {MOST_DAYS} days: type a shorter one."
        if not any(each.spans_us for each in self._symbols):
            return ""
        first_us, last_us = span_us(self._symbols)
        if end_us <= first_us or start_us >= last_us:
            held = range_text(self._zone.zone, first_us, last_us)
            return f"Nothing is held in this range: what is held goes from {held}."
        return ""
