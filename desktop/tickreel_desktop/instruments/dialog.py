"""The dialog of instruments: the list, the facts of one, all that was said of a fact, forms to change it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel.market.units import format_full
from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.instruments.asking import Asking
from tickreel_desktop.instruments.commands import export_command, show_command
from tickreel_desktop.instruments.exporting import EXPORTED, Exporting
from tickreel_desktop.instruments.inferring import Inferring
from tickreel_desktop.instruments.keeper import UnlikelyError
from tickreel_desktop.instruments.layout import CHANGE, InstrumentsLayout
from tickreel_desktop.instruments.words import fact_title, missing_text

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.instruments.keeper import Change, InstrumentKeeper
    from tickreel_desktop.instruments.list_model import InstrumentRow
    from tickreel_desktop.instruments.sheet import InstrumentSheet
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SIZE_PX = (1440, 900)
_SMALLEST_PX = (860, 560)
_READ_ONLY = "This home was opened for reading only: nothing is changed here."
_NAMED = re.compile(r"([a-z0-9][a-z0-9-]*)[\s:]+(\S+)", re.ASCII)


class InstrumentsDialog(QDialog):
    """Show and change what is known of instruments. Use ``open()``, then :meth:`show_instrument` or not."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        keeper: InstrumentKeeper,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keeper = keeper
        self._tasks = tasks
        self._sheet: InstrumentSheet | None = None
        self._wanted: tuple[str, str] | None = None
        self._reads = 0
        self._is_closed = False
        self.setWindowTitle("Instruments")
        self.setAccessibleName("Instruments")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.parts = InstrumentsLayout(theme, zone, keeper.cache.disk.now_us)
        self.parts.fill(self)
        self._inferring = Inferring(self.parts.infer, keeper, tasks, self._say, self)
        self._asking = Asking(self.parts.vendor, keeper, tasks, self._say, self)
        self._exporting = Exporting(keeper, tasks, self._say, self)
        self._fit(parent)
        self._connect()
        reason = _READ_ONLY if keeper.is_read_only else ""
        for form in self.parts.forms.values():
            form.set_off(reason)
        if reason:
            self.parts.banner.set_text(reason)
        self._renew_undo()
        self._show_sheet(None)
        self._start(self._read_names(), "read the instruments")

    def _fit(self, parent: QWidget | None) -> None:
        px = self._theme.px
        width, height = (px(length) for length in _SIZE_PX)
        smallest = [px(length) for length in _SMALLEST_PX]
        if parent is not None:
            room = px(40)
            width = min(width, parent.window().width() - room)
            height = min(height, parent.window().height() - room)
        self.setMinimumSize(*smallest)
        self.resize(max(width, smallest[0]), max(height, smallest[1]))

    def _connect(self) -> None:
        parts, undo = self.parts, self._keeper.undo
        self.finished.connect(lambda _result: self._on_finished())
        self._keeper.changed.connect(self._on_changed)
        undo.changed.connect(self._renew_undo)
        parts.search.textChanged.connect(self._on_searched)
        parts.search.returnPressed.connect(lambda: parts.list.setFocus(Qt.FocusReason.OtherFocusReason))
        parts.list.selectionModel().selectionChanged.connect(lambda *_: self._on_selected())
        parts.list.row_opened.connect(lambda _row: parts.facts.setFocus(Qt.FocusReason.OtherFocusReason))
        parts.facts.selectionModel().selectionChanged.connect(lambda *_: self._on_fact_selected())
        parts.facts.row_opened.connect(lambda _row: self._edit_fact())
        parts.add_button.clicked.connect(lambda: self._add_typed())
        parts.tabs.chosen.connect(lambda _key: self._renew_command())
        for form in parts.forms.values():
            form.command_changed.connect(self._renew_command)
        parts.change.change_wanted.connect(self._on_change_wanted)
        parts.show_copy_button.clicked.connect(lambda: self._copy(self._show_command()))
        parts.command_copy_button.clicked.connect(lambda: self._copy(parts.form.command()))
        parts.undo_button.clicked.connect(lambda: undo.undo())
        parts.redo_button.clicked.connect(lambda: undo.redo())
        parts.export_button.clicked.connect(lambda: self._exporting.ask_where())
        parts.export_copy_button.clicked.connect(lambda: self._copy(export_command(EXPORTED, "json")))
        parts.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Find, self, self._to_search)
        QShortcut(QKeySequence.StandardKey.Undo, self, undo.undo)
        QShortcut(QKeySequence.StandardKey.Redo, self, undo.redo)

    def show_instrument(self, exchange: str, symbol: str) -> None:
        """Select an instrument and show what is known of it, also where nothing is."""
        self._wanted = (exchange, symbol)
        self.parts.search.clear()
        self._start(self._read_sheet(exchange, symbol), "read an instrument")
        self._select_wanted()

    @property
    def sheet(self) -> InstrumentSheet | None:
        """What is shown; None where no instrument is."""
        return self._sheet

    def status(self) -> str:
        """Give the line at the foot."""
        return self.parts.status.text()

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(work, name)

    def _say(self, text: str) -> None:
        self.parts.status.setText(text)
        announce(self.parts.status, text)

    # The list

    async def _read_names(self) -> None:
        try:
            names = await self._keeper.names()
        except TickreelError as error:
            if not self._is_closed:
                self.parts.banner.set_text(sentence(str(error)))
                self.parts.banner.show()
            return
        if self._is_closed:
            return
        parts = self.parts
        parts.names.replace(names)
        self._renew_list()
        if self._wanted is None and len(names):
            self._wanted = (names.exchanges[0], names.symbols[0])
        self._select_wanted()
        if self._sheet is None and self._wanted is not None:
            await self._read_sheet(*self._wanted)

    def _renew_list(self) -> None:
        parts, names = self.parts, self.parts.names
        shown = names.rowCount()
        count = f"{format_full(names.count)} {'instrument' if names.count == 1 else 'instruments'}"
        parts.count.setText(count if shown == names.count else f"{format_full(shown)} of {count}")
        typed = _NAMED.fullmatch(parts.search.text().strip())
        parts.show_no_match(
            is_empty=not shown,
            has_any=bool(names.count),
            named="" if typed is None else f"{typed[1]} {typed[2]}",
        )

    def _select_wanted(self) -> None:
        if self._wanted is None:
            return
        place = self.parts.names.position_of(*self._wanted)
        if place is not None:
            self.parts.list.show_row(place)

    def _on_searched(self, text: str) -> None:
        self.parts.names.set_filter(text)
        self._renew_list()
        self._select_wanted()

    def _on_selected(self) -> None:
        row = self._selected()
        if row is not None and (row.exchange, row.symbol) != self._wanted:
            self._wanted = (row.exchange, row.symbol)
            self._start(self._read_sheet(row.exchange, row.symbol), "read an instrument")

    def _selected(self) -> InstrumentRow | None:
        place = self.parts.list.selected_row()
        return None if place is None else self.parts.names.row_at(place)

    def _shown(self) -> tuple[str, str] | None:
        return None if self._sheet is None else (self._sheet.exchange, self._sheet.symbol)

    def _add_typed(self) -> None:
        typed = _NAMED.fullmatch(self.parts.search.text().strip())
        if typed is not None:
            self.show_instrument(typed[1], typed[2])

    # The facts of one instrument

    async def _read_sheet(self, exchange: str, symbol: str) -> None:
        self._reads += 1
        mine = self._reads
        try:
            sheet = await self._keeper.sheet(exchange, symbol)
        except TickreelError as error:
            if not self._is_closed:
                self._say(sentence(str(error)))
            return
        if not self._is_closed and mine == self._reads:
            self._show_sheet(sheet)

    def _show_sheet(self, sheet: InstrumentSheet | None) -> None:
        parts = self.parts
        name = self._fact_name()
        self._sheet = sheet
        parts.show_head(sheet)
        missing = "" if sheet is None else missing_text(sheet.missing)
        if not self._keeper.is_read_only:
            parts.banner.set_text(missing)
        parts.banner.setVisible(bool(parts.banner.text()))
        parts.fact_model.show_sheet(sheet)
        if sheet is None:
            parts.change.show_fact(None, "")
            parts.timeline_model.show_sayings("", [])
            parts.vendor.show_instrument("", None)
        else:
            row = parts.fact_model.row_of(name or (sheet.missing or ("tick",))[0])
            parts.facts.show_row(row or 0)
            self._show_fact()
            parts.vendor.show_instrument(sheet.exchange, sheet.symbol)
        self._inferring.show_sheet(sheet)
        self._renew_command()

    def _fact_name(self) -> str:
        row = self.parts.facts.selected_row()
        return "" if row is None else self.parts.fact_model.line(row).name

    def _on_fact_selected(self) -> None:
        if self._sheet is not None and self._fact_name():
            self._show_fact()

    def _show_fact(self) -> None:
        name = self._fact_name()
        if self._sheet is not None and name:
            self.parts.change.show_fact(self._sheet, name)
            self.parts.show_timeline(name, self._sheet.sayings(name))

    def _edit_fact(self) -> None:
        self.parts.show_form(CHANGE)
        self.parts.change.entry.take_focus()

    def _on_changed(self, _exchange: str, _symbol: str) -> None:
        """Read anew what this window changed, here or by undoing it."""
        if self._is_closed:
            return
        self._start(self._read_names(), "read the instruments")
        shown = self._shown()
        if shown is not None:
            self._start(self._read_sheet(*shown), "read an instrument")

    # Changes

    def _on_change_wanted(self, change: Change, is_meant: bool) -> None:
        self._start(self._change(change, is_meant=is_meant), "type in a fact")

    async def _change(self, change: Change, *, is_meant: bool) -> None:
        form = self.parts.change
        try:
            is_new = await self._keeper.type_in(change, is_meant=is_meant)
        except UnlikelyError as error:
            if not self._is_closed:
                form.ask_whether_meant(change, str(error))
            return
        except TickreelError as error:
            if not self._is_closed:
                form.set_problem(sentence(str(error)))
            return
        if self._is_closed:
            return
        form.forget_typing()
        did = "is withdrawn" if change.value is None else "is set"
        told = f"{fact_title(change.name)} of {change.symbol} {did}."
        self._say(told if is_new else "That was said already; nothing changed.")

    # The foot

    def _renew_undo(self) -> None:
        if not isValid(self) or self._is_closed:
            return
        undo = self._keeper.undo
        for made, text, verb in (
            (self.parts.undo_button, undo.undo_text, "Undo"),
            (self.parts.redo_button, undo.redo_text, "Redo"),
        ):
            made.setEnabled(bool(text))
            made.setToolTip(f"{verb}: {text}" if text else f"Nothing to {verb.lower()}")
            made.setAccessibleDescription(made.toolTip())

    def _renew_command(self) -> None:
        command = self.parts.form.command()
        self.parts.command.setText(command or "")
        self.parts.command_copy_button.setVisible(command is not None)
        self.parts.show_copy_button.setEnabled(self._sheet is not None)

    def _show_command(self) -> str | None:
        shown = self._shown()
        return None if shown is None else show_command(*shown)

    def _copy(self, text: str | None) -> None:
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self._say(f"Copied: {text}")

    def _to_search(self) -> None:
        self.parts.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.parts.search.selectAll()

    def export_to(self, path: Path) -> None:
        """Write everything to a file, as CSV where its name says so, else as JSON."""
        self._exporting.export_to(path)

    def _on_finished(self) -> None:
        """Call off what still runs; it finds no dialog to tell."""
        self._is_closed = True
        self._inferring.close()
        self._asking.close()
        self._exporting.close()
