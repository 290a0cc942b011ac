"""The right side of a preview: what goes along with how many tokens, the price, and the caps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tickreel.analysis import Group
from tickreel.market.units import format_full
from tickreel_desktop.analysis.scope import GROUP_NAMES
from tickreel_desktop.analysis.spending import at_most, money
from tickreel_desktop.components import (
    BarState,
    Chip,
    FlowLayout,
    IconLabel,
    KeyValues,
    ProgressBar,
    Tag,
    label,
)
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.analysis.caller import Prepared
    from tickreel_desktop.theme import Theme

_PRICE = (
    "Model",
    "Sent, estimate",
    "Sent, at most",
    "Answer, at most",
    "Price per million",
    "This call, at most",
)


class _Cap(QFrame):
    """What is spent of one cap."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._name = name
        self._text = label("", Role.SECONDARY)
        self.bar = ProgressBar(f"{name}, part of the cap that is spent")
        head = QHBoxLayout()
        head.addWidget(label(name))
        head.addStretch(1)
        head.addWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(head)
        column.addWidget(self.bar)

    def show_spent(self, spent: float, cap: float) -> None:
        """Show what is spent."""
        part = spent / cap if cap else 1.0
        self._text.setText(f"{money(spent)} of {money(cap)}")
        self.bar.set_fraction(part, BarState.SLOWED if part > 0.9 else BarState.MOVING)


class PreviewFacts(QFrame):
    """Tell what a request holds and could cost."""

    part_removed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        px = theme.px
        self._parts = QFrame()
        self._flow = FlowLayout(self._parts, 0, px(6), fills=False)
        self.price = KeyValues(theme, _PRICE)
        self.price.setContentsMargins(-px(12), 0, -px(12), 0)
        self._session = _Cap(theme, "This session")
        self._day = _Cap(theme, "This UTC day")
        self._note_icon = IconLabel(theme, "info", "note", 14)
        self.note = label("", Role.SECONDARY, wrap=True)
        noted = QFrame()
        set_role(noted, Role.CARD)
        row = QHBoxLayout(noted)
        row.setContentsMargins(px(10), px(8), px(10), px(8))
        row.setSpacing(px(8))
        row.addWidget(self._note_icon)
        row.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(14), px(16), px(14))
        column.setSpacing(px(10))
        for each in (
            label("In this request", Role.SECTION),
            self._parts,
            label("Price", Role.SECTION),
            self.price,
            self._session,
            self._day,
        ):
            column.addWidget(each)
        column.addStretch(1)
        column.addWidget(noted)

    def parts(self) -> list[str]:
        """Give what the chips and tags say."""
        return [
            " ".join(part.text() for part in each.findChildren(QLabel))
            if isinstance(each, Chip)
            else each.text()
            for each in self._shown
        ]

    def show_prepared(self, prepared: Prepared) -> None:
        """Tell of another request."""
        self._show_parts(prepared)
        self._show_price(prepared)
        self._show_note(prepared)

    def _show_parts(self, prepared: Prepared) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._shown: list[Chip | Tag] = []
        count = len(prepared.snapshots)
        window = f"{'Window' if count == 1 else f'{count} windows'} {_tokens(prepared.tokens[Group.WINDOW])}"
        groups = dict.fromkeys(group for seen in prepared.snapshots for group in seen.groups)
        is_sent = prepared.preview.payload is not None
        for text, tokens in (("Task", prepared.instruction_tokens), ("Question", prepared.question_tokens)):
            if tokens and is_sent:
                self._add(Tag(f"{text} {_tokens(tokens)}"))
        self._add(Tag(window))
        for group in groups:
            if group is not Group.WINDOW:
                chip = Chip(self._theme, f"{GROUP_NAMES[group]} {_tokens(prepared.tokens[group])}")
                chip.removed.connect(partial(self.part_removed.emit, group))
                self._add(chip)
        width = self.width() - 2 * self._theme.px(16)
        self._parts.setFixedHeight(self._flow.heightForWidth(width))

    def _add(self, part: Chip | Tag) -> None:
        self._flow.addWidget(part)
        part.show()
        self._shown.append(part)

    def _show_price(self, prepared: Prepared) -> None:
        preview, spending = prepared.preview, prepared.spending
        price = preview.price
        both = "not known"
        if price is not None:
            sent, back = price.usd_in_per_mtok, price.usd_out_per_mtok
            both = f"${sent:g}" if sent == back else f"${sent:g} in, ${back:g} out"
        worst = preview.worst_usd
        values = (
            preview.model,
            f"{format_full(preview.tokens_in)} tokens",
            f"{format_full(preview.tokens_in_most)} tokens",
            f"{format_full(preview.tokens_out_most)} tokens",
            both,
            "not known" if worst is None else at_most(worst),
        )
        for caption, value in zip(_PRICE, values, strict=True):
            self.price.set_value(caption, value)
        self._session.show_spent(spending.session_usd, spending.cap_session_usd)
        self._day.show_spent(spending.day_usd, spending.cap_day_usd)

    def _show_note(self, prepared: Prepared) -> None:
        preview = prepared.preview
        if preview.refusal is not None:
            text = f"{preview.refusal[:1].upper()}{preview.refusal[1:]}."
        elif preview.payload is None:
            text = "Rules on this machine answer: nothing is sent, and it is free."
        elif preview.is_cached:
            text = "The same was asked before: it is answered from the store, free."
        else:
            text = "The same was not asked before: it cannot be answered from the store."
        self.note.setText(text)
        is_refused = preview.refusal is not None
        self._note_icon.set_icon("warning" if is_refused else "info", "warning" if is_refused else "note")


def _tokens(count: int) -> str:
    return f"{format_full(count)} tok"
