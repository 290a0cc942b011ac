"""Exchanges and symbols to choose from: lists of a name and a quiet hint, found by what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tickreel.market.time import day_of
from tickreel.market.types import GROUPS
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.sources.metadata import ExchangeInfo, ExchangeList, SymbolInfo
    from tickreel_desktop.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
HINT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""What is said of a name, at the right end."""
MATCH_ROLE = HINT_ROLE + 1
"""Place and length of what was typed in the name, to be set in bold."""
_MOST_SHOWN = 200
_MOST_COMPARED, _MOST_LETTERS_APART = 2_000, 2
"""Names that are compared in search of the one that was meant."""
_ROW_PX, _PADDING_PX = 26, 8
_KINDS = {
    "SPOT": "all spot symbols in one file",
    "FUTURES": "all futures in one file",
    "PERPETUALS": "all perpetuals in one file",
    "OPTIONS": "all options in one file",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose."""

    name: str
    hint: str
    is_quiet: bool = False
    """Whether it is gone: delisted."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices with all that finding among them takes, made off the window's thread where they are many."""

    all: tuple[Choice, ...] = ()
    folded: tuple[str, ...] = ()
    """The names in small letters."""
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, choices: Sequence[Choice]) -> Choices:
        """Prepare choices."""
        return cls(
            tuple(choices),
            tuple(each.name.casefold() for each in choices),
            frozenset(each.name for each in choices),
        )

    def nearest(self, name: str) -> str:
        """Give the name that was most likely meant, or empty."""
        alike = [
            each.name
            for each in self.all
            if each.name[:1] == name[:1] and abs(len(each.name) - len(name)) <= _MOST_LETTERS_APART
        ]
        return next(iter(get_close_matches(name, alike[:_MOST_COMPARED], n=1)), "")


@dataclass(frozen=True, slots=True)
class Listing:
    """What the vendor has of an exchange, ready to be chosen from."""

    info: ExchangeInfo
    symbols: Choices
    types: frozenset[str]
    """Types that it has of any symbol; empty where it does not say."""


def make_listing(info: ExchangeInfo) -> Listing:
    """Prepare what the vendor has of an exchange, off the thread of the window."""
    info.symbol("")  # which makes ready to find symbols by any spelling
    types = frozenset[str]().union(*(each.data_types for each in info.symbols.values()))
    return Listing(info, Choices.of(symbol_choices(info)), types)


def exchange_choices(found: ExchangeList) -> tuple[Choice, ...]:
    """List the exchanges, those that are recorded no longer marked."""
    return tuple(
        Choice(name, "delisted" if name in found.delisted else "", name in found.delisted)
        for name in found.names
    )


def symbol_choices(info: ExchangeInfo) -> tuple[Choice, ...]:
    """List the symbols of an exchange: groups first, then what is listed, then what was delisted."""
    symbols = sorted(
        info.symbols.values(),
        key=lambda each: (each.id not in GROUPS, each.available_to_us is not None, each.id),
    )
    return tuple(map(_symbol_choice, symbols))


def _symbol_choice(symbol: SymbolInfo) -> Choice:
    if symbol.id in GROUPS:
        return Choice(symbol.id, _KINDS[symbol.id])
    if symbol.available_to_us is not None:
        return Choice(symbol.id.upper(), f"delisted {day_of(symbol.available_to_us)}", is_quiet=True)
    since = "" if symbol.available_since_us is None else f"since {day_of(symbol.available_since_us)}"
    return Choice(symbol.id.upper(), ", ".join(filter(None, (symbol.kind, since))))


class ChoiceList(QAbstractListModel):
    """The choices that match what is typed: those that begin with it before those that hold it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices = Choices()
        self._shown: list[Choice] = []
        self._typed = ""

    @property
    def shown(self) -> Sequence[Choice]:
        """The choices that match, at most some hundred."""
        return self._shown

    def replace(self, choices: Choices) -> None:
        """Offer others from now on."""
        self._choices = choices
        self.find(self._typed)

    def find(self, typed: str, without: frozenset[str] = frozenset()) -> None:
        """Show what matches, without some names."""
        self._typed = typed.strip().casefold()
        first: list[Choice] = []
        then: list[Choice] = []
        for choice, folded in zip(self._choices.all, self._choices.folded, strict=True):
            place = folded.find(self._typed)
            if place < 0 or choice.name in without:
                continue
            if place == 0:
                first.append(choice)
                if len(first) >= _MOST_SHOWN:
                    break
            elif len(then) < _MOST_SHOWN:
                then.append(choice)
        self.beginResetModel()
        self._shown = [*first, *then][:_MOST_SHOWN]
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count what matches."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give the name of a choice, its hint, where it matches, or all of it for a screen reader."""
        if not index.isValid():
            return None
        choice = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return choice.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{choice.name}, {choice.hint}" if choice.hint else choice.name
        if role == HINT_ROLE:
            return choice.hint
        if role == MATCH_ROLE:
            place = choice.name.casefold().find(self._typed)
            return (place, len(self._typed)) if place >= 0 else (0, 0)
        return None


class ChoiceDelegate(QStyledItemDelegate):
    """Paint a choice: the name with what was typed in bold, the hint at the right end."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give each choice a row of fixed height."""
        width = option.fontMetrics.horizontalAdvance(f"{index.data()}  {index.data(HINT_ROLE) or ''}")
        return QSize(width + 3 * self._theme.px(_PADDING_PX), self._theme.px(_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one."""
        theme = self._theme
        marked = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("selected"))
        elif option.state & marked:
            painter.fillRect(option.rect, theme.colour("hover"))
        padding = theme.px(_PADDING_PX)
        row = option.rect.adjusted(padding, 0, -padding, 0)
        hint = index.data(HINT_ROLE) or ""
        painter.setFont(theme.font(FontRole.CAPTION))
        painter.setPen(theme.colour("text_3"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(row, right, hint)
        taken = painter.fontMetrics().horizontalAdvance(hint) + padding if hint else 0
        painter.setPen(theme.colour("text"))
        self._paint_name(painter, row.adjusted(0, 0, -taken, 0), index)

    def _paint_name(self, painter: QPainter, row: QRect, index: _Index) -> None:
        name: str = index.data() or ""
        place, length = index.data(MATCH_ROLE) or (0, 0)
        plain = self._theme.font(FontRole.BODY)
        bold = self._theme.font(FontRole.BODY, QFont.Weight.Bold)
        left = row.left()
        pieces = (
            (name[:place], plain),
            (name[place : place + length], bold),
            (name[place + length :], plain),
        )
        for text, font in pieces:
            room = row.right() - left + 1
            if not text or room <= 0:
                continue
            metrics = QFontMetrics(font)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.setFont(font)
            painter.drawText(
                QRect(left, row.top(), room, row.height()),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                shown,
            )
            left += metrics.horizontalAdvance(shown)
