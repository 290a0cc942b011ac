"""The card over the datasets: what the cache spared so far, and how well it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import ElidedLabel, label, tool_button
from tickreel_desktop.savings.latency import LatencyTable
from tickreel_desktop.savings.spark import HitRateLine
from tickreel_desktop.savings.tile import Tile
from tickreel_desktop.savings.words import card_words
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.savings.figures import SavingsFigures

_HEIGHT_PX = 76
_TILE_PX = 150
_NARROW_PX = 1040
"""Below this width (a window of 1500) three tiles are kept; the dialog has the others."""


class SavingsCard(QFrame):
    """Show what was avoided; :meth:`show_figures` brings the figures."""

    assumptions_requested = Signal()
    plan_requested = Signal()
    close_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("data.savings")
        self.setAccessibleName("What the cache spared")
        set_role(self, Role.BAR)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.calls = Tile(theme, "Vendor calls avoided")
        self.transfer = Tile(theme, "Transfer avoided")
        self.money = Tile(theme, "Money avoided", "Set your plan")
        self.money.link_opened.connect(self.plan_requested)
        self.waiting = Tile(theme, "Waiting avoided")
        self.latency = LatencyTable(theme)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 1)
        row.setSpacing(0)
        self._optional: list[QWidget] = []
        for tile, is_kept in (
            (self.calls, True),
            (self.transfer, False),
            (self.money, True),
            (self.waiting, False),
        ):
            tile.setFixedWidth(theme.px(_TILE_PX))
            self._add(tile, is_kept=is_kept)
        row.addWidget(self._make_rate(), 1)
        self._add_line(is_kept=False)
        row.addWidget(self.latency)
        self._optional.append(self.latency)
        row.addWidget(self._make_tools())

    def _add(self, part: QWidget, *, is_kept: bool) -> None:
        self._row.addWidget(part)
        if not is_kept:
            self._optional.append(part)
        self._add_line(is_kept=is_kept)

    def _add_line(self, *, is_kept: bool) -> None:
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        self._row.addWidget(line)
        if not is_kept:
            self._optional.append(line)

    def _make_rate(self) -> QFrame:
        px = self._theme.px
        part = QFrame()
        self._rate = label("", Role.SECTION)
        self._pointed = ElidedLabel()
        set_role(self._pointed, Role.CAPTION)
        self.line = HitRateLine(self._theme)
        self.line.pointed.connect(self._on_pointed)
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(label("Hit rate, 30 days", Role.CAPTION))
        head.addWidget(self._pointed, 1)
        head.addWidget(self._rate)
        column = QVBoxLayout(part)
        column.setContentsMargins(px(12), px(8), px(12), px(8))
        column.setSpacing(px(4))
        column.addLayout(head)
        column.addWidget(self.line, 1)
        return part

    def _make_tools(self) -> QFrame:
        theme = self._theme
        part = QFrame()
        self.info_button = tool_button(theme, "info", "What these figures rest on")
        self.info_button.clicked.connect(lambda: self.assumptions_requested.emit())
        self.close_button = tool_button(theme, "x", "Hide the savings (View menu shows them)", size=14)
        self.close_button.clicked.connect(lambda: self.close_requested.emit())
        column = QVBoxLayout(part)
        column.setContentsMargins(0, theme.px(8), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(6))
        column.addWidget(self.info_button)
        column.addWidget(self.close_button)
        column.addStretch(1)
        return part

    def show_figures(self, figures: SavingsFigures) -> None:
        """Show the figures of now."""
        words = card_words(figures)
        self.calls.show_figure(words.calls)
        self.transfer.show_figure(words.transfer)
        self.money.show_figure(words.money, "no price is set")
        self.money.setToolTip(figures.problem)
        self.waiting.show_figure(words.waiting)
        self._rate.setText(words.hit_rate.text)
        set_role(self._rate, Role.SECTION if words.hit_rate.is_value else Role.SECONDARY)
        self.line.show_days(figures.account.found.local_days, figures.account.found.today)
        self.latency.show_row("Local", words.local)
        self.latency.show_row("Shared", words.shared)
        self.latency.show_row("Origin", words.origin)

    def rate_text(self) -> str:
        """Give the hit rate as it is shown."""
        return self._rate.text()

    def is_narrow(self) -> bool:
        """Tell whether only three tiles are shown."""
        return self.width() < self._theme.px(_NARROW_PX)

    def _on_pointed(self, text: str) -> None:
        self._pointed.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep three tiles where there is little room."""
        super().resizeEvent(event)
        for part in self._optional:
            part.setVisible(not self.is_narrow())
