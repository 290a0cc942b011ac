"""What of the log is shown: from which level on, of which area, with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from tickreel.settings import LogLevel
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_SEGMENTS = (
    Segment(LogLevel.DEBUG.value, "All"),
    Segment(LogLevel.INFO.value, "Info"),
    Segment(LogLevel.WARNING.value, "Warnings"),
    Segment(LogLevel.ERROR.value, "Errors"),
)
_ALL_AREAS = "All areas"
_ONE_ROW_PX = 560
_AREA_PX = 128
_TEXT_PX = 110


class FilterBar(QFrame):
    """Ask for level, area and words; in a narrow panel on two rows."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self._one_row_px = theme.px(_ONE_ROW_PX)
        self.level = Segments(theme, "Least level shown", _SEGMENTS)
        self.level.setToolTip("Records of this level and graver ones")
        self.level.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.level.chosen.connect(lambda _key: self.changed.emit())
        self.area = QComboBox()
        self.area.setAccessibleName("Area")
        self.area.view().setAccessibleName("Areas")
        self.area.setMinimumWidth(theme.px(_AREA_PX))
        self.area.addItem(_ALL_AREAS)
        self.area.activated.connect(lambda _index: self.changed.emit())
        self.text = QLineEdit()
        self.text.setAccessibleName("Filter records by words")
        self.text.setPlaceholderText("Filter by words")
        self.text.setMinimumWidth(theme.px(_TEXT_PX))
        mark = QAction(self.text)
        theme.bind_icon(mark, "funnel", "text_3", 14)
        self.text.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self._empty = QAction("Clear the words", self.text)
        theme.bind_icon(self._empty, "x", "text_2", 14)
        self._empty.triggered.connect(lambda: self.text.clear())
        self.text.addAction(self._empty, QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setVisible(False)
        self.text.textChanged.connect(self._on_text_changed)
        self._words = QHBoxLayout()
        self._words.setSpacing(theme.px(8))
        self._words.addWidget(self.area)
        self._words.addWidget(self.text, 1)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(theme.px(8), theme.px(6), theme.px(8), theme.px(7))
        self._rows.setSpacing(theme.px(8))
        self._rows.addWidget(self.level)
        self._rows.addLayout(self._words, 1)

    @property
    def least(self) -> LogLevel:
        """The least grave level that is shown."""
        return LogLevel(self.level.value())

    @property
    def area_name(self) -> str:
        """The one area that is shown, or empty for all."""
        return "" if self.area.currentIndex() <= 0 else self.area.currentText()

    def offer_areas(self, areas: Sequence[str]) -> None:
        """Let one of these be chosen; the one that is chosen stays, also when it has no records now."""
        chosen = self.area_name
        wanted = sorted({*areas, *([chosen] if chosen else [])})
        if wanted == [self.area.itemText(place) for place in range(1, self.area.count())]:
            return
        self.area.clear()
        self.area.addItems([_ALL_AREAS, *wanted])
        self.area.setCurrentIndex(wanted.index(chosen) + 1 if chosen else 0)

    def reset(self) -> None:
        """Show everything."""
        self.level.choose(LogLevel.DEBUG.value)
        self.area.setCurrentIndex(0)
        self.text.clear()
        self.changed.emit()

    def _on_text_changed(self, text: str) -> None:
        self._empty.setVisible(bool(text))
        self.changed.emit()

    def minimumSizeHint(self) -> QSize:
        """Need no more width than two rows do, also while everything is on one."""
        margins = self._rows.contentsMargins()
        width = max(self.level.minimumSizeHint().width(), self._words.minimumSize().width())
        return QSize(width + margins.left() + margins.right(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words below the levels where both have no room."""
        super().resizeEvent(event)
        is_wide = self.width() >= self._one_row_px
        self._rows.setDirection(
            QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        )
