"""A run in view: its head and its pages, all read off the UI thread and shown when all is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from tickreel.backtest.runs.card import RunState
from tickreel.market.units import format_full
from tickreel_desktop.backtest.asker import Asker
from tickreel_desktop.backtest.charts import Span
from tickreel_desktop.backtest.run.gains_pages import Distribution, PnlBy
from tickreel_desktop.backtest.run.head import RunHead
from tickreel_desktop.backtest.run.lines_page import AssumptionsPage, CardPage, LogPage
from tickreel_desktop.backtest.run.orders_pane import OrdersPane
from tickreel_desktop.backtest.run.overview import Overview
from tickreel_desktop.backtest.run.record import read_run
from tickreel_desktop.backtest.run.series_page import SeriesPage
from tickreel_desktop.backtest.run.trades_pane import TradesPane
from tickreel_desktop.components import Banner, BannerKind, EmptyState, button
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SAID_AFTER_MS = 300
"""Reading is told of when it takes longer."""


class RunView(QFrame):
    """Show one run."""

    shown = Signal(str)
    """All of this run is in view now."""
    replay_asked = Signal(str, object)
    """The run is to be replayed at an instant (microseconds, int)."""
    why_asked = Signal(str, int)
    """Why the order of this number was filled."""
    rerun_asked = Signal(str)
    analyse_asked = Signal(str, object, object)
    """A part of the range (microseconds, int) is to be analysed."""
    report_asked = Signal(str)
    export_asked = Signal(list)
    tag_asked = Signal(list)
    note_asked = Signal(str)
    delete_asked = Signal(list)

    def __init__(
        self, theme: Theme, zone: DisplayZone, keeper: RunsKeeper, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._asker = Asker(keeper, tasks)
        self._wanted = ""
        self._is_reading = False
        self.record: RunRecord | None = None
        """What is shown; None where nothing is."""
        self.obstacle = ""
        """Why the run cannot be read; empty where it can."""
        self.span = Span(self)
        self.head = RunHead(theme)
        self.banner = Banner(theme, BannerKind.ERROR, "")
        self.overview = Overview(theme, zone, self.span, tasks)
        self.trades = TradesPane(theme, zone, self.span, tasks, brief=False)
        self.orders = OrdersPane(theme, zone, self.span, tasks)
        self.pnl_by = PnlBy(theme)
        self.distribution = Distribution(theme)
        self.assumptions = AssumptionsPage(theme)
        self.series = SeriesPage(theme, zone, self.span, keeper, tasks)
        self.log = LogPage(theme, zone)
        self.card = CardPage(theme)
        self.tabs = QTabWidget()
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setAccessibleName("Parts of the run")
        for name, page in (
            ("Overview", self.overview),
            ("Trades", self.trades),
            ("Orders", self.orders),
            ("PnL by", self.pnl_by),
            ("Distribution", self.distribution),
            ("Assumptions", self.assumptions),
            ("Series", self.series),
            ("Log", self.log),
            ("Run card", self.card),
        ):
            self.tabs.addTab(page, name)
        self._make_pages()
        self._connect()
        self.show_none()

    def _make_pages(self) -> None:
        theme = self._theme
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.head)
        inside.addWidget(self.banner)
        inside.addWidget(self.tabs, 1)
        self._none = EmptyState(
            theme,
            "flask",
            "No run chosen",
            "Choose a run to see its equity, trades and orders, and what it assumes.",
        )
        self._reading = EmptyState(theme, "flask", "Reading the run", "Its tables are checked and read.")
        again = button(theme, "Try again")
        again.clicked.connect(lambda: self.show_run(self._wanted))
        self._failed = EmptyState(theme, "warning", "This run cannot be read", "", [again])
        self._pages = QStackedWidget()
        for page in (shown, self._none, self._reading, self._failed):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self._waits = QTimer(self)
        self._waits.setSingleShot(True)
        self._waits.setInterval(_SAID_AFTER_MS)
        self._waits.timeout.connect(lambda: self._pages.setCurrentWidget(self._reading))

    def _connect(self) -> None:
        self.head.replay_asked.connect(lambda: self._replay())
        self.head.rerun_asked.connect(lambda: self.rerun_asked.emit(self._wanted))
        self.head.report_asked.connect(lambda: self.report_asked.emit(self._wanted))
        self.head.more_asked.connect(lambda: self.head.open_menu(self.more_menu()))
        for pane in (self.overview.trades, self.trades, self.orders):
            pane.why_asked.connect(lambda order: self.why_asked.emit(self._wanted, order))

    @property
    def run_id(self) -> str:
        """The run that is shown or being read; empty where there is none."""
        return self._wanted

    def show_none(self) -> None:
        """Show no run."""
        self._asker.drop()
        self._waits.stop()
        self._wanted, self.record, self._is_reading = "", None, False
        self._pages.setCurrentWidget(self._none)

    def show_run(self, run_id: str) -> None:
        """Read a run, unless it is being read, and show it; the tab that is in front stays there."""
        if run_id != self._wanted or not self._is_reading:
            self._read(run_id)

    def _read(self, run_id: str) -> None:
        self._wanted, self._is_reading = run_id, True
        self._waits.start()
        self._asker.ask(lambda runs: read_run(runs, run_id), self._show, self._on_failed)

    def renew(self) -> None:
        """Read the run that is shown anew, as after a change of its tags."""
        if self._wanted:
            self._read(self._wanted)

    def _on_failed(self, text: str) -> None:
        self._is_reading = False
        self._waits.stop()
        self.record = None
        self.obstacle = text
        self._failed.set_text("This run cannot be read", text)
        self._pages.setCurrentWidget(self._failed)

    def _show(self, record: RunRecord) -> None:
        self._is_reading = False
        self._waits.stop()
        before, self.record = self.record, record
        self.obstacle = ""
        card = record.card
        self._wanted = card.id
        self.head.show_card(card)
        is_same = before is not None and before.card.id == card.id
        if not is_same:
            self.span.show_range(card.from_us, card.to_us)
        self._show_banner()
        self.overview.show_record(record)
        self.trades.show_record(record)
        self.orders.show_record(record)
        for page in (self.pnl_by, self.distribution, self.assumptions, self.log, self.card):
            page.show_record(record)
        if not is_same:
            self.series.show_record(record)
        count = "" if card.total_trades is None else f" {format_full(card.total_trades)}"
        self.tabs.setTabText(self.tabs.indexOf(self.trades), f"Trades{count}")
        self._pages.setCurrentIndex(0)
        self.shown.emit(card.id)

    def _show_banner(self) -> None:
        """Say why a run is not whole."""
        assert self.record is not None
        card = self.record.card
        text, kind = "", BannerKind.WARNING
        reached = card.reached_us
        until = "" if reached is None else f" What is shown ends at {moment_text(self._zone.zone, reached)}."
        if card.failure is not None:
            kind = BannerKind.ERROR
            after = (
                "" if card.ticks_processed is None else f" after {format_full(card.ticks_processed)} messages"
            )
            text = f"Failed{after}: {card.failure}.{until}"
        elif card.state is RunState.CANCELLED:
            text = f"Cancelled before its end.{until}"
        elif card.state is RunState.RUNNING:
            text, kind = "It is still running; what came of it is shown when it has ended.", BannerKind.NOTE
        elif card.notes:
            text, kind = card.notes, BannerKind.NOTE
        self.banner.set_kind(kind)
        self.banner.set_text(text)
        self.banner.setVisible(bool(text))

    def _replay(self) -> None:
        card = None if self.record is None else self.record.card
        if card is not None:
            at_us = card.from_us if self.span.cursor_us is None else self.span.cursor_us
            self.replay_asked.emit(card.id, at_us)

    def part(self) -> tuple[int, int]:
        """Give the part of the range that is chosen, else what is in view."""
        return self.span.chosen or (self.span.from_us, self.span.to_us)

    def more_menu(self) -> QMenu:
        """Make the menu of what else can be done; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        run_id = self._wanted
        menu.addAction("Tags...", lambda: self.tag_asked.emit([run_id]))
        menu.addAction("Note...", lambda: self.note_asked.emit(run_id))
        menu.addAction("Export...", lambda: self.export_asked.emit([run_id]))
        menu.addSeparator()
        words = "Analyse the chosen part" if self.span.chosen is not None else "Analyse what is in view"
        menu.addAction(words, lambda: self.analyse_asked.emit(run_id, *self.part()))
        menu.addSeparator()
        delete = menu.addAction("Delete", lambda: self.delete_asked.emit([run_id]))
        delete.setEnabled(self.record is not None and self.record.card.state.is_final)
        return menu
