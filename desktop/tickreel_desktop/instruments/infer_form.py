"""The form that infers tick and lot from rows, shows what was found, and stores it when that is wanted."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from tickreel.errors import Cancelled, UsageError
from tickreel.market.units import format_count
from tickreel_desktop.components import ButtonKind, ProgressBar, button, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.instruments.commands import infer_command
from tickreel_desktop.instruments.form import Form
from tickreel_desktop.instruments.span_fields import SpanFields
from tickreel_desktop.instruments.words import inference_text, refuted_text
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.instruments.keeper import Found
    from tickreel_desktop.instruments.sheet import InstrumentSheet
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_TELL_EVERY_S = 0.1
_ABOUT = "All prices are multiples of the tick, all amounts of the lot: rows that are held tell both."
_NOTHING_HELD = "Neither a book nor trades of it are held. Import or fetch a day first."


class InferenceWatch(QObject):
    """Take the progress of an inference on its thread, and give it out on that of the window."""

    progressed = Signal(int, int)
    """Rows that were read, and all there are."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_cancelled = threading.Event()
        self._told_s = 0.0

    def cancel(self) -> None:
        """Let it end at its next report."""
        self._is_cancelled.set()

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Tell of progress.

        Raises:
            Cancelled: it is to end.
        """
        if self._is_cancelled.is_set():
            raise Cancelled("the inference was cancelled; nothing is stored")
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self.progressed.emit(done, total or 0)


class InferForm(Form):
    """Ask for an inference, and whether it is stored."""

    inference_wanted = Signal(object, object, bool)
    """From and to in microseconds, and whether days may be missing."""
    cancelled = Signal()
    storing_wanted = Signal(object)
    """The :class:`Found` that shall be recorded."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._sheet: InstrumentSheet | None = None
        self._found: Found | None = None
        self._is_running = False
        self.about.setText(_ABOUT)
        self.span = SpanFields(theme, zone, "Rows", ("a time", "a time"))
        self.over_missing = QCheckBox("Read over days that are missing")
        self.bar = ProgressBar("Rows that were read")
        self._progress = label("", Role.CAPTION)
        self.result = label("", wrap=True)
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.result.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.infer_button = button(theme, "Infer from the rows", ButtonKind.PRIMARY)
        self.cancel_button = button(theme, "Cancel")
        self.store_button = button(theme, "Store what was found", ButtonKind.PRIMARY)
        self.discard_button = button(theme, "Discard", ButtonKind.FLAT)
        self._caption = self.add_line("Rows", self.span)
        self.add_line("", self.over_missing)
        progress = QHBoxLayout()
        progress.setSpacing(theme.px(8))
        progress.addWidget(self.bar, 1)
        progress.addWidget(self._progress)
        self.column.insertLayout(2, progress)
        self.column.insertWidget(3, self.result)
        self.add_buttons(self.infer_button, self.cancel_button, self.store_button, self.discard_button)
        self.infer_button.clicked.connect(lambda: self._on_infer())
        self.cancel_button.clicked.connect(lambda: self.cancelled.emit())
        self.store_button.clicked.connect(lambda: self.storing_wanted.emit(self._found))
        self.discard_button.clicked.connect(lambda: self.show_found(None))
        self.span.edited.connect(self.renew)
        self.over_missing.toggled.connect(lambda _on: self.renew())
        self.renew()

    @property
    def found(self) -> Found | None:
        """What was found and is not stored yet."""
        return self._found

    def show_sheet(self, sheet: InstrumentSheet | None) -> None:
        """Ask for another instrument, beginning with all that is held of it."""
        named = None if sheet is None else (sheet.exchange, sheet.symbol)
        before = None if self._sheet is None else (self._sheet.exchange, self._sheet.symbol)
        self._sheet = sheet
        if named != before:
            self._found = None
            held_us = None if sheet is None else sheet.held_us
            self.span.show_span(*(held_us or (None, None)))
        self.renew()

    def show_running(self, is_running: bool) -> None:
        """Show that rows are read, or that it is over."""
        self._is_running = is_running
        if is_running:
            self._found = None
            self.bar.set_fraction(None)
            self._progress.setText("")
        self.renew()

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        self.bar.set_fraction(done / total if total else None)
        self._progress.setText(f"{format_count(done)} of {format_count(total)} rows")

    def show_found(self, found: Found | None) -> None:
        """Show what was found, before anything is stored; None goes back to asking."""
        self._found = found
        if found is not None:
            text = f"{inference_text(found.inference)} {refuted_text(found.wrong)}".strip()
            self.result.setText(text)
            announce(self.result, text)
        self.renew()
        if found is not None and self.isVisible():
            (self.store_button if self.store_button.isEnabled() else self.discard_button).setFocus()

    def command(self) -> str | None:
        """Give the command line that infers and stores the same."""
        try:
            start_us, end_us = self.span.span()
        except UsageError:
            return None
        if self._sheet is None or start_us is None or end_us is None:
            return None
        named = (self._sheet.exchange, self._sheet.symbol)
        return infer_command(named, start_us, end_us, allow_missing=self.over_missing.isChecked())

    def renew(self) -> None:
        """Show the controls of where things stand: asked, under way, or found."""
        is_found = self._found is not None
        is_asking = not self._is_running and not is_found
        can_store = self._found is not None and bool(self._found.inference.facts)
        problem = ""
        try:
            span = self.span.span()
        except UsageError as error:
            span = (None, None)
            problem = sentence(str(error))
        if self._sheet is not None and self._sheet.held_us is None:
            problem = _NOTHING_HELD
        self.set_problem(problem if is_asking else self.off_reason if is_found else "")
        asking: tuple[QWidget, ...] = (self._caption, self.span, self.over_missing, self.infer_button)
        for each in asking:
            each.setVisible(is_asking)
        self.infer_button.setEnabled(self._sheet is not None and not problem and None not in span)
        running: tuple[QWidget, ...] = (self.bar, self._progress, self.cancel_button)
        for each in running:
            each.setVisible(self._is_running)
        self.result.setVisible(is_found)
        self.about.setVisible(not is_found)
        self.store_button.setVisible(is_found)
        self.store_button.setEnabled(can_store and not self.off_reason)
        self.store_button.setToolTip("" if can_store else "The rows told neither tick nor lot")
        self.discard_button.setVisible(is_found)
        self.command_changed.emit()

    def _on_infer(self) -> None:
        start_us, end_us = self.span.span()
        self.inference_wanted.emit(start_us, end_us, self.over_missing.isChecked())
