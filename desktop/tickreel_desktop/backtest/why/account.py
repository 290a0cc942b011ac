"""What happened to an order, what other models would have made of it, and the rules it went by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tickreel_desktop.backtest.why.others import OtherModels
from tickreel_desktop.backtest.why.rules import CAPTIONS, rules_of
from tickreel_desktop.backtest.why.steps_list import StepsList
from tickreel_desktop.components import DockTitle, KeyValues, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.why.asking import Asked
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_LEAST_PX = 300


class OrderAccount(QFrame):
    """Tell of one order from top to bottom."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.setMinimumWidth(theme.px(_LEAST_PX))
        self.steps = StepsList(theme, zone)
        self.others = OtherModels(theme, zone)
        self.rules = KeyValues(theme, CAPTIONS)
        note = label(
            "Our order takes nothing from others: the simulated market does not react to it.",
            Role.CAPTION,
            wrap=True,
        )
        note.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(8))
        inside = QFrame()
        set_role(inside, Role.PANEL)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.steps, self.others, DockTitle(theme, "Rules in force"), self.rules, note):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(DockTitle(theme, "What happened"))
        outer.addWidget(area, 1)

    def show_order(self, asked: Asked) -> None:
        """Tell of another order; its steps come with its way."""
        for caption, text in rules_of(asked.card, asked.moment_at(asked.order.submit_us)).items():
            self.rules.set_value(caption, text)
        self.others.show_message("")
