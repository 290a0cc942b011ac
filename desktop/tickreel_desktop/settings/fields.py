"""Fields that hold a value until it is taken, and controls that a turning wheel does not change."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QAction, QValidator
from PySide6.QtWidgets import QComboBox, QCompleter, QDoubleSpinBox, QLineEdit, QListView, QWidget

from tickreel.settings import value_of_text
from tickreel.settings.words import suffix_of
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent

    from tickreel.settings import Setting
    from tickreel.settings.form import Form
    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName

_SECONDS_DECIMALS = 3


def controls_of(root: QWidget) -> list[QWidget]:
    """Give what the Tab key reaches inside a widget, in the order in which it was made."""
    # The list of a combo box is a child as well, but a window of its own.
    return [
        each
        for each in root.findChildren(QWidget)
        if each.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        and each.focusProxy() is None
        and each.window() is root.window()
    ]


def chain_tab_order(controls: Sequence[QWidget]) -> None:
    """Have the Tab key go from each to the next."""
    for before, after in pairwise(controls):
        QWidget.setTabOrder(before, after)


class SizedField(QLineEdit):
    """A line of a certain width that gives way where there is no room for it."""

    def __init__(self, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width_px = width_px

    def sizeHint(self) -> QSize:
        """Want the width it was made for."""
        return QSize(self._width_px, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Do with half of it."""
        return QSize(self._width_px // 2, super().minimumSizeHint().height())


class ValueField(SizedField):
    """A line in which a value is typed: Enter or leaving it takes it, Escape brings the old one back."""

    taken = Signal(str)
    dropped = Signal()
    """The value of now shall be shown again: by Escape, or because the field was left untouched."""

    def show_text(self, text: str) -> None:
        """Show the value of now, unless somebody is typing."""
        if not self.isModified():
            self.setText(text)
            self.setCursorPosition(0)

    def set_error(self, is_wrong: bool) -> None:
        """Mark what was typed as wrong."""
        set_style_property(self, "error", is_wrong)

    def take(self) -> None:
        """Take what was typed, if anything was."""
        if self.isModified():
            self.taken.emit(self.text())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            if self.isModified():
                self.take()
            else:
                self.dropped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take by Enter, bring back by Escape."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self.dropped.emit()
            self.selectAll()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)


class FixedField(SizedField):
    """A value that cannot be changed here, with a mark of why; it can be read and selected."""

    def __init__(self, theme: Theme, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(width_px, parent)
        self._theme = theme
        self._mark = QAction(self)
        self.addAction(self._mark, QLineEdit.ActionPosition.LeadingPosition)
        self.setReadOnly(True)
        set_style_property(self, "locked", True)

    def show_value(self, text: str, icon: IconName) -> None:
        """Show the value and the mark."""
        self.setText(text)
        self.setCursorPosition(0)
        self._theme.bind_icon(self._mark, icon, "text_2", 14)


class Choice(QComboBox):
    """A list to choose from; with many entries one types a part of the name."""

    def __init__(self, theme: Theme, titles: Sequence[str], *, is_searched: bool) -> None:
        super().__init__()
        self.setModel(QStringListModel(list(titles), self))
        popup = self.view()
        assert isinstance(popup, QListView)
        # Qt would measure every entry, which may be hundreds, each time that the list is dressed.
        popup.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(theme.px(160))
        if is_searched:
            # And once more for the width of the field.
            self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.setMinimumWidth(theme.px(260))
            self.setEditable(True)
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = QCompleter(self.model(), self)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            self.setCompleter(completer)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the keyboard is here."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberSpin(QDoubleSpinBox):
    """A number with its unit; what is typed out of its limits is refused in words, not held back."""

    refused = Signal(str)
    """Why what was typed is not taken."""

    def __init__(self, theme: Theme, setting: Setting, form: Form) -> None:
        super().__init__()
        self._setting = setting
        self._is_whole = form.is_whole
        self.setDecimals(0 if form.is_whole else _SECONDS_DECIMALS)
        lowest = 0.0 if form.is_whole else 10.0**-_SECONDS_DECIMALS
        self.setRange(max(lowest, form.minimum or 0.0), form.maximum if form.maximum is not None else 2.0**53)
        self.setSuffix(suffix_of(setting.kind))
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(theme.px(110))

    def number(self) -> int | float:
        """Give the value as the setting has it."""
        return int(self.value()) if self._is_whole else self.value()

    def _read(self, text: str) -> Any:
        # Qt adds the unit behind whatever is typed, also behind a unit.
        return value_of_text(self._setting, text.removesuffix(self.suffix()))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed; what is wrong is told when it is left."""
        try:
            self._read(text)
        except ValueError:
            return QValidator.State.Intermediate, text, position
        return QValidator.State.Acceptable, text, position

    def fixup(self, text: str) -> str:
        """Say what was wrong; Qt brings the value back."""
        try:
            self._read(text)
        except ValueError as error:
            self.refused.emit(str(error))
        return text

    def textFromValue(self, value: float) -> str:
        """Write the value; its unit is the suffix."""
        return f"{value:.15g}"

    def valueFromText(self, text: str) -> float:
        """Read a value with its unit or without."""
        try:
            return float(self._read(text))
        except ValueError:
            return self.value()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the keyboard is here."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Bring the value back by Escape; a dialog would close."""
        shown = f"{self.textFromValue(self.value())}{self.suffix()}"
        if event.key() == Qt.Key.Key_Escape and self.text() != shown:
            self.lineEdit().setText(shown)
            self.selectAll()
        else:
            super().keyPressEvent(event)
