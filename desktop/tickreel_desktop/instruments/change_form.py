"""The form in which one fact is typed in for a time, or what was typed in is withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from tickreel.errors import UsageError
from tickreel.instruments.facts import FACTS
from tickreel_desktop.components import ButtonKind, button
from tickreel_desktop.components.sentences import sentence
from tickreel_desktop.instruments.commands import set_command
from tickreel_desktop.instruments.form import Form
from tickreel_desktop.instruments.keeper import Change
from tickreel_desktop.instruments.span_fields import SpanFields
from tickreel_desktop.instruments.value_entry import ValueEntry
from tickreel_desktop.instruments.words import BEGINNING, FURTHER_NOTICE, fact_title, fact_word

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.instruments.sheet import InstrumentSheet
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class ChangeForm(Form):
    """Take a fact as the user knows it."""

    change_wanted = Signal(object, bool)
    """A :class:`Change`, and whether it is meant although it is unlikely."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._sheet: InstrumentSheet | None = None
        self._name = ""
        self._of: tuple[str, str, str] | None = None
        self._shown: tuple[str, ...] = ()
        self._unlikely: Change | None = None
        self.entry = ValueEntry(zone)
        self.span = SpanFields(theme, zone, "Valid", (BEGINNING, FURTHER_NOTICE))
        self.set_button = button(theme, "Set", ButtonKind.PRIMARY)
        self.withdraw_button = button(theme, "Withdraw this entry", ButtonKind.FLAT)
        self.add_line("Value", self.entry)
        self.add_line("Valid", self.span)
        self.add_buttons(self.set_button, self.withdraw_button)
        self.entry.edited.connect(self.renew)
        self.span.edited.connect(self.renew)
        for entered in (self.entry.entered, self.span.start.returnPressed, self.span.end.returnPressed):
            entered.connect(self._on_set)
        self.set_button.clicked.connect(lambda: self._on_set())
        self.withdraw_button.clicked.connect(lambda: self._on_withdraw())
        self.renew()

    def show_fact(self, sheet: InstrumentSheet | None, name: str) -> None:
        """Take a fact: its value of now stands in the field, and its own time where it was typed in.

        What somebody is typing of the same fact stays.
        """
        is_same = sheet is not None and self._of == (sheet.exchange, sheet.symbol, name)
        self._sheet, self._name = sheet, name
        self._of = None if sheet is None else (sheet.exchange, sheet.symbol, name)
        if sheet is None or not name or (is_same and self._texts() != self._shown):
            self.renew()
            return
        own = sheet.own_span(name)
        believed = sheet.line(name).span
        self.about.setText(f"{fact_title(name)}: {FACTS[name].meaning}.")
        self.entry.show_fact(name, None if believed is None else believed.value)
        self.span.show_span(*((None, None) if own is None else (own.from_us, own.to_us)))
        self.forget_typing()
        self.renew()

    def forget_typing(self) -> None:
        """Let what stands in the form be replaced by what is known from now on."""
        self._shown = self._texts()

    def _texts(self) -> tuple[str, ...]:
        return self.entry.text(), self.span.start.text(), self.span.end.text()

    def ask_whether_meant(self, change: Change, why: str) -> None:
        """Say why what was typed in is most likely a slip, and offer to take it."""
        self._unlikely = change
        self.set_problem(f"{sentence(why)} Set it all the same?")
        self.set_button.setText("Set it all the same")

    def change(self) -> Change:
        """Read the form.

        Raises:
            UsageError: what stands in it cannot be; the message says why.
        """
        assert self._sheet is not None
        value = self.entry.value()
        return Change(self._sheet.exchange, self._sheet.symbol, self._name, value, *self.span.span())

    def command(self) -> str | None:
        """Give the command line that sets the fact as it is filled in, or withdraws it where it is empty."""
        if self._sheet is None or not self._name:
            return None
        try:
            change = self.change()
        except UsageError:
            return None
        if change.value is None and self._sheet.own_span(self._name) is None:
            return None
        named = (change.exchange, change.symbol)
        return set_command(named, change.name, change.value, change.start_us, change.end_us)

    def renew(self) -> None:
        """Look at what stands in the form, and say what can be done with it."""
        has_fact = self._sheet is not None and bool(self._name)
        problem = self.off_reason
        is_ready = False
        self._unlikely = None
        if has_fact and not self.off_reason:
            try:
                is_ready = self.change().value is not None
            except UsageError as error:
                problem = sentence(str(error))
        self.entry.set_wrong(bool(problem) and not self.off_reason and not self._reads_value())
        self.set_problem(problem)
        self.about.setVisible(has_fact and not problem)  # which says what the fact is as well
        self.entry.setEnabled(has_fact and not self.off_reason)
        self.span.setEnabled(has_fact and not self.off_reason)
        self.set_button.setText(f"Set {fact_word(self._name)}" if has_fact else "Set")
        self.set_button.setEnabled(is_ready)
        has_own = has_fact and self._sheet is not None and self._sheet.own_span(self._name) is not None
        self.withdraw_button.setEnabled(has_own and not self.off_reason)
        self.withdraw_button.setToolTip(
            "The vendor's word holds again, else what was inferred" if has_own else "Nothing was typed in"
        )
        self.command_changed.emit()

    def _reads_value(self) -> bool:
        try:
            self.entry.value()
        except UsageError:
            return False
        return True

    def _on_set(self) -> None:
        if self.set_button.isEnabled():
            change = self.change()
            self.change_wanted.emit(change, change == self._unlikely)

    def _on_withdraw(self) -> None:
        """Withdraw for the time that stands in the form, whatever value does."""
        assert self._sheet is not None
        try:
            span = self.span.span()
        except UsageError as error:
            self.set_problem(sentence(str(error)))
            return
        withdrawn = Change(self._sheet.exchange, self._sheet.symbol, self._name, None, *span)
        self.change_wanted.emit(withdrawn, False)
