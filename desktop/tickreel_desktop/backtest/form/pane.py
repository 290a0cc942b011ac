"""The form as a column of the workspace: four fields, and all else below Advanced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from tickreel.backtest.declaring import Declaration, Fault
from tickreel.backtest.presets import CAREFUL, OPTIMISTIC, TYPICAL
from tickreel.market.time import US_PER_DAY
from tickreel_desktop.backtest.form.advanced import Advanced
from tickreel_desktop.backtest.form.days_field import DaysField
from tickreel_desktop.backtest.form.draft import Draft, Field, Reading, command, read
from tickreel_desktop.backtest.form.estimate import estimate_words
from tickreel_desktop.backtest.form.foot import FormFoot
from tickreel_desktop.backtest.form.holding import Extent, extent_of
from tickreel_desktop.backtest.form.params_grid import ParamsGrid
from tickreel_desktop.backtest.form.strategy_field import StrategyField
from tickreel_desktop.backtest.form.symbols_field import SymbolsField
from tickreel_desktop.components import ButtonKind, DockTitle, Segment, Segments, button, label, tool_button
from tickreel_desktop.replay.missing import counted
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import Theme

_PRESETS = {
    CAREFUL: "Orders take 20 ms, 1 in 100 above 100 ms. Only trades move an order ahead in its queue.",
    TYPICAL: "Orders take 5 ms each way. Part of what is cancelled lay ahead in the queue.",
    OPTIMISTIC: "Orders take 0.5 ms each way. Much of what is cancelled lay ahead in the queue.",
}


class FormPane(QFrame):
    """Hold what is to be run; who reads strategies and days for it, and runs it, is told by signals."""

    changed = Signal()
    """The user changed something."""
    symbols_changed = Signal()
    """Other symbols are chosen: :meth:`show_symbols` is due."""

    stated = Signal()
    """What the form amounts to was found out anew."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.setAccessibleName("New run")
        self._theme = theme
        self._found: Declaration | Fault | None = None
        self._held: tuple[HeldSymbol, ...] = ()
        self._params: dict[str, str] = {}
        """What was typed, as long as the strategy that it belongs to is not read."""
        self._rows_per_s: float | None = None
        self._obstacle = ""
        self._rows = 0
        self.strategy = StrategyField(theme)
        self.symbols = SymbolsField(theme)
        self.days = DaysField(theme)
        self.presets = Segments(
            theme, "Preset", [Segment(name, name.capitalize()) for name in _PRESETS], parent=self
        )
        self.params = ParamsGrid(theme)
        self.advanced = Advanced(theme)
        self.foot = FormFoot(theme)
        self.templates_menu = QMenu("Templates", self)
        self._make_body()
        self._connect()
        self.take(Draft())

    def _make_body(self) -> None:
        theme, px = self._theme, self._theme.px
        title = DockTitle(theme, "New run")
        templates = QToolButton()
        templates.setText("Templates")
        templates.setAccessibleName("Templates")
        templates.setToolTip("Forms that are kept under a name")
        templates.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        templates.setMenu(self.templates_menu)
        templates.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        title.add_control(templates)
        self.back_button = tool_button(theme, "x", "Back to the list of runs", size=14)
        self.back_button.hide()
        title.add_control(self.back_button)
        self._preset_note = label("", Role.CAPTION, wrap=True)
        self._days_problem = label("", Role.ERROR, wrap=True)
        self._days_problem.hide()
        self._params_head = QWidget()
        head = QHBoxLayout(self._params_head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label("Parameters", Role.SECTION))
        head.addStretch(1)
        reset = button(theme, "Reset", ButtonKind.LINK)
        reset.setToolTip("Put all parameters as the strategy declares them")
        reset.clicked.connect(lambda: self.params.reset())
        head.addWidget(reset)
        body = QFrame()
        set_role(body, Role.PANEL)
        column = QVBoxLayout(body)
        column.setContentsMargins(px(14), px(10), px(14), px(12))
        column.setSpacing(px(4))
        for name, widgets in (
            ("Strategy", (self.strategy,)),
            ("Symbols", (self.symbols,)),
            ("Days, UTC", (self.days, self._days_problem)),
            ("Preset", (self.presets, self._preset_note)),
        ):
            column.addWidget(label(name, Role.LABEL))
            for widget in widgets:
                column.addWidget(widget)
            column.addSpacing(px(7))
        for part in (self._params_head, self.params, self.advanced):
            column.addWidget(part)
            column.addSpacing(px(4))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(title)
        whole.addWidget(area, 1)
        whole.addWidget(self.foot)

    def _connect(self) -> None:
        self.symbols.changed.connect(self._on_symbols_changed)
        for part in (self.days, self.params, self.advanced):
            part.changed.connect(self._on_changed)
        self.presets.chosen.connect(lambda _key: self._on_changed())

    def take_focus(self) -> None:
        """Give the keyboard to what is to be filled in first."""
        first = self.strategy.box if not self.strategy.reference else self.symbols.search
        (first if not self.foot.run_button.isEnabled() else self.foot.run_button).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    # What is filled in

    def draft(self) -> Draft:
        """Give the form as it stands."""
        is_read = isinstance(self._found, Declaration)
        return Draft(
            strategy=self.strategy.reference,
            symbols=self.symbols.symbols(),
            first=self.days.first.text().strip(),
            last=self.days.last.text().strip(),
            preset=self.presets.value(),
            params=self.params.values() if is_read else dict(self._params),
            leaves_out=self.days.leave_out.isChecked(),
            has_band=self.advanced.band.isChecked(),
            **self.advanced.values(),
        )

    def take(self, draft: Draft) -> None:
        """Fill the form in; strategy and symbols are to be read and shown after that."""
        self._found = None  # what is typed now belongs to what was read before
        self._params = dict(draft.params)
        self.symbols.set_symbols(draft.symbols)
        self.days.set_range(draft.first, draft.last, leaves_out=draft.leaves_out)
        self.presets.choose(draft.preset if draft.preset in _PRESETS else TYPICAL)
        self.advanced.take(draft)
        self.renew()

    def reading(self) -> Reading:
        """Give what the form amounts to."""
        return read(self.draft(), self._found if isinstance(self._found, Declaration) else None)

    def command(self) -> str:
        """Give the command line that does the same; empty where something is wrong."""
        return command(self.draft(), self.reading())

    def rows(self) -> int:
        """Count the rows of a run, as far as they are known."""
        return self._rows

    def obstacle(self) -> str:
        """Say why it cannot be run as it is; empty when it can."""
        return self._obstacle

    def declaration(self) -> Declaration | None:
        """Give what the strategy declares, once that is known."""
        return self._found if isinstance(self._found, Declaration) else None

    def fault(self) -> Fault | None:
        """Give why the strategy cannot be read, if it cannot."""
        return self._found if isinstance(self._found, Fault) else None

    # What others found out for it

    def show_reading(self, reference: str) -> None:
        """Say that the strategy is being read."""
        if isinstance(self._found, Declaration):
            self._params = self.params.values() if self._found.reference == reference else {}
        self._found = None
        self.strategy.show_reading(reference)
        self.renew()

    def show_found(self, found: Declaration | Fault, *, is_example: bool) -> None:
        """Show what the strategy declares, or why it cannot be read."""
        self._found = found
        self.strategy.show_found(found, is_example=is_example)
        if isinstance(found, Declaration):
            self.params.show_params(found.params, self._params)
        self.renew()

    def show_symbols(self, held: Sequence[HeldSymbol]) -> None:
        """Show what is held of the symbols."""
        self._held = tuple(held)
        self.days.show_symbols(self._held)
        self.renew()

    def show_rate(self, rows_per_s: float | None) -> None:
        """Estimate by so many rows a second; None where nothing is known yet."""
        self._rows_per_s = rows_per_s
        self.renew()

    def renew(self) -> None:
        """Say what the form amounts to now."""
        reading, draft = self.reading(), self.draft()
        extent = None
        if reading.range_us is not None and self._held and self._is_whole(draft):
            extent = extent_of(self._held, *reading.range_us)
        self._rows = 0 if extent is None else extent.rows
        self.days.show_extent(extent)
        self._preset_note.setText(_PRESETS[self.presets.value()])
        self._params_head.setVisible(bool(self.params.fields) and isinstance(self._found, Declaration))
        self.params.setVisible(isinstance(self._found, Declaration))
        self._show_problems(reading, draft)
        is_days = reading.range_us is not None and all(at_us % US_PER_DAY == 0 for at_us in reading.range_us)
        days = counted(extent.held_days) if extent is not None and is_days else ""
        said = "" if extent is None else estimate_words(extent, self._rows_per_s, has_band=draft.has_band)
        self._obstacle = self._find_obstacle(reading, extent)
        self.foot.show_state(said, days, self._obstacle)
        self.stated.emit()

    def _is_whole(self, draft: Draft) -> bool:
        return tuple(each.pair for each in self._held) == draft.symbols

    def _show_problems(self, reading: Reading, draft: Draft) -> None:
        problems = dict(reading.problems)
        for field, bound in ((Field.FIRST, self.days.first), (Field.LAST, self.days.last)):
            bound.set_problem(problems.get(field, "") if bound.text().strip() else "")
        typed = [
            problems[field]
            for field, text in ((Field.FIRST, draft.first), (Field.LAST, draft.last))
            if text and field in problems
        ]
        self._days_problem.setText(typed[0] if typed else "")
        self._days_problem.setVisible(bool(typed))
        self.params.show_problems(problems)
        self.advanced.show_problems(problems)

    def _find_obstacle(self, reading: Reading, extent: Extent | None) -> str:
        if reading.first_problem:
            return reading.first_problem
        if self.fault() is not None:
            return "The strategy does not load"
        if self._found is None:
            return "The strategy is being read"
        if extent is None:
            return "What is held of the symbols is being read"
        return (
            extent.problem or self.days.reason() or ("" if extent.rows else "No rows are held in this range")
        )

    def _on_symbols_changed(self) -> None:
        self.symbols_changed.emit()
        self._on_changed()

    def _on_changed(self) -> None:
        self.renew()
        self.changed.emit()
