"""Which strategy is run: chosen from a list, opened in an editor, read anew, its fault named at the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.backtest.declaring import Declaration
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, IconLabel, button, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel.backtest.declaring import Fault
    from tickreel_desktop.theme import Theme

_REFERENCE = int(Qt.ItemDataRole.UserRole) + 1
_OPEN_FILE = "Open a file..."


class StrategyField(QWidget):
    """A list of the user's strategies and of the examples, and what is known of the chosen one."""

    chosen = Signal(str)
    """The user wants this strategy: an example's name, or a file."""
    file_wanted = Signal()
    edit_wanted = Signal()
    """It is to be opened where it can be changed: an example as a copy."""
    fault_wanted = Signal()
    """The place of its fault is to be opened."""
    reload_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reference = ""
        self.box = QComboBox()
        self.box.setAccessibleName("Strategy")
        self.box.view().setAccessibleName("Strategies")
        self.box.setMaxVisibleItems(20)
        self.box.activated.connect(self._on_activated)
        self.edit_button = button(theme, "Edit", ButtonKind.LINK)
        self.edit_button.clicked.connect(lambda: self.edit_wanted.emit())
        self.reload_button = button(theme, "Reload", ButtonKind.LINK)
        self.reload_button.setToolTip("Read the file anew; that also happens when it is saved")
        self.reload_button.clicked.connect(lambda: self.reload_wanted.emit())
        self._state_icon = IconLabel(theme, "check", "good", 14)
        self._state = label("", Role.CAPTION)
        self._meaning = label("", Role.CAPTION, wrap=True)
        self.fault = Banner(theme, BannerKind.ERROR, "", action="Open the line")
        self.fault.action_triggered.connect(self.fault_wanted)
        self.fault.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.edit_button)
        row.addWidget(self.reload_button)
        row.addStretch(1)
        row.addWidget(self._state_icon)
        row.addWidget(self._state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.box)
        column.addWidget(self._meaning)
        column.addLayout(row)
        column.addWidget(self.fault)
        self.show_reading("")

    @property
    def reference(self) -> str:
        """The strategy that is chosen; empty while none is."""
        return self._reference

    def show_names(self, own: Sequence[Path], examples: Sequence[str], chosen: str) -> None:
        """Offer the user's files and the examples; one that is neither, but chosen, stands there as well."""
        self._reference = chosen
        self.box.blockSignals(True)
        self.box.clear()
        files = [str(path) for path in own]
        if chosen and chosen not in (*files, *examples):
            files.insert(0, chosen)
        for file in files:
            self._add(Path(file).name, file, file)
        if files:
            self.box.insertSeparator(self.box.count())
        for name in examples:
            self._add(name, name, "Comes with the program")
        self.box.insertSeparator(self.box.count())
        self._add(_OPEN_FILE, "", "A strategy that lies elsewhere")
        self.box.setCurrentIndex(self.box.findData(chosen, _REFERENCE) if chosen else -1)
        self.box.setPlaceholderText("Choose a strategy")
        self.box.blockSignals(False)

    def _add(self, text: str, reference: str, tip: str) -> None:
        self.box.addItem(text)
        place = self.box.count() - 1
        self.box.setItemData(place, reference, _REFERENCE)
        self.box.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)

    def _on_activated(self, place: int) -> None:
        reference: str = self.box.itemData(place, _REFERENCE)
        if reference:
            self._reference = reference
            self.chosen.emit(reference)
        else:
            self.box.setCurrentIndex(
                self.box.findData(self._reference, _REFERENCE) if self._reference else -1
            )
            self.file_wanted.emit()

    def show_reading(self, reference: str) -> None:
        """Say that a strategy is being read; empty is none."""
        self._state.setText("reading" if reference else "")
        self._state_icon.setVisible(False)
        self._meaning.setText("")
        for each in (self.edit_button, self.reload_button):
            each.setEnabled(bool(reference))

    def show_found(self, found: Declaration | Fault, *, is_example: bool) -> None:
        """Say what the strategy declares, or why it cannot be read."""
        is_whole = isinstance(found, Declaration)
        self.edit_button.setText("Edit a copy" if is_example else "Open in own editor")
        for each in (self.edit_button, self.reload_button):
            each.setEnabled(True)
        self._state.setText("loads" if is_whole else "does not load")
        self._state_icon.set_icon(*(("check", "good") if is_whole else ("x-circle", "error")))
        self._state_icon.setVisible(True)
        if isinstance(found, Declaration):
            self._meaning.setText(found.meaning)
            self._meaning.setToolTip(found.text)
            self.box.setAccessibleDescription(found.meaning)
            self.fault.hide()
            return
        where = f"Line {found.line}: " if found.line is not None else ""
        self._meaning.setText("")
        self.box.setAccessibleDescription("")
        self.fault.set_text(f"{where}{found.problem}")
        self.fault.set_action("Open the line" if found.line is not None else "")
        self.fault.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what is said the height that it needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.fault.layout()
        if layout is not None and not self.fault.isHidden():
            self.fault.setMinimumHeight(layout.totalHeightForWidth(self.width()))
