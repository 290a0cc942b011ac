"""A field that finds symbols among those that are held, by a few letters of exchange and symbol."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QWidget

from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QMouseEvent

_MOST = 100
_MOST_ROWS = 8


class SymbolSearch(QLineEdit):
    """Let one symbol after the other be chosen; the field is empty again then."""

    chosen = Signal(str, str)
    """The user wants this exchange and symbol."""
    refused = Signal(str)
    """What was typed names nothing that is held: why; empty when that is over."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._known: tuple[tuple[str, str, tuple[str, str]], ...] = ()
        self._without: frozenset[tuple[str, str]] = frozenset()
        self._names = QStringListModel(self)
        self.popup = QListView(self)
        """The list of symbols that match what is typed; the field keeps the keyboard."""
        self.popup.setModel(self._names)
        self.popup.setAccessibleName("Symbols that match")
        self.popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.popup.setUniformItemSizes(True)
        self.popup.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.popup.setFrameStyle(QFrame.Shape.Box)
        set_role(self.popup, Role.CHOICES)
        self.popup.clicked.connect(lambda index: self._take_name(index.data()))
        self.popup.hide()
        plus = QAction(self)
        theme.bind_icon(plus, "plus", "accent", 14)
        self.addAction(plus, QLineEdit.ActionPosition.LeadingPosition)
        self.setPlaceholderText("Add a symbol or venue")
        self.setAccessibleName("Add a symbol or venue: type to search what is held")
        self.textEdited.connect(self._on_edited)

    def offer(self, known: Sequence[tuple[str, str]], without: Sequence[tuple[str, str]]) -> None:
        """Search these exchanges and symbols, but for some."""
        if len(known) != len(self._known):
            names = ((f"{exchange} {symbol}", (exchange, symbol)) for exchange, symbol in known)
            self._known = tuple((name.casefold(), name, pair) for name, pair in names)
        self._without = frozenset(without)

    def matches(self, text: str) -> list[str]:
        """List the symbols that have all typed words, those whose symbol begins with the first one first."""
        words = text.casefold().split()
        found = (
            (folded, name, pair)
            for folded, name, pair in self._known
            if pair not in self._without and all(word in folded for word in words)
        )
        first = words[0] if words else ""
        ranked = sorted(found, key=lambda each: not each[2][1].casefold().startswith(first))
        return [name for _, name, _ in islice(ranked, _MOST)]

    def _on_edited(self, text: str) -> None:
        self.refused.emit("")
        self._open(text)

    def _open(self, text: str) -> None:
        """Show what matches over whatever lies below the field."""
        names = self.matches(text)
        self._names.setStringList(names)
        if not names:
            self.popup.hide()
            return
        window = self.window()
        if self.popup.parentWidget() is not window:
            self.popup.setParent(window)
        place = self.mapTo(window, QPoint(0, self.height()))
        rows = self.popup.sizeHintForRow(0) * min(len(names), _MOST_ROWS)
        room = window.height() - place.y() - self._theme.px(8)
        height = min(rows + 2 * self.popup.frameWidth(), max(room, self._theme.px(60)))
        self.popup.setGeometry(place.x(), place.y(), self.width(), height)
        self.popup.setCurrentIndex(self._names.index(0))
        self.popup.show()
        self.popup.raise_()

    def _take_name(self, name: str) -> None:
        pair = next((pair for _, known, pair in self._known if known == name), None)
        if pair is not None:
            self.popup.hide()
            self.clear()
            self.chosen.emit(*pair)

    def _take(self) -> None:
        if self.popup.isVisible() and self.popup.currentIndex().isValid():
            self._take_name(self.popup.currentIndex().data())
        elif names := self.matches(self.text()):
            self._take_name(names[0])
        else:
            self.refused.emit(f"No order book is held of {self.text().strip()!r}")

    def _step(self, rows: int) -> None:
        row = min(max(self.popup.currentIndex().row() + rows, 0), self._names.rowCount() - 1)
        self.popup.setCurrentIndex(self._names.index(row))

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the dialog while the list is open."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.popup.isVisible()
        ):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the list by a click."""
        super().mousePressEvent(event)
        self._open(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is marked by Enter, which a dialog would press its button for; go through the list."""
        key, is_open = event.key(), self.popup.isVisible()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (is_open or self.text().strip()):
            self._take()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and is_open:
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Down:
            self._open(self.text())
        elif key == Qt.Key.Key_Escape and is_open:
            self.popup.hide()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget what was typed and not taken."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.popup.hide()
            self.clear()
            self.refused.emit("")
