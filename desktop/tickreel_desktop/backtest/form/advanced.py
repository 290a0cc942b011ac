"""All that a preset or a default decides, for those who want it otherwise: folded away at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.analysis import OFFLINE
from tickreel.backtest.presets import FEES_WORDS, LATENCY_WORDS, QUEUE_WORDS
from tickreel_desktop.backtest.form.draft import Field
from tickreel_desktop.backtest.form.fields import TextField
from tickreel_desktop.components import ButtonKind, button, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel_desktop.backtest.form.draft import Draft
    from tickreel_desktop.theme import Theme

_ANALYSTS = (("As set", ""), ("Offline, by rules", OFFLINE))
_FIELDS = (
    (Field.LATENCY, "Latency of orders", "as preset", f"Each way: {LATENCY_WORDS}. US are microseconds"),
    (Field.QUEUE, "Queue", "as preset", QUEUE_WORDS),
    (Field.FEES, "Fees", "of the venue", FEES_WORDS),
    (Field.CAPITAL, "Capital", "none", "In the currency in which gains are paid; for returns and Sharpe"),
    (Field.SEED, "Seed", "0", "Of everything that is drawn"),
    (Field.RECORD, "Analyses of record", "none", "Answers of an earlier run, by its number; nothing is sent"),
)


class Advanced(QWidget):
    """Hold what is set anew, as it is typed."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.toggle = button(theme, "Advanced", ButtonKind.LINK, icon="caret-right")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._on_toggled)
        self.fields = {field: TextField(name, hint) for field, name, hint, _ in _FIELDS}
        for field, _, _, tip in _FIELDS:
            self.fields[field].set_tip(tip)
            self.fields[field].textEdited.connect(lambda _text: self.changed.emit())
        self.analyst = QComboBox()
        self.analyst.setAccessibleName("Who answers analyses")
        self.analyst.view().setAccessibleName("Analysts")
        self.analyst.setToolTip("Who is asked where the strategy asks for an analysis; each is paid as usual")
        for text, value in _ANALYSTS:
            self.analyst.addItem(text, value)
        self.analyst.activated.connect(lambda _place: self.changed.emit())
        self._body = QWidget()
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(3))
        for place, (name, widget) in enumerate(
            (
                *((name, self.fields[field]) for field, name, _, _ in _FIELDS[:5]),
                ("Analyses", self.analyst),
                (_FIELDS[5][1], self.fields[Field.RECORD]),
            )
        ):
            row, side = divmod(place, 2)
            grid.addWidget(label(name, Role.LABEL), 2 * row, side)
            grid.addWidget(widget, 2 * row + 1, side)
            grid.setColumnStretch(side, 1)
        self._problem = label("", Role.ERROR, wrap=True)
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        head = QHBoxLayout()
        head.setContentsMargins(-theme.px(8), 0, 0, 0)  # the word stands below the others, not its edge
        head.addWidget(self.toggle)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self._body)
        column.addWidget(self._problem)
        self._body.hide()
        self.band = QCheckBox("Also run the 3 x 3 latency and queue band")
        self.band.setToolTip(
            "Nine more runs: three latencies by three queue models, for a band of profit and loss"
        )
        self.band.toggled.connect(lambda _on: self.changed.emit())
        column.addWidget(self.band)

    def take(self, draft: Draft) -> None:
        """Fill in what a draft has, without telling anyone; what is set anew is unfolded."""
        for field in self.fields:
            self.fields[field].setText(getattr(draft, field.value))
        self.analyst.setCurrentIndex(max(0, self._place_of(draft.analyst)))
        self.band.blockSignals(True)
        self.band.setChecked(draft.has_band)
        self.band.blockSignals(False)
        is_apart = (each.text() for field, each in self.fields.items() if field is not Field.CAPITAL)
        if draft.analyst or any(is_apart):
            self.toggle.setChecked(True)

    def values(self) -> dict[str, str]:
        """Give the texts by the names that a draft has for them."""
        found = {field.value: self.fields[field].text().strip() for field in self.fields}
        return {**found, "analyst": self.analyst.currentData()}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark what is wrong, and unfold it."""
        own = {field: problems.get(field, "") for field in self.fields}
        for field, problem in own.items():
            self.fields[field].set_problem(problem)
        first = next(filter(None, own.values()), "")
        self._problem.setText(first)
        self._problem.setVisible(bool(first))
        if first:
            self.toggle.setChecked(True)

    def _place_of(self, analyst: str) -> int:
        place = self.analyst.findData(analyst)
        if place < 0:
            self.analyst.addItem(analyst, analyst)
            return self.analyst.count() - 1
        return place

    def _on_toggled(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._theme.bind_icon(self.toggle, "caret-down" if is_open else "caret-right", "text_2", 14)
