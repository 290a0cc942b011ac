"""The dialog in which the user gives actions other keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.actions.shortcuts import clash
from tickreel_desktop.components import ButtonKind, RowDelegate, RowTable, button, label
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel_desktop.actions.actions import Actions
    from tickreel_desktop.actions.spec import ActionSpec
    from tickreel_desktop.theme import Theme

_SIZE_PX = (640, 560)
_HEADINGS = ("Action", "Menu", "Keys")
_KEYS_PX = 160
_MENU_PX = 110
_NOWHERE = QModelIndex()


class KeysModel(QAbstractTableModel):
    """Hold every action with the keys that it has now; keys that are the user's own are bold."""

    def __init__(self, theme: Theme, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._specs = [doing.spec for doing in actions.doings()]
        self._bold = theme.font(FontRole.BODY, QFont.Weight.DemiBold)
        actions.keys_changed.connect(self._on_keys_changed)

    def spec(self, row: int) -> ActionSpec:
        """Give the action of a row."""
        return self._specs[row]

    def row_of(self, action_id: str) -> int:
        """Find the row of an action."""
        return next(row for row, spec in enumerate(self._specs) if spec.id == action_id)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the actions."""
        return 0 if parent.isValid() else len(self._specs)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the words of a cell."""
        if not index.isValid():
            return None
        spec = self._specs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            keys = self._actions.doing(spec.id).keys
            return (spec.name, spec.menu, keys)[index.column()]
        is_own = self._actions.keys(spec.id) != QKeySequence(spec.shortcut).toString()
        if role == Qt.ItemDataRole.FontRole and index.column() == 2 and is_own:
            return self._bold
        if role == Qt.ItemDataRole.ToolTipRole:
            return spec.tip or spec.name
        return None

    def _on_keys_changed(self) -> None:
        last = self.index(len(self._specs) - 1, len(_HEADINGS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)


class _KeysDelegate(RowDelegate):
    """Paint a cell in the weight that the model wants; the tip says what the action does."""

    def _tip(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> str:
        return str(index.data(Qt.ItemDataRole.ToolTipRole))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a cell."""
        font = index.data(Qt.ItemDataRole.FontRole)
        if font is not None:
            option = QStyleOptionViewItem(option)
            option.font, option.fontMetrics = font, QFontMetrics(font)
        super().paint(painter, option, index)


class ShortcutDialog(QDialog):
    """Let the user choose an action and press its new keys."""

    keys_chosen = Signal(dict)
    """All the user's own keys by action id, after a change."""

    def __init__(
        self, theme: Theme, actions: Actions, action_id: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Change shortcuts")
        self.resize(*(theme.px(side) for side in _SIZE_PX))
        self._theme = theme
        self._actions = actions
        self._model = KeysModel(theme, actions, self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._model)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find an action or its keys")
        self.filter.setAccessibleName("Find an action or its keys")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._found.setFilterFixedString)
        self.table = self._make_table()
        self._name = label("", Role.SECTION)
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName("New keys")
        self.keys.keySequenceChanged.connect(lambda _keys: self._renew())
        self._problem = label("", Role.ERROR, wrap=True)
        self.apply_button = button(theme, "Use these keys", ButtonKind.PRIMARY)
        self.apply_button.clicked.connect(self._apply)
        self.none_button = button(theme, "No keys")
        self.none_button.clicked.connect(lambda: self._give(self._current_id(), ""))
        self.reset_button = button(theme, "Default keys")
        self.reset_button.clicked.connect(self._reset)
        self._lay_out()
        row = 0 if action_id is None else self._model.row_of(action_id)
        self.table.setCurrentIndex(self._found.mapFromSource(self._model.index(row, 0)))
        self.filter.setFocus()

    def _make_table(self) -> RowTable:
        table = RowTable(self._theme, "Actions and their keys")
        table.setItemDelegate(_KeysDelegate(self._theme, table))
        table.setModel(self._found)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(1, self._theme.px(_MENU_PX))
        table.setColumnWidth(2, self._theme.px(_KEYS_PX))
        table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._on_current_changed())
        table.doubleClicked.connect(lambda _index: self.keys.setFocus())
        return table

    def _lay_out(self) -> None:
        px = self._theme.px
        line = QHBoxLayout()
        line.setSpacing(px(8))
        self.keys.setMaximumWidth(px(180))
        line.addWidget(self._name, 1)
        line.addWidget(self.keys)
        line.addWidget(self.apply_button)
        body = QVBoxLayout()
        body.setContentsMargins(px(16), px(14), px(16), px(12))
        body.setSpacing(px(10))
        body.addWidget(self.filter)
        body.addWidget(self.table, 1)
        body.addLayout(line)
        body.addWidget(self._problem)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(9), px(16), px(8))
        row.setSpacing(px(8))
        row.addWidget(self.none_button)
        row.addWidget(self.reset_button)
        row.addStretch(1)
        close = button(self._theme, "Close")
        close.clicked.connect(self.accept)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(foot)

    def _current_id(self) -> str:
        index = self._found.mapToSource(self.table.currentIndex())
        return self._model.spec(index.row()).id if index.isValid() else ""

    def _on_current_changed(self) -> None:
        self.keys.clear()
        self._renew()

    def _renew(self) -> None:
        """Say for whom the keys are, and whether somebody else has them."""
        action_id = self._current_id()
        self._name.setText(self._actions.doing(action_id).spec.name if action_id else "Choose an action")
        other = self._clash() if action_id else None
        if other is not None:
            keys = self.keys.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
            name = self._actions.doing(other).spec.name
            self._problem.setText(f"{keys} is {name}. It would have no keys any more.")
        else:
            self._problem.setText("")
        self._problem.setVisible(other is not None)
        self.apply_button.setText("Take these keys" if other is not None else "Use these keys")
        self.apply_button.setEnabled(bool(action_id) and not self.keys.keySequence().isEmpty())
        spec = self._actions.doing(action_id).spec if action_id else None
        self.none_button.setEnabled(bool(action_id) and self._actions.keys(action_id) != "")
        is_own = spec is not None and self._actions.keys(spec.id) != QKeySequence(spec.shortcut).toString()
        self.reset_button.setEnabled(is_own)

    def _clash(self) -> str | None:
        wanted = self.keys.keySequence().toString()
        taken = {doing.spec.id: self._actions.keys(doing.spec.id) for doing in self._actions.doings()}
        return clash(self._current_id(), wanted, taken)

    def _apply(self) -> None:
        other = self._clash()
        own = self._own()
        if other is not None:
            own[other] = ""
        own[self._current_id()] = self.keys.keySequence().toString()
        self._use(own)
        self.keys.clear()

    def _reset(self) -> None:
        spec = self._actions.doing(self._current_id()).spec
        taken = {doing.spec.id: self._actions.keys(doing.spec.id) for doing in self._actions.doings()}
        other = clash(spec.id, spec.shortcut, taken)
        own = self._own()
        own.pop(spec.id, None)
        if other is not None:
            own[other] = ""
        self._use(own)

    def _give(self, action_id: str, keys: str) -> None:
        self._use({**self._own(), action_id: keys})

    def _own(self) -> dict[str, str]:
        """Collect what differs from the table now."""
        own = {}
        for doing in self._actions.doings():
            keys = self._actions.keys(doing.spec.id)
            if keys != QKeySequence(doing.spec.shortcut).toString():
                own[doing.spec.id] = keys
        return own

    def _use(self, own: dict[str, str]) -> None:
        self._actions.use_keys(own)
        self.keys_chosen.emit(self._own())
        self._renew()
