"""Time and sales: the trades as they were played, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.types import DataType
from tickreel.market.units import format_full
from tickreel_desktop.components import ButtonKind, button, tool_button
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.message import Message
from tickreel_desktop.replay.tape.filter_bar import FilterBar
from tickreel_desktop.replay.tape.list import TapeList
from tickreel_desktop.replay.tape.trades import SIDES
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.replay import Frame
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_HEADINGS = ("local_timestamp", "time", "side", "price", "amount", "trades")
_NO_REPLAY = Message("No replay open", "The trades of a replay stand here as they are played.")
_NO_TRADES_YET = Message("No trades yet", "Trades stand here as they are played, the newest on top.")
_NONE_PLAYED = Message("No trades played", "This replay plays no trades.")


class TapeView(QFrame):
    """Show the trades of one symbol of the frames, with a filter above and the way back to the newest."""

    seek_requested = Signal(object)
    """The user chose a trade: its moment (microseconds, int)."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._shared = shared
        self._reason = _NO_REPLAY
        self.list = TapeList(theme, zone, shared.turns)
        self.filter_bar = FilterBar(theme)
        self.filter_bar.hide()
        self._newest = button(theme, "", ButtonKind.FLAT, icon="caret-up")
        self._newest.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter_bar)
        column.addWidget(self._newest)
        column.addWidget(self.list, 1)
        self._tools = self._make_tools(theme)
        self._newest.clicked.connect(self.list.follow)
        self.filter_bar.changed.connect(self._on_filter_changed)
        self.list.following_changed.connect(self._on_following_changed)
        self.list.trade_chosen.connect(self.seek_requested)
        self.list.copy_asked.connect(self.copy)
        self.setFocusProxy(self.list)
        self.list.clear(_NO_REPLAY)

    def _make_tools(self, theme: Theme) -> Sequence[QWidget]:
        filtering = tool_button(theme, "funnel", "Filter trades", checkable=True)
        filtering.toggled.connect(self.filter_bar.setVisible)
        copying = tool_button(theme, "copy", "Copy trades as CSV")
        copying.clicked.connect(self.copy)
        return filtering, copying

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return self._tools

    def begin(self, request: ReplayRequest) -> None:
        """Show another replay: forget the trades of the one before."""
        types = request.plan.types
        self._reason = _NO_TRADES_YET if types is None or DataType.TRADES in types else _NONE_PLAYED
        self.list.clear(self._reason)

    def clear(self) -> None:
        """Show nothing."""
        self._reason = _NO_REPLAY
        self.list.clear(self._reason)

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self.list.clear(self._reason)

    def take(self, frame: Frame) -> None:
        """Take the trades of a frame; while hidden, only remember them."""
        trades = frame.symbols[0].trades
        if frame.is_jump:
            self.list.replace(trades)
        else:
            self.list.append(trades)

    def table(self) -> ChartTable:
        """Give all rows that are kept and pass the filter, the newest first."""
        rows = self.list.rows
        newest = slice(None, None, -1)
        stamps = np.datetime_as_string(rows.time_us[newest].astype("datetime64[us]"), timezone="UTC")
        cells = zip(
            map(str, rows.time_us[newest].tolist()),
            map(str, stamps.tolist()),
            (SIDES[side] for side in rows.side[newest].tolist()),
            map(plain, rows.price[newest].tolist()),
            map(plain, rows.amount[newest].tolist()),
            map(str, rows.trades[newest].tolist()),
            strict=True,
        )
        return ChartTable(self.accessibleName(), _HEADINGS, tuple(cells))

    def copy(self) -> None:
        """Put them on the clipboard as CSV."""
        QGuiApplication.clipboard().setText(self.table().text())

    def _on_filter_changed(self) -> None:
        self.list.set_filter(self.filter_bar.wanted, self.filter_bar.large_from)

    def _on_following_changed(self) -> None:
        newer = self.list.newer
        self._newest.setVisible(not self.list.is_following)
        self._newest.setText(f"Held. {format_full(newer)} newer: show them")
