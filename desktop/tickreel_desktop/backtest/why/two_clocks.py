"""The books of one moment of an order: as the strategy knew them, and as they were at the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.backtest.why.asking import moments_of
from tickreel_desktop.backtest.why.books import BookPair
from tickreel_desktop.components import DockTitle, ElidedLabel, Segment, Segments
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.backtest.why.asking import Asked
    from tickreel.backtest.why.market import Moment
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_MOMENTS = {"decided": "Decided", "joined": "Joined", "filled": "Filled", "ended": "Ended"}
_VERBS = {
    "decided": "was decided",
    "joined": "reached the exchange",
    "filled": "was filled",
    "ended": "ended",
}


class TwoClocks(QFrame):
    """Show both books of the moment that is chosen."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._asked: Asked | None = None
        self._decimals = 2
        self.books = BookPair(theme)
        self.moment = Segments(
            theme,
            "Moment of the books",
            [Segment(key, name) for key, name in _MOMENTS.items()],
            small=True,
        )
        self._title = DockTitle(theme, "Two clocks")
        self._title.add_control(self.moment)
        foot = QFrame()
        set_role(foot, Role.FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(4))
        told = ElidedLabel("Edged: differs between the clocks. Triangle: level of our order.")
        set_role(told, Role.CAPTION)
        row.addWidget(told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.books, 1)
        column.addWidget(foot)
        self.moment.chosen.connect(lambda _key: self._renew())
        zone.changed.connect(self._renew)

    def show_order(self, asked: Asked, decimals: int) -> None:
        """Show another order, whose prices have so many decimals, at the same moment where it has that."""
        self._asked, self._decimals = asked, decimals
        named = moments_of(asked.order)
        for key in _MOMENTS:
            self.moment.set_shown(key, key in named)
        if self.moment.value() not in named:
            self.moment.choose("decided")
        self._renew()

    def _renew(self) -> None:
        asked = self._asked
        if asked is None:
            return
        key = self.moment.value()
        at_us = moments_of(asked.order)[key]
        moment = asked.moment_at(at_us)
        if moment is None:
            return
        zone = self._zone.zone
        told = ""
        if moment.heard_us is not None:
            age = (at_us - moment.heard_us) / 1_000
            told = f"message of {zone.clock(moment.heard_us)}, {age:.3g} ms old"
        self._title.set_caption(f"the moment it {_VERBS[key]}, {zone.clock(at_us)}")
        captions = (told, f"{zone.clock(at_us)}, known only to the simulator")
        self.books.show_moment(
            moment, asked.order, asked.tick or _least_step(moment), self._decimals, captions
        )


def _least_step(moment: Moment) -> float:
    """Find the step of prices in a book, where no tick is known."""
    prices = np.unique(np.concatenate([moment.exchange.bids[:, 0], moment.exchange.asks[:, 0]]))
    return float(np.diff(prices).min()) if len(prices) > 1 else 1.0
