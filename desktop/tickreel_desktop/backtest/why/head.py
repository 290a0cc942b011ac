"""The head of the view of an order: which it is, what came of it, and where one goes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.backtest.why.steps import verdict
from tickreel.market.units import format_amount, format_full, format_price
from tickreel_desktop.components import ButtonKind, ElidedLabel, Segment, Segments, Tag, Tone, button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel_desktop.theme import Theme

_REPLAY, _ANALYSE = "Open here in Replay", "Send window to Analysis"


class OrderHead(QFrame):
    """Name an order, and hold the buttons that lead on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        px = theme.px
        self.back = button(theme, "Back", ButtonKind.FLAT, icon="caret-left")
        self.stepping = Segments(
            theme, "Step by", [Segment("orders", "Orders"), Segment("fills", "Filled")], small=True
        )
        self.previous = button(theme, "Previous", icon="caret-left")
        self.next = button(theme, "Next", icon="caret-right")
        self.replay = button(theme, _REPLAY, ButtonKind.PRIMARY, icon="play-fill")
        self.analyse = button(theme, _ANALYSE, icon="sparkle")
        self.replay.setAccessibleName(_REPLAY)
        self.analyse.setAccessibleName(_ANALYSE)
        self._title = ElidedLabel("")
        set_role(self._title, Role.TITLE)
        self._place = Tag("")
        self._verdict = Tag("")
        self._under = ElidedLabel("")
        set_role(self._under, Role.CAPTION)
        first = QHBoxLayout()
        first.setSpacing(px(8))
        for widget in (self._title, self._place, self._verdict):
            first.addWidget(widget)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addLayout(first)
        words.addWidget(self._under)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(6), px(12), px(6))
        row.setSpacing(px(8))
        row.addWidget(self.back)
        row.addLayout(words, 1)
        for each in (self.stepping, self.previous, self.next, self.replay, self.analyse):
            row.addWidget(each)

    def set_wide(self, is_wide: bool) -> None:
        """Say what the buttons do in full, or shortly; their names stay whole for those who hear them."""
        self.replay.setText(_REPLAY if is_wide else "Replay")
        self.analyse.setText(_ANALYSE if is_wide else "Analyse")

    def show_order(self, order: KeptOrder, decimals: int) -> None:
        """Name another order; its price has so many decimals."""
        why = "Why filled" if order.fills else "Why not filled"
        amount = format_amount(order.filled if order.fills else order.amount)
        arrow = "\u25b2" if order.is_buy else "\u25bc"
        price = "the market" if order.price is None else format_price(order.price, decimals)
        self._title.setText(f"{why}: {arrow} {order.side} {amount} at {price}")
        self._place.set_state(
            f"order {format_full(order.id + 1)} of {format_full(order.count)}", Tone.NEUTRAL
        )
        self._verdict.set_state(
            order.fills[-1].rule.replace("_", " ") if order.fills else order.status,
            Tone.GOOD if order.fills else Tone.NEUTRAL,
        )
        self._under.setText(f"run {order.run_id}, {order.exchange} {order.symbol}; {verdict(order)}")
