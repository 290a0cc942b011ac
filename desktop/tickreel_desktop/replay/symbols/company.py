"""Which of a replay's symbols are in view, and what is kept of each to compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.replay import Detail
from tickreel_desktop.replay.symbols.past import SymbolPast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.replay import Frame

    Pair = tuple[str, str]

MOST_SHOWN = 4
"""The chosen one and three others: more lines cannot be told apart."""


class Company(QObject):
    """The symbols of one replay at a time, as pairs of exchange and symbol.

    One of them is chosen: the charts are its own. Others are drawn over them, each in the look of its
    place in the plan, which it keeps.
    """

    changed = Signal()
    """Another is chosen, or others are drawn: frames must show something else now."""
    taken = Signal()
    """A frame was taken."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places: dict[Pair, int] = {}
        self._drawn: set[Pair] = set()
        self._past: dict[Pair, SymbolPast] = {}
        self.pairs: tuple[Pair, ...] = ()
        """All that are played."""
        self.chosen: Pair | None = None
        """Whose charts are shown; None without a replay."""
        self.now_us = 0
        """The moment that is played."""

    def begin(self, pairs: Sequence[Pair]) -> None:
        """Look at another replay: at its first symbol, with as many others as can be drawn."""
        self.pairs = tuple(pairs)
        self._places = {pair: place for place, pair in enumerate(self.pairs)}
        self._drawn = set(self.pairs[:MOST_SHOWN])
        self._past = {pair: SymbolPast() for pair in self.pairs}
        self.chosen = self.pairs[0] if self.pairs else None
        self.changed.emit()

    @property
    def has_several(self) -> bool:
        """Whether there is anything to compare."""
        return len(self.pairs) > 1

    @property
    def others(self) -> tuple[Pair, ...]:
        """Those that are drawn over the charts of the chosen one."""
        return tuple(pair for pair in self.pairs if pair in self._drawn and pair != self.chosen)

    @property
    def shown(self) -> tuple[Pair, ...]:
        """The chosen one and those that are drawn over it, in the order of the plan."""
        return tuple(pair for pair in self.pairs if pair in self._drawn or pair == self.chosen)

    def place(self, pair: Pair) -> int:
        """Give the place in the plan as it was at first, which tells the look."""
        return self._places[pair]

    def past(self, pair: Pair) -> SymbolPast:
        """Give what is kept of a symbol."""
        return self._past[pair]

    def is_drawn(self, pair: Pair) -> bool:
        """Tell whether it is, or would be, drawn over the charts of another."""
        return pair in self._drawn

    def can_draw(self, pair: Pair) -> bool:
        """Tell whether one more can be drawn, or this one is already."""
        return pair in self.shown or len(self.shown) < MOST_SHOWN

    def choose(self, pair: Pair) -> None:
        """Show the charts of another; the one of before is drawn over them if it was before."""
        if pair == self.chosen:
            return
        before, self.chosen = self.chosen, pair
        if before is not None and len(self.shown) > MOST_SHOWN:
            self._drawn.discard(before)
        self.changed.emit()

    def draw(self, pair: Pair, *, is_drawn: bool) -> None:
        """Draw one over the charts of the chosen one, or no more."""
        if is_drawn == (pair in self._drawn) or (is_drawn and not self.can_draw(pair)):
            return
        self._drawn ^= {pair}
        self.changed.emit()

    def draw_others(self, *, are_drawn: bool) -> None:
        """Draw as many of the others as can be told apart, or none."""
        others = [pair for pair in self.pairs if pair != self.chosen][: MOST_SHOWN - 1]
        drawn = {pair for pair in self._drawn if pair == self.chosen} | set(others if are_drawn else ())
        if drawn != self._drawn:
            self._drawn = drawn
            self.changed.emit()

    def leave_out(self, pair: Pair) -> None:
        """Have one symbol less; when it was the chosen one, the first of the others is."""
        self.pairs = tuple(each for each in self.pairs if each != pair)
        self._drawn.discard(pair)
        self._past.pop(pair, None)
        if self.chosen == pair:
            self.chosen = self.pairs[0] if self.pairs else None
        self.changed.emit()

    def details(self) -> dict[Pair, Detail]:
        """Say how much frames must show of each."""
        drawn = self.others
        return {
            pair: Detail.TOUCH if pair in drawn else Detail.NOTHING
            for pair in self.pairs
            if pair != self.chosen
        }

    def take(self, frame: Frame) -> None:
        """Take what a frame tells of each."""
        self.now_us = frame.at_us
        for symbol in frame.symbols:
            past = self._past.get((symbol.exchange, symbol.symbol))
            if past is not None:
                past.take(symbol, is_jump=frame.is_jump, keeps_mid=self.has_several)
        self.taken.emit()
