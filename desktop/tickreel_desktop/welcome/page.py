"""The welcome page: one click to the sample, and the other ways to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, IconLabel, KeyCap, button, label
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.welcome.sample_view import SampleView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QAction

    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName

_WIDTH_PX = 924
_CARD_PX = 148


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was looked at before the first step."""

    text: str
    is_good: bool
    """False is neither wrong nor done: it is not set up."""
    is_problem: bool = False


class WelcomePage(QWidget):
    """Offer the first steps."""

    sample_requested = Signal()
    backtest_requested = Signal()
    import_requested = Signal()
    fetch_requested = Signal()
    help_requested = Signal()

    def __init__(
        self, theme: Theme, fetch_action: QAction, import_action: QAction, help_action: QAction
    ) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self._theme = theme
        px = theme.px
        self.sample_button = button(theme, "Play the sample", ButtonKind.PRIMARY, icon="play-fill")
        self.sample_button.setMinimumHeight(px(32))
        self.sample_button.clicked.connect(lambda: self.sample_requested.emit())
        self.backtest_button = button(theme, "Backtest the sample", icon="flask")
        self.backtest_button.setMinimumHeight(px(32))
        self.backtest_button.clicked.connect(lambda: self.backtest_requested.emit())
        column_widget = QWidget()
        column_widget.setFixedWidth(px(_WIDTH_PX))
        column = QVBoxLayout(column_widget)
        column.setContentsMargins(0, px(24), 0, px(24))
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(label("Welcome to Tickreel", Role.WELCOME))
        column.addSpacing(px(6))
        column.addWidget(
            label(
                "Fetch, check, replay and backtest full order books. The sample below is made on this "
                "machine in a few seconds and needs no key.",
                Role.LEAD,
            )
        )
        column.addSpacing(px(20))
        column.addWidget(self._make_sample_card())
        column.addSpacing(px(20))
        column.addLayout(self._make_cards(fetch_action, import_action, help_action))
        column.addSpacing(px(20))
        self._facts = QHBoxLayout()
        self._facts.setSpacing(px(20))
        column.addLayout(self._facts)
        column.addStretch(2)
        middle = QFrame()
        set_role(middle, Role.WINDOW)
        row = QHBoxLayout(middle)
        row.setContentsMargins(px(16), 0, px(16), 0)
        row.addStretch(1)
        row.addWidget(column_widget)
        row.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(middle)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _make_sample_card(self) -> QFrame:
        px = self._theme.px
        card = QFrame()
        set_role(card, Role.CARD)
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(label("Sample: two simulated markets, two busy hours", Role.TITLE))
        words.addWidget(
            label(
                "14 March 2025, 15:00 to 17:15 UTC, 2.3 M rows, 9 MB. Simulated, and labelled so everywhere.",
                Role.SECONDARY,
                wrap=True,
            )
        )
        foot = QHBoxLayout()
        foot.setContentsMargins(px(18), px(12), px(18), px(13))
        foot.addLayout(words, 1)
        foot.setSpacing(px(8))
        foot.addWidget(self.backtest_button)
        foot.addWidget(self.sample_button)
        column = QVBoxLayout(card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(SampleView(self._theme))
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        column.addWidget(line)
        column.addLayout(foot)
        return card

    def _make_cards(self, fetch_action: QAction, import_action: QAction, help_action: QAction) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.px(24))
        cards = (
            self._make_card(
                "download-simple",
                "Fetch days",
                "From Tardis.dev with your key; the first day of each month is free. "
                "You see days, size and time before anything is fetched.",
                "Choose days",
                self.fetch_requested,
                fetch_action,
            ),
            self._make_card(
                "upload-simple",
                "Import files",
                "Drop Tardis CSV files or folders anywhere in this window: .csv, .csv.gz, .csv.zst.",
                "Choose files",
                self.import_requested,
                import_action,
            ),
            self._make_card(
                "question",
                "Look around",
                "The guide goes from the first start to two compared backtests, with pictures.",
                "Read the guide",
                self.help_requested,
                help_action,
            ),
        )
        for place, card in enumerate(cards):
            grid.addWidget(card, 0, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _make_card(
        self,
        icon: IconName,
        heading: str,
        text: str,
        verb: str,
        wish: SignalInstance,
        action: QAction | None = None,
    ) -> QFrame:
        px = self._theme.px
        card = QFrame()
        set_role(card, Role.CARD)
        card.setMinimumHeight(px(_CARD_PX))
        head = QHBoxLayout()
        head.setSpacing(px(10))
        head.addWidget(IconLabel(self._theme, icon, "accent", 18))
        head.addWidget(label(heading, Role.TITLE), 1)
        foot = QHBoxLayout()
        chosen = button(self._theme, verb)
        chosen.clicked.connect(lambda: wish.emit())
        foot.addWidget(chosen)
        foot.addStretch(1)
        if action is not None:
            foot.addWidget(KeyCap(self._theme, action.shortcut().toString()))
        column = QVBoxLayout(card)
        column.setContentsMargins(px(18), px(16), px(16), px(16))
        column.setSpacing(px(10))
        column.addLayout(head)
        column.addWidget(label(text, Role.SECONDARY, wrap=True))
        column.addStretch(1)
        column.addLayout(foot)
        return card

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Say in one line what this machine has and lacks."""
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for fact in facts:
            self._facts.addWidget(self._make_fact(fact))
        self._facts.addStretch(1)

    def _make_fact(self, fact: Fact) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        if fact.is_problem:
            row.addWidget(IconLabel(self._theme, "warning", "warning", 14))
        else:
            row.addWidget(
                IconLabel(
                    self._theme,
                    "check" if fact.is_good else "minus",
                    "good" if fact.is_good else "text_3",
                    14,
                )
            )
        row.addWidget(label(fact.text, Role.SECONDARY))
        return made

    def take_focus(self) -> None:
        """Let Enter and Space play the sample."""
        self.sample_button.setFocus(Qt.FocusReason.OtherFocusReason)
