"""Which values of which parameters are swept, how many runs that makes, and how long they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tickreel.backtest.sweeps.grid import Axis
from tickreel.market.units import format_count, format_duration_s, format_full
from tickreel_desktop.backtest.form.axes import FORMS, Plan, plan_of, sweep_command
from tickreel_desktop.backtest.form.draft import spelled
from tickreel_desktop.backtest.form.fields import TextField
from tickreel_desktop.backtest.running.words import strategy_name
from tickreel_desktop.components import ButtonKind, CommandLine, button, label
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.declaring import Declaration
    from tickreel.backtest.request import BacktestRequest
    from tickreel_desktop.backtest.form.draft import Draft
    from tickreel_desktop.theme import Theme

_WIDTH_PX = 620
_MOST_LISTED_PX = 330


class SweepDialog(QDialog):
    """Ask for the grid of a sweep; :attr:`chosen` has the answer."""

    chosen = Signal(object)
    """The :class:`SweepRequest`; sent before the dialog closes."""

    def __init__(
        self,
        theme: Theme,
        draft: Draft,
        base: BacktestRequest,
        declared: Declaration,
        parent: QWidget,
        *,
        rows: int,
        rows_per_s: float | None,
        workers: int,
    ) -> None:
        """Begin with the form's *base*; *rows* and *rows_per_s* of one run, *workers* runs at once."""
        super().__init__(parent)
        self._theme = theme
        self._draft = draft
        self._base = base
        self._declared = declared
        self._run_s = rows / rows_per_s if rows_per_s else None
        self._workers = workers
        self._plan = Plan({}, None)
        self.setWindowTitle("Sweep")
        self.setAccessibleName("Sweep")
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        self.fields: dict[str, TextField] = {}
        self.apart = {
            Axis.SYMBOLS: QCheckBox("Each symbol in runs of its own"),
            Axis.DAYS: QCheckBox("Each UTC day in runs of its own"),
        }
        self.apart[Axis.SYMBOLS].setEnabled(len(base.instruments) > 1)
        for box in self.apart.values():
            box.toggled.connect(lambda _on: self._renew())
        self.command_line = CommandLine(theme)
        self._said = label("", Role.CAPTION, wrap=True)
        self.run_button = button(theme, "Run", ButtonKind.PRIMARY, icon="play-fill")
        self.run_button.setDefault(True)
        self.run_button.clicked.connect(self._on_run)
        self._lay_out()
        self._renew()

    def _lay_out(self) -> None:
        px = self._theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(px(18), px(14), px(18), px(14))
        body.setSpacing(px(8))
        body.addWidget(label(f"Sweep {strategy_name(self._base.strategy)}", Role.TITLE))
        body.addWidget(
            label(f"Values of a parameter: {FORMS}. An empty field stays at its value.", Role.SECONDARY)
        )
        body.addWidget(self._make_grid())
        for box in self.apart.values():
            body.addWidget(box)
        body.addSpacing(px(4))
        body.addWidget(self.command_line)
        column.addLayout(body, 1)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(9), px(16), px(8))
        row.setSpacing(px(8))
        row.addWidget(self._said, 1)
        cancel = button(self._theme, "Cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        row.addWidget(self.run_button)
        column.addWidget(foot)

    def _make_grid(self) -> QScrollArea:
        px = self._theme.px
        inner = QFrame()
        set_role(inner, Role.PANEL)
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, px(8), 0)
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(4))
        grid.setColumnStretch(1, 1)
        for row, parameter in enumerate(self._declared.params):
            name = label(parameter.name, Role.MONO)
            name.setToolTip(parameter.meaning)
            now = self._base.params.get(parameter.name, parameter.default)
            field = TextField(f"Values of {parameter.name}", spelled(now))
            field.set_tip(", ".join(filter(None, (parameter.meaning, parameter.unit, parameter.span))))
            field.textEdited.connect(lambda _text: self._renew())
            self.fields[parameter.name] = field
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(label(parameter.unit or parameter.span, Role.CAPTION), row, 2)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setMinimumHeight(min(inner.sizeHint().height() + 2, px(_MOST_LISTED_PX)))
        return area

    def take(self, grid: Mapping[str, Sequence[object]]) -> None:
        """Fill in values, as of a region that is to be looked at more closely."""
        for name, values in grid.items():
            if name in self.fields:
                texts = (
                    spelled(one) if isinstance(one, bool | int | float | str) else str(one) for one in values
                )
                self.fields[name].setText(", ".join(texts))
        self._renew()

    def count(self) -> int:
        """Count the runs that this makes; 0 while something is wrong."""
        return 0 if self._plan.request is None else self._plan.request.count()

    def said(self) -> str:
        """Give what is said of the sweep, or of what is wrong with it."""
        return self._said.text()

    def _renew(self) -> None:
        typed = {name: field.text() for name, field in self.fields.items()}
        apart = tuple(axis for axis, box in self.apart.items() if box.isChecked())
        self._plan = plan = plan_of(self._base, self._declared, typed, apart)
        for name, field in self.fields.items():
            field.set_problem(plan.problems.get(name, ""))
        request, count = plan.request, self.count()
        problem = next(iter(plan.problems.values()), "")
        self._said.setText(problem[:1].upper() + problem[1:] if problem else self._size(count))
        set_style_property(self._said, "tone", "warning" if problem else "neutral")
        self.run_button.setText(
            f"Run {format_full(count)} {'run' if count == 1 else 'runs'}" if count else "Run"
        )
        self.run_button.setEnabled(request is not None)
        self.run_button.setAccessibleDescription(problem)
        self.command_line.set_command("" if request is None else sweep_command(self._draft, request))

    def _size(self, count: int) -> str:
        said = f"{format_count(count)} trials, {min(self._workers, count)} at once"
        if self._run_s is None:
            return said
        parts = self._base.end_us - self._base.start_us
        request = self._plan.request
        assert request is not None
        points = request.points()
        share = sum(one.request.end_us - one.request.start_us for one in points) / parts
        seconds = max(1.0, self._run_s * share / min(self._workers, count))
        return f"{said}: about {format_duration_s(round(seconds))}".replace(".0 s", " s")

    def _on_run(self) -> None:
        if self._plan.request is not None:
            self.chosen.emit(self._plan.request)
            self.accept()
