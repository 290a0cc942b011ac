"""The Analysis panel: what is in view, who analyses, what was found, what it cost, what was found before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.analysis.analyst_button import AnalystButton
from tickreel_desktop.analysis.ask_bar import AskBar
from tickreel_desktop.analysis.chips import ScopeChips
from tickreel_desktop.analysis.earlier import EarlierList
from tickreel_desktop.analysis.history_page import HistoryPage
from tickreel_desktop.analysis.obstacle_bar import ObstacleBar
from tickreel_desktop.analysis.result_view import ResultView
from tickreel_desktop.components import ButtonKind, EmptyState, button, label, tool_button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from tickreel_desktop.analysis.choice import AnalystChoice
    from tickreel_desktop.analysis.scope import Scope
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class AnalysisPanel(QFrame):
    """Show an analysis and take wishes; whoever owns it does what is wanted."""

    caption_changed = Signal(str)
    """Who analyses, for the title of the dock."""
    preview_wanted = Signal()
    export_wanted = Signal()
    sample_wanted = Signal()
    data_wanted = Signal()
    history_wanted = Signal()
    shown = Signal()
    """It came into view."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, scope: Scope, book: QWidget, parent: QWidget | None = None
    ) -> None:
        """Make it; *book* is what the book itself says, without any analyst."""
        super().__init__(parent)
        self.setObjectName("panel.analysis")
        set_role(self, Role.PANEL)
        self._theme = theme
        self._scope = scope
        self._book = book
        self.chips = ScopeChips(theme, zone, scope)
        self.analyst = AnalystButton(theme)
        self.obstacles = ObstacleBar(theme)
        self.result = ResultView(theme, zone)
        self.earlier = EarlierList(theme, zone)
        self.ask = AskBar(theme)
        self.history = HistoryPage(theme, zone)
        self.figures = label("", Role.CAPTION)
        self.preview_button = button(theme, "Preview request", ButtonKind.LINK)
        self.preview_button.clicked.connect(lambda: self.preview_wanted.emit())
        self.history_button = tool_button(
            theme, "clock-counter-clockwise", "Analyses of before", checkable=True, size=14
        )
        self.book_button = tool_button(
            theme, "list-bullets", "What the book says now", checkable=True, size=14
        )
        self.export_button = tool_button(theme, "export", "Export this analysis", size=14)
        self.export_button.clicked.connect(lambda: self.export_wanted.emit())
        self.export_button.setEnabled(False)
        self._hint = label(
            "Spread, balance, flow, trades and movement of the window are measured on this machine. The "
            "analyst says what stands out, and every number is held against the figure it cites.",
            Role.CAPTION,
            wrap=True,
        )
        self._empty = self._make_empty()
        self._work = self._make_work()
        self._stack = QStackedWidget()
        for page in (self._empty, self._work, self.history, book):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.history_button.toggled.connect(self._on_history)
        self.book_button.toggled.connect(self._on_book)
        self.history.closed.connect(lambda: self.history_button.setChecked(False))
        self.earlier.all_wanted.connect(lambda: self.history_button.setChecked(True))
        scope.changed.connect(self.renew)
        self.renew()

    def _make_empty(self) -> EmptyState:
        sample = button(self._theme, "Open sample", ButtonKind.PRIMARY)
        sample.clicked.connect(lambda: self.sample_wanted.emit())
        choose = button(self._theme, "Choose a dataset")
        choose.clicked.connect(lambda: self.data_wanted.emit())
        made = EmptyState(
            self._theme,
            "sparkle",
            "Nothing to analyse",
            "Open a replay, or select a dataset with a book or trades: the analyst looks at what is in view.",
            [sample, choose],
        )
        made.setMinimumWidth(0)
        return made

    def _make_work(self) -> QWidget:
        px = self._theme.px
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.figures, 1)
        line.addWidget(self.preview_button)
        top = QFrame()
        set_role(top, Role.BAR)
        head = QVBoxLayout(top)
        head.setContentsMargins(px(12), px(10), px(12), px(10))
        head.setSpacing(px(8))
        head.addWidget(self.chips)
        head.addWidget(self.analyst)
        head.addLayout(line)
        content = QFrame()
        set_role(content, Role.PANEL)
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        inside = QVBoxLayout(content)
        inside.setContentsMargins(px(12), px(10), px(12), px(10))
        inside.setSpacing(px(12))
        for each in (self.obstacles, self._hint, self.result, self.earlier):
            inside.addWidget(each)
        inside.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(content)
        made = QFrame()
        set_role(made, Role.PANEL)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self.area, 1)
        column.addWidget(self.ask)
        return made

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return (self.export_button, self.history_button, self.book_button)

    def show_choice(self, choice: AnalystChoice) -> None:
        """Say who analyses."""
        self.analyst.show_choice(choice)
        asked = choice.asked
        self.ask.show_analyst(reads_questions=asked != "offline")
        self.ask.send_button.setText("Analyse" if asked == "offline" else "Ask")
        self.caption_changed.emit("offline, by rules" if asked == "offline" else asked)

    def show_hint(self, *, is_shown: bool) -> None:
        """Say what this is for, as long as nothing was analysed."""
        self._hint.setVisible(is_shown)

    def renew(self) -> None:
        """Show what is in view, or that nothing is."""
        scope = self._scope
        has_groups = scope.wanted is not None
        told = f"Up to {scope.most_figures} figures" if has_groups else "Nothing is in view"
        self.figures.setText(told)
        self.preview_button.setEnabled(has_groups)
        self._show_page()

    def show_work(self) -> None:
        """Bring the analysis to the front, before the history and the book."""
        self.history_button.setChecked(False)
        self.book_button.setChecked(False)

    def scroll_to_result(self) -> None:
        """Bring the beginning of the answer into view."""
        self.area.verticalScrollBar().setValue(0)

    def _on_history(self, is_on: bool) -> None:
        if is_on:
            self.book_button.setChecked(False)
            self.history_wanted.emit()
            self.history.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_page()

    def _on_book(self, is_on: bool) -> None:
        if is_on:
            self.history_button.setChecked(False)
        self._show_page()

    def _show_page(self) -> None:
        page: QWidget = self._work if self._scope.subject is not None else self._empty
        if self.history_button.isChecked():
            page = self.history
        elif self.book_button.isChecked():
            page = self._book
        self._stack.setCurrentWidget(page)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it came into view."""
        super().showEvent(event)
        self.shown.emit()
