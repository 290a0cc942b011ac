"""The plan and the prices as fields: what is typed is checked as the core checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from tickreel.fetch.economics import PRESETS, Plan, PriceTable, Rates
from tickreel.fetch.economics.prices import FIGURES, checked_name
from tickreel.fetch.economics.words import plan_command, told_budget, told_storage
from tickreel.settings import SETTINGS
from tickreel.settings.words import text_of, value_of_text
from tickreel_desktop.components import CommandLine, KeyValues, button, label
from tickreel_desktop.savings.words import payback_words
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.fetch.economics import Account
    from tickreel.fetch.economics.prices import Figure

_FIELD_PX = 170
_STORAGE = "storage_bytes"
CALLS, STORAGE, PAYBACK = "Calls this month", "Storage in use", "Payback"
_QUOTA = next(setting for setting in SETTINGS if setting.key == "store.quota_bytes")
_TITLES = {
    "name": ("Plan", "a name, yours or one of those above"),
    "usd_per_month": ("Price", "US dollars a month; without it there is no payback"),
    "calls_per_month": ("Calls", "requests that it allows in a UTC month; empty is no limit"),
    _STORAGE: ("Storage", "such as 100 GB; it becomes the quota where that is not lower already"),
    "usd_per_request": ("Price per request", "US dollars"),
    "usd_per_gb": ("Price per GB", "US dollars for 10⁹ bytes from the vendor"),
    "usd_per_waiting_hour": ("Price per hour", "US dollars that an hour of waiting for data costs you"),
}


class PlanForm(QFrame):
    """Let a plan and prices be typed in; :meth:`table` gives them once they are good."""

    edited = Signal()
    """Something was typed or chosen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = PriceTable()
        set_role(self, Role.PANEL)
        px = theme.px
        self.fields: dict[str, QLineEdit] = {}
        self._problems: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(14), px(16), px(12))
        column.setSpacing(px(12))
        column.addLayout(self._make_presets())
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(2))
        grid.setColumnStretch(2, 1)
        for place, (name, (title, note)) in enumerate(_TITLES.items()):
            self._add_field(grid, 2 * place, name, title, note)
        column.addLayout(grid)
        column.addWidget(
            label(
                "An empty field is not known, and nothing is counted with it. Prices are yours: none of them "
                "is taken from the vendor.",
                Role.CAPTION,
                wrap=True,
            )
        )
        self._command = CommandLine(theme)
        column.addWidget(self._command)
        self.facts = KeyValues(theme, (CALLS, STORAGE, PAYBACK))
        set_role(self.facts, Role.CARD)
        column.addWidget(label("With what is kept now", Role.SECTION))
        column.addWidget(self.facts)
        column.addStretch(1)

    def _make_presets(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        row.addWidget(label("Start from", Role.SECONDARY))
        for key, plan in PRESETS.items():
            chooser = button(self._theme, plan.name)
            chooser.setObjectName(f"plan.{key}")
            chooser.setToolTip("The figures of the founding article's plan, not the prices of Tardis.dev")
            chooser.clicked.connect(lambda _checked=False, chosen=plan: self._fill_plan(chosen))
            row.addWidget(chooser)
        row.addWidget(label("the founding article's figures, not the vendor's prices", Role.CAPTION))
        row.addStretch(1)
        return row

    def _add_field(self, grid: QGridLayout, at: int, name: str, title: str, note: str) -> None:
        px = self._theme.px
        caption = label(title, Role.SECONDARY)
        caption.setMinimumWidth(px(120))
        field = QLineEdit()
        field.setObjectName(f"plan.{name}")
        field.setAccessibleName(f"{title}, {note}")
        field.setFixedWidth(px(_FIELD_PX))
        if name != "name":
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.textEdited.connect(lambda _text: self._on_edited())
        problem = label("", Role.ERROR, wrap=True)
        problem.hide()
        grid.addWidget(caption, at, 0)
        grid.addWidget(field, at, 1)
        grid.addWidget(label(note, Role.CAPTION), at, 2)
        grid.addWidget(problem, at + 1, 1, 1, 2)
        grid.setRowMinimumHeight(at + 1, px(4))
        self.fields[name] = field
        self._problems[name] = problem

    @property
    def is_changed(self) -> bool:
        """Whether what is typed is something else than what is kept."""
        table = self.table()
        return table is None or table != self._shown

    def show_table(self, table: PriceTable) -> None:
        """Show what is kept."""
        self._shown = table
        self._fill({"name": "" if table.plan is None else table.plan.name})
        self._fill({figure.name: _text(figure, _kept(table, figure)) for figure in FIGURES})
        self._renew()

    def show_account(self, account: Account) -> None:
        """Show what is used of the plan that is kept, and after how long its price comes back."""
        self.facts.set_value(CALLS, told_budget(account.budget))
        self.facts.set_value(STORAGE, told_storage(account))
        self.facts.set_value(PAYBACK, payback_words(account.payback))

    def table(self) -> PriceTable | None:
        """Give what is typed, or None where something is wrong; that is told below its field."""
        name, problem = self.fields["name"].text().strip(), ""
        of: dict[str, dict[str, float | None]] = {"plan": {}, "rates": {}}
        is_good = True
        for figure in FIGURES:
            text = self.fields[figure.name].text().strip()
            try:
                of[figure.section][figure.name] = _read(figure, text) if text else None
                self._tell(figure.name, "")
            except ValueError as error:
                self._tell(figure.name, str(error))
                is_good = False
        try:
            if name:
                name = checked_name(name)
            elif any(value is not None for value in of["plan"].values()):
                problem = "give the plan a name"
        except ValueError as error:
            problem = str(error)
        self._tell("name", problem)
        if problem or not is_good:
            return None
        plan = Plan(name, **of["plan"]) if name else None  # type: ignore[arg-type]
        return PriceTable(plan, Rates(**of["rates"]), self._shown.quota)

    def problem(self, name: str) -> str:
        """Give what is wrong with a field; empty when nothing is."""
        return self._problems[name].text()

    def command(self) -> str:
        """Give the command line that would do the same."""
        return self._command.command()

    def _tell(self, name: str, problem: str) -> None:
        self._problems[name].setText(problem)
        self._problems[name].setVisible(bool(problem))
        set_style_property(self.fields[name], "error", bool(problem))
        self.fields[name].setAccessibleDescription(problem)

    def _fill_plan(self, plan: Plan) -> None:
        self._fill({"name": plan.name})
        figures = (figure for figure in FIGURES if figure.section == "plan")
        self._fill({figure.name: _text(figure, getattr(plan, figure.name)) for figure in figures})
        self._on_edited()

    def _fill(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            if self.fields[name].text() != text:
                self.fields[name].setText(text)

    def _renew(self) -> None:
        table = self.table()
        self._command.set_command("" if table is None else plan_command(table))

    def _on_edited(self) -> None:
        self._renew()
        self.edited.emit()


def _kept(table: PriceTable, figure: Figure) -> float | None:
    holder = table.rates if figure.section == "rates" else table.plan
    value: float | None = getattr(holder, figure.name, None)
    return value


def _text(figure: Figure, value: float | None) -> str:
    if value is None:
        return ""
    if figure.name == _STORAGE:
        return text_of(_QUOTA, int(value))
    return f"{value:.0f}" if value == int(value) else repr(value)


def _read(figure: Figure, text: str) -> float:
    if figure.name == _STORAGE:
        return figure.read(value_of_text(_QUOTA, text))
    return figure.read_text(text)
