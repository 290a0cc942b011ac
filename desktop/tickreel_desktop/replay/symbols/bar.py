"""The symbols that are played together in a row: which is chosen, which are drawn, how late each is."""

from __future__ import annotations

import time
from math import isnan, nan
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s
from tickreel_desktop.components import ElidedLabel, tool_button
from tickreel_desktop.replay.symbols.comparing import Scale, compared, pattern_of
from tickreel_desktop.replay.symbols.looks import colour_of, short_names
from tickreel_desktop.replay.symbols.words import latency_text, signed_bps
from tickreel_desktop.theme import FontRole, Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.theme import Theme

    Pair = tuple[str, str]

_TELL_EVERY_S = 0.25
"""How often figures that are read, not watched, change."""
_BETWEEN = " \u00b7 "
_SWATCH_PX = 18
_STALE_US = 10 * US_PER_SECOND
"""From this age on the newest message of a symbol is told as a warning."""


class Swatch(QWidget):
    """A piece of the line that a symbol is drawn with."""

    def __init__(self, theme: Theme, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = place
        self.is_drawn = True
        self.setFixedSize(theme.px(_SWATCH_PX), theme.px(12))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strokes, or where the symbol is not drawn a hollow box."""
        painter = QPainter(self)
        colour = self._theme.colour(colour_of(self._place))
        if self.is_drawn:
            pattern, across, part = pattern_of(self._place) or (self.width(),), 0, 0
            while across < self.width():
                length = pattern[part % len(pattern)]
                if part % 2 == 0:
                    painter.fillRect(across, self.height() // 2 - 1, length, 2, colour)
                across, part = across + length, part + 1
        else:
            painter.setPen(colour)
            painter.drawRect(0, self.height() // 2 - 2, self.width() - 1, 3)
        painter.end()


class SymbolChip(QFrame):
    """One symbol: its line, its name, its figures, whether it is drawn, and the way out."""

    def __init__(
        self, theme: Theme, pair: Pair, name: str, place: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pair = pair
        whole = " ".join(pair)
        set_role(self, Role.CHIP)
        self.setFixedHeight(theme.px(24))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.swatch = Swatch(theme, place)
        self.choose = QToolButton()
        self.choose.setText(name)
        self.choose.setToolTip(f"Show the charts of {whole}")
        self.figures = ElidedLabel("")
        set_role(self.figures, Role.CAPTION)
        self.draw = tool_button(theme, "eye", f"Draw {whole} over the charts", checkable=True, size=14)
        self.remove = tool_button(theme, "x", f"Remove {whole} from the replay", size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(6), 0, theme.px(2), 0)
        row.setSpacing(theme.px(4))
        row.addWidget(self.swatch)
        row.addWidget(self.choose)
        row.addWidget(self.figures, 1)
        row.addWidget(self.draw)
        row.addWidget(self.remove)
        theme.changed.connect(self._dress)
        self.is_chosen = False
        """Whether the charts are its own."""
        self._dress()

    def show_state(self, *, is_chosen: bool, is_drawn: bool, can_draw: bool) -> None:
        """Show whether it is the chosen one, and whether it is drawn."""
        self.is_chosen = is_chosen
        set_style_property(self, "on", is_chosen)
        whole = " ".join(self.pair)
        self.choose.setAccessibleName(f"{whole}, chosen" if is_chosen else f"Show the charts of {whole}")
        self.draw.setChecked(is_drawn)
        self.draw.setEnabled(can_draw)
        self.draw.setVisible(not is_chosen)
        self.draw.setToolTip(
            "Hide it"
            if is_drawn
            else "Draw it over the charts"
            if can_draw
            else "Four symbols are drawn already: hide one first"
        )
        self.swatch.is_drawn = is_drawn or is_chosen
        self.swatch.update()
        self._dress()

    def show_figures(self, figures: Sequence[tuple[str, str]], *, is_stale: bool) -> None:
        """Show as many figures, each short and in words, as there is room for; the tool-tip has all."""
        metrics, room = self.figures.fontMetrics(), self.figures.width()
        shown = [short for short, _ in figures]
        while len(shown) > 1 and metrics.horizontalAdvance(_BETWEEN.join(shown)) > room:
            shown.pop()
        self.figures.setText(_BETWEEN.join(shown))
        words = ", ".join(words for _, words in figures)
        self.figures.setToolTip(words)
        self.choose.setAccessibleDescription(words)
        set_style_property(self.figures, "tone", "warning" if is_stale else "")

    def _dress(self) -> None:
        weight = QFont.Weight.DemiBold if self.is_chosen else QFont.Weight.Medium
        self.choose.setFont(self._theme.font(FontRole.BODY, weight))


class SymbolBar(QFrame):
    """Stand above the charts of a replay of several symbols; hidden for one alone."""

    leave_wanted = Signal(object)
    """A pair of exchange and symbol is to be played no more."""

    def __init__(
        self, theme: Theme, company: Company, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._company = company
        self._shared = shared
        self._told_s = float("-inf")
        self.chips: dict[Pair, SymbolChip] = {}
        set_role(self, Role.BAR)
        self.setFixedHeight(theme.px(32))
        self.setAccessibleName("Symbols of the replay")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        self._row.setSpacing(theme.px(6))
        self.hide()
        company.changed.connect(self._renew)
        company.taken.connect(self._tell_soon)

    def sizeHint(self) -> QSize:
        """Take no more width than there is."""
        return QSize(0, self._theme.px(32))

    def minimumSizeHint(self) -> QSize:
        """Let figures go where there is little room."""
        return QSize(0, self._theme.px(32))

    def _renew(self) -> None:
        company = self._company
        if tuple(self.chips) != company.pairs:
            self._make_chips()
        for pair, chip in self.chips.items():
            chip.show_state(
                is_chosen=pair == company.chosen,
                is_drawn=company.is_drawn(pair),
                can_draw=company.can_draw(pair),
            )
        self.setVisible(company.has_several)
        self._tell()

    def _make_chips(self) -> None:
        company = self._company
        for chip in self.chips.values():
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        names = short_names(company.pairs)
        self.chips = {}
        for pair in company.pairs if company.has_several else ():
            chip = SymbolChip(self._theme, pair, names[pair], company.place(pair))
            chip.choose.clicked.connect(lambda _checked, pair=pair: company.choose(pair))
            chip.draw.clicked.connect(lambda checked, pair=pair: company.draw(pair, is_drawn=checked))
            chip.remove.clicked.connect(lambda _checked, pair=pair: self.leave_wanted.emit(pair))
            self._row.addWidget(chip, 1)
            self.chips[pair] = chip

    def _tell_soon(self) -> None:
        now_s = time.monotonic()
        if self.isVisible() and now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self._tell()

    def _tell(self) -> None:
        for pair, chip in self.chips.items():
            chip.show_figures(self._figures(pair), is_stale=self._is_stale(pair))

    def _figures(self, pair: Pair) -> list[tuple[str, str]]:
        """Say how late a symbol's messages come, how old the newest is and how it has moved in view.

        Each shortly, and in words; what is needed most comes first.
        """
        company = self._company
        past = company.past(pair)
        found: list[tuple[str, str]] = []
        is_shown = pair in company.shown
        late_us = past.latency.newest_us() if is_shown else None
        if late_us is not None:
            text = f"{latency_text(abs(late_us))} {'late' if late_us >= 0 else 'early'}"
            found.append((text, f"messages arrive {text} by the exchange's clock"))
        age_us = self._age_us(pair)
        if age_us is not None:
            text = f"{format_duration_s(max(0, age_us) / US_PER_SECOND)} ago"
            found.append((text, f"the newest message came {text}"))
        change = nan
        if is_shown:
            change = compared(company, pair, Scale.CHANGE, self._shared.from_us, company.now_us)
        if not isnan(change):
            found.append((signed_bps(change), f"mid {signed_bps(change)} since the left edge"))
        return found

    def _age_us(self, pair: Pair) -> int | None:
        clock = self._company.past(pair).clock
        return None if clock is None else self._company.now_us - clock.local_us

    def _is_stale(self, pair: Pair) -> bool:
        age_us = self._age_us(pair)
        return age_us is not None and age_us >= _STALE_US
