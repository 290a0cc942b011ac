"""The window of the palette: a field, what fits, and the keys that act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import IconLabel, KeyCap, label
from tickreel_desktop.palette.candidates import Candidate, Provider, find
from tickreel_desktop.palette.delegate import HEADING_PX, ROW_PX, PaletteDelegate
from tickreel_desktop.palette.model import PaletteModel
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex

    from tickreel_desktop.theme import Theme

WIDTH_PX = 720
TOP_SHARE = 0.06
"""Where its upper edge lies, as a share of the window's height."""
_FIELD_PX = 46
_FOOT_PX = 30
_MOST_LIST_PX = 408
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 8,
    Qt.Key.Key_PageUp: -8,
}


class Palette(QDialog):
    """Let the user find and choose; it closes with the choice."""

    chosen = Signal(str)
    """The id of what was chosen; it has been run."""
    command_wanted = Signal(str)
    """The user wants this command line on the clipboard."""
    keys_wanted = Signal(str)
    """The user wants to give other keys to the action of this id."""

    def __init__(
        self,
        theme: Theme,
        providers: Sequence[Provider],
        lately: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("palette")
        self.setWindowTitle("Command palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._providers = providers
        self._lately = lately
        self._model = PaletteModel(self)
        self.field = self._make_field()
        self._count = label("", Role.CAPTION)
        self.list = self._make_list()
        self._nothing = label("", Role.SECONDARY, wrap=True)
        self._nothing.setContentsMargins(theme.px(14), theme.px(14), theme.px(14), theme.px(16))
        self._nothing.hide()
        frame = QFrame()
        set_role(frame, Role.PALETTE)
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(self.list)
        column.addWidget(self._nothing)
        column.addWidget(self._make_foot())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._renew("")
        self.field.setFocus()

    def _make_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setProperty("kind", "palette")
        field.setPlaceholderText("Run a command, open a dataset, go to a time like btcusdt 19 jul 2024 00:03")
        field.setAccessibleName("Command, dataset, time or link")
        field.textChanged.connect(self._renew)
        field.installEventFilter(self)
        return field

    def _make_list(self) -> QListView:
        view = QListView()
        view.setAccessibleName("What fits")
        view.setModel(self._model)
        view.setItemDelegate(PaletteDelegate(self._theme, view))
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.entered.connect(self._on_entered)
        view.clicked.connect(self._on_clicked)
        return view

    def _make_head(self) -> QFrame:
        px = self._theme.px
        head = QFrame()
        set_role(head, Role.BAR)
        head.setFixedHeight(px(_FIELD_PX))
        row = QHBoxLayout(head)
        row.setContentsMargins(px(14), 0, px(14), 1)
        row.setSpacing(px(8))
        row.addWidget(IconLabel(self._theme, "magnifying-glass", "accent", 16))
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        return head

    def _make_foot(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        foot.setFixedHeight(px(_FOOT_PX))
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(14), 1, px(14), 0)
        row.setSpacing(px(6))
        for keys, words in (("Enter", "run"), ("Ctrl+C", "as command"), ("F2", "shortcut")):
            row.addWidget(KeyCap(self._theme, keys))
            row.addWidget(label(words, Role.CAPTION))
            row.addSpacing(px(6))
        row.addStretch(1)
        signs = "   ".join(f"{each.sign} {each.meaning}" for each in self._providers if each.sign)
        row.addWidget(label(signs, Role.CAPTION))
        return foot

    def current(self) -> Candidate | None:
        """Give what Enter would choose."""
        index = self.list.currentIndex()
        return self._model.rows[index.row()].candidate if index.isValid() else None

    def candidates(self) -> list[Candidate]:
        """Give all that fits, from the top."""
        return [row.candidate for row in self._model.rows if row.candidate is not None]

    def _renew(self, text: str) -> None:
        rows = find(text, self._providers, self._lately)
        self._model.replace(rows)
        count = len(self.candidates())
        self._count.setText("" if not text.strip() or not count else f"{count} found")
        headings = len(rows) - count
        height = count * self._theme.px(ROW_PX) + headings * self._theme.px(HEADING_PX)
        self.list.setVisible(bool(rows))
        self.list.setFixedHeight(min(height, self._theme.px(_MOST_LIST_PX)))
        self._nothing.setVisible(not rows)
        self._nothing.setText(f"Nothing fits “{text.strip()[:40]}”. A time is typed like 19 jul 2024 00:03.")
        first = self._model.first_choice()
        if first is not None:
            self._choose(first)
        self.adjustSize()

    def _choose(self, place: int) -> None:
        index = self._model.index(place)
        self.list.setCurrentIndex(index)
        if place <= 1:
            self.list.scrollToTop()  # its heading is seen with it
        else:
            self.list.scrollTo(index)

    def _move(self, steps: int) -> None:
        place: int | None = self.list.currentIndex().row()
        for _ in range(abs(steps)):
            if place is not None:
                place = self._model.next_choice(place, 1 if steps > 0 else -1)
        if place is not None and place >= 0:
            self._choose(place)

    def _run(self) -> None:
        candidate = self.current()
        if candidate is None or candidate.reason:
            return
        self.accept()
        candidate.run()
        self.chosen.emit(candidate.id)

    def _on_entered(self, index: QModelIndex) -> None:
        if self._model.rows[index.row()].candidate is not None:
            self.list.setCurrentIndex(index)

    def _on_clicked(self, index: QModelIndex) -> None:
        if self._model.rows[index.row()].candidate is not None:
            self.list.setCurrentIndex(index)
            self._run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys in the field act on the list."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _MOVES and self._model.rows:
            self._move(_MOVES[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
            return True
        candidate = self.current()
        if event.matches(QKeySequence.StandardKey.Copy) and not self.field.hasSelectedText():
            if candidate is not None and candidate.command:
                self.accept()
                self.command_wanted.emit(candidate.command)
            return True
        if key == Qt.Key.Key_F2 and candidate is not None:
            self.accept()
            self.keys_wanted.emit(candidate.id)
            return True
        return False
