"""How a replay is played: by which clock, how fast, what of it, and what is done where data is not sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.replay import BandAction, BandKind, Order
from tickreel.replay.spelling import spell_seconds
from tickreel_desktop.components import Segment, Segments, label
from tickreel_desktop.replay.latency_field import LatencyField
from tickreel_desktop.replay.naming import BOOK, USUAL_TYPES, words_of
from tickreel_desktop.replay.speed import SpeedChoice, TypedField
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from tickreel.market.types import DataType
    from tickreel.replay import ReplayPlan
    from tickreel_desktop.theme import Theme

    Types = tuple[DataType, ...] | None

_ORDERS = (
    (Order.LOCAL, "Arrival clock", "As the recorder saw it, in that order."),
    (Order.EXCHANGE, "Exchange clock", "By the times that the exchange gave; the order in a stream stays."),
)
_KINDS = (
    (BandKind.GAP, "Gaps"),
    (BandKind.CROSSED, "Crossed books"),
    (BandKind.USABLE, "Days graded usable"),
    (BandKind.BAD, "Days graded bad"),
)
_ACTIONS = (
    (BandAction.PLAY, "Play"),
    (BandAction.WARN, "Warn"),
    (BandAction.SKIP, "Skip"),
    (BandAction.STOP, "Stop before"),
)
_TYPES: tuple[Types, ...] = (None, (BOOK,))
_QUIET_US = 10 * US_PER_SECOND
_LONGEST_QUIET_S = 1e9


class PlayForm(QWidget):
    """Hold how to play."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._others: dict[BandKind, BandAction] = {}
        """What a plan says of kinds that have no control here."""
        self._quiet_us = _QUIET_US
        self.order = Segments(theme, "Order of events", [Segment(key, text) for key, text, _ in _ORDERS])
        self.order.chosen.connect(lambda _key: self._renew())
        self._order_note = label("", Role.CAPTION, wrap=True)
        self.speed = SpeedChoice(theme)
        self.speed.show_slider(False)  # the usual speeds and the field take all the room of a form
        self.speed.chosen.connect(lambda _speed: self.changed.emit())
        self.speed.refused.connect(self._on_speed_refused)
        self._speed_problem = label("", Role.ERROR, wrap=True)
        self._speed_problem.hide()
        self._types: list[Types] = []
        self.types = QComboBox()
        self.types.setAccessibleName("What is played")
        self.types.view().setAccessibleName("What can be played")
        for types in _TYPES:
            self._offer_types(types)
        self.types.activated.connect(lambda _index: self.changed.emit())
        self.actions_by_kind = {kind: self._action_box(text) for kind, text in _KINDS}
        self.latency = LatencyField(theme)
        self.latency.changed.connect(self.changed)
        self.quiet = QCheckBox("Skip quiet stretches over")
        self.quiet.toggled.connect(lambda _checked: self._renew())
        self.quiet_field = TypedField()
        self.quiet_field.setAccessibleName("Skip quiet stretches over, seconds")
        self.quiet_field.setFixedWidth(theme.px(56))
        self.quiet_field.textEdited.connect(lambda _text: self._on_quiet_typed())
        self.quiet_field.left.connect(self._show_quiet)
        self._show_quiet()
        self._lay_out()
        self._renew()

    def _action_box(self, text: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(f"{text}: what is done")
        box.view().setAccessibleName(f"{text}: what can be done")
        for action, words in _ACTIONS:
            box.addItem(words, action)
        box.activated.connect(lambda _index: self.changed.emit())
        return box

    def _offer_types(self, types: Types) -> None:
        text = words_of(USUAL_TYPES if types is None else types)
        self.types.addItem(text[:1].upper() + text[1:] + (" only" if types == (BOOK,) else ""))
        self._types.append(types)

    def _lay_out(self) -> None:
        px = self._theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        column.addWidget(label("How to play", Role.SECTION))
        column.addWidget(label("Order of events", Role.LABEL))
        column.addWidget(self.order)
        column.addWidget(self._order_note)
        column.addSpacing(px(4))
        column.addWidget(label("Latency of what is known, milliseconds", Role.LABEL))
        column.addWidget(self.latency)
        column.addSpacing(px(4))
        column.addWidget(label("Speed, market seconds per second", Role.LABEL))
        column.addWidget(self.speed, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._speed_problem)
        column.addSpacing(px(4))
        column.addWidget(label("What is played", Role.LABEL))
        column.addWidget(self.types, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(px(4))
        column.addWidget(label("Where the data is not sound", Role.LABEL))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(4))
        for number, (kind, text) in enumerate(_KINDS):
            caption = label(text)
            caption.setBuddy(self.actions_by_kind[kind])
            row, side = divmod(number, 2)
            grid.addWidget(caption, row, 2 * side)
            grid.addWidget(self.actions_by_kind[kind], row, 2 * side + 1)
        grid.setColumnStretch(4, 1)
        column.addLayout(grid)
        column.addSpacing(px(4))
        quiet = QHBoxLayout()
        quiet.setSpacing(px(6))
        quiet.addWidget(self.quiet)
        quiet.addWidget(self.quiet_field)
        quiet.addWidget(label("s", Role.SECONDARY))
        quiet.addStretch(1)
        column.addLayout(quiet)

    def take(self, plan: ReplayPlan) -> None:
        """Show how a plan is played, without telling anyone."""
        self.order.choose(plan.order)
        self.speed.set_speed(plan.speed)
        if plan.types not in self._types:
            self._offer_types(plan.types)
        self.types.setCurrentIndex(self._types.index(plan.types))
        actions = plan.actions
        for kind, box in self.actions_by_kind.items():
            box.setCurrentIndex(box.findData(actions.pop(kind, BandAction.PLAY)))
        self._others = actions
        self.latency.set_latency(plan.latency_us)
        self._quiet_us = plan.skip_quiet_us or _QUIET_US
        self.quiet.setChecked(plan.skip_quiet_us is not None)
        self._show_quiet()
        self._renew()

    def chosen_order(self) -> Order:
        """Give the clock by which events are ordered."""
        return Order(self.order.value())

    def chosen_types(self) -> Types:
        """Give the types to play; None is order book and trades, those held."""
        return self._types[self.types.currentIndex()]

    def chosen_health(self) -> tuple[tuple[BandKind, BandAction], ...]:
        """Give what is done about bands, those about which something is done."""
        chosen = {kind: BandAction(box.currentData()) for kind, box in self.actions_by_kind.items()}
        every = {**self._others, **chosen}
        return tuple(
            (kind, every[kind])
            for kind in BandKind
            if every.get(kind, BandAction.PLAY) is not BandAction.PLAY
        )

    def chosen_quiet_us(self) -> int | None:
        """Give from which length on quiet is skipped; None plays it."""
        return self._quiet_us if self.quiet.isChecked() else None

    def _renew(self) -> None:
        self._order_note.setText(next(note for key, _, note in _ORDERS if key == self.order.value()))
        self.quiet_field.setEnabled(self.quiet.isChecked())
        self.changed.emit()

    def _show_quiet(self) -> None:
        self.quiet_field.setText(spell_seconds(self._quiet_us))
        self.quiet_field.set_problem("")

    def _on_quiet_typed(self) -> None:
        """Take seconds that can be read; others are marked, and what was stays."""
        try:
            seconds = float(self.quiet_field.text())
        except ValueError:
            seconds = 0.0
        if not 1 / US_PER_SECOND <= seconds <= _LONGEST_QUIET_S:
            self.quiet_field.set_problem("Type seconds above 0")
            return
        self.quiet_field.set_problem("")
        self._quiet_us = round(seconds * US_PER_SECOND)
        self.changed.emit()

    def _on_speed_refused(self, problem: str) -> None:
        self._speed_problem.setText(problem)
        self._speed_problem.setVisible(bool(problem))
