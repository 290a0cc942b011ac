"""Calls of before about the same day, each on a line: when, what was found, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tickreel_desktop.analysis.words import cost_words, state_words
from tickreel_desktop.components import ButtonKind, ElidedLabel, IconLabel, Tag, Tone, button, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.analysis.history import Kept
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A call of before, and whether its day is another by now."""

    kept: Kept
    is_stale: bool

    @property
    def is_pinned(self) -> bool:
        """Whether a finding of it is pinned."""
        return any(mark.is_pinned for mark in self.kept.marks.values())


class EntryRow(QPushButton):
    """One call of before; pressing it shows it."""

    def __init__(self, theme: Theme, zone: DisplayZone, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "entry")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._height = theme.px(26)
        kept = entry.kept
        when = zone.zone.clock(kept.to_us, 0)
        stale = ", stale: the day's data changed" if entry.is_stale else ""
        pinned = ", pinned" if entry.is_pinned else ""
        what, cost = state_words(kept), cost_words(kept)
        self.setAccessibleName(f"{when}: {what}, {cost}{pinned}{stale}")
        self.setToolTip(f"{kept.call.model}{': ' + kept.question if kept.question else ''}{pinned}{stale}")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(label(when, Role.SECONDARY))
        row.addWidget(ElidedLabel(what), 1)
        if entry.is_pinned:
            row.addWidget(IconLabel(theme, "push-pin-fill", "note", 12))
        if entry.is_stale:
            row.addWidget(Tag("stale", Tone.WARNING))
        row.addWidget(label(cost, Role.CAPTION))
        for each in self.findChildren(QWidget):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(super().sizeHint().width(), self._height)

    def minimumSizeHint(self) -> QSize:
        """Need one line, of any width."""
        return QSize(0, self._height)


class EarlierList(QFrame):
    """Show the newest calls of the day, and the way to all."""

    chosen = Signal(object)
    """The :class:`Kept` that shall be shown."""
    all_wanted = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self.rows: list[EntryRow] = []
        self._entries: tuple[Entry, ...] = ()
        self.all_button = button(theme, "All", ButtonKind.LINK)
        self.all_button.clicked.connect(lambda: self.all_wanted.emit())
        head = QHBoxLayout()
        head.addWidget(label("Earlier on this day", Role.SECTION))
        head.addStretch(1)
        head.addWidget(self.all_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        zone.changed.connect(lambda: self.show_entries(self._entries))
        self.hide()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show other calls, the newest first; nothing where there are none."""
        self._entries = tuple(entries)
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for entry in self._entries[:MOST_SHOWN]:
            row = EntryRow(self._theme, self._zone, entry)
            row.clicked.connect(partial(self._choose, entry.kept))
            self._column.addWidget(row)
            self.rows.append(row)
        self.all_button.setText(f"All {len(self._entries)}")
        self.setVisible(bool(self._entries))

    def _choose(self, kept: Kept, _checked: bool = False) -> None:
        self.chosen.emit(kept)
