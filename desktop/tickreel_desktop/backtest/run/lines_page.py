"""Pages of lines of a name and a text: assumptions, and what was said on the way; and the card as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.backtest.run.array_table import ArrayColumn, ArrayTable
from tickreel_desktop.backtest.run.assumptions import assumptions_of
from tickreel_desktop.components import ButtonKind, DockTitle, EmptyState, button
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_LEVELS: dict[str, ColourName] = {"warning": "warning", "error": "error"}


class _Page(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)


class AssumptionsPage(_Page):
    """What a run assumes and rests on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ArrayTable(theme, "Assumptions")
        self._column.addWidget(self.table, 1)

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        lines = assumptions_of(record.card)
        columns = [
            ArrayColumn("What", lambda row: lines[row][0], 290),
            ArrayColumn("Value", lambda row: lines[row][1], 400),
        ]
        self.table.show_columns(columns, len(lines))


class LogPage(_Page):
    """What the strategy and the engine said, and what the strategy printed."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._record: RunRecord | None = None
        self.title = DockTitle(theme, "Log")
        self.table = ArrayTable(theme, "Log of the run")
        self.output_title = DockTitle(theme, "Output", "what the strategy printed")
        self.output = QPlainTextEdit()
        self.output.setReadOnly(True)
        self.output.setAccessibleName("Output of the strategy")
        self.output.setFont(theme.font(FontRole.MONO))
        set_role(self.output, Role.CODE)
        self._column.addWidget(self.title)
        self._nothing = EmptyState(
            theme, "file-text", "Nothing was logged", "A strategy says something here by ctx.log(text)."
        )
        self._column.addWidget(self.table, 2)
        self._column.addWidget(self._nothing, 2)
        self._column.addWidget(self.output_title)
        self._column.addWidget(self.output, 1)
        zone.changed.connect(self._on_zone_changed)

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        self._record = record
        log, zone = record.log, self._zone.zone
        count = 0 if log is None else len(log)
        self.title.set_caption("1 line" if count == 1 else f"{format_full(count)} lines")
        if log is None:
            self.table.show_columns([], 0)
        else:
            times, levels, texts = (log[name].combine_chunks() for name in ("time_us", "level", "text"))
            columns = [
                ArrayColumn("Time", lambda row: zone.stamp(times[row].as_py()), 184, times.to_numpy()),
                ArrayColumn(
                    "Level",
                    lambda row: str(levels[row]),
                    74,
                    tone=lambda row: _LEVELS.get(str(levels[row]), "text_2"),
                ),
                ArrayColumn("Text", lambda row: str(texts[row]), 400),
            ]
            self.table.show_columns(columns, count)
        self.table.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        self.output.setPlainText(record.output)
        for part in (self.output_title, self.output):
            part.setVisible(bool(record.output))

    def _on_zone_changed(self) -> None:
        if self._record is not None:
            self.show_record(self._record)


class CardPage(_Page):
    """The card as ``runs show --json`` prints it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = DockTitle(theme, "Run card")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Run card as JSON")
        self.text.setFont(theme.font(FontRole.MONO))
        set_role(self.text, Role.CODE)
        copy = button(theme, "Copy", ButtonKind.FLAT, icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.title.add_control(copy)
        self._column.addWidget(self.title)
        self._column.addWidget(self.text, 1)

    def show_record(self, record: RunRecord) -> None:
        """Show a run."""
        self.title.set_caption(f"tickreel runs show {record.card.id} --json")
        self.text.setPlainText(json.dumps(record.run.to_form(), indent=2, ensure_ascii=False))
