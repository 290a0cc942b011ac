"""Runs side by side: who they are, their curves, their figures, what differs, and where they part."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.backtest.asker import Asker
from tickreel_desktop.backtest.charts import Span
from tickreel_desktop.backtest.compare.charts import CompareCharts
from tickreel_desktop.backtest.compare.record import MOST_RUNS, read_compared
from tickreel_desktop.backtest.compare.settings import setting_name, setting_value
from tickreel_desktop.backtest.compare.words import event_words, letter, metric_rows
from tickreel_desktop.backtest.run.array_table import ArrayColumn, ArrayTable
from tickreel_desktop.backtest.runs.rows import SHORT_ID
from tickreel_desktop.backtest.runs.words import short_strategy
from tickreel_desktop.components import Chip, DockTitle, ElidedLabel, EmptyState, FlowLayout, button, label
from tickreel_desktop.replay.charttable import ChartTable
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tickreel.market.zone import Zone
    from tickreel_desktop.backtest.compare.record import Compared
    from tickreel_desktop.backtest.compare.settings import Setting
    from tickreel_desktop.backtest.compare.words import MetricRow
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_MOST_OFFERED = 20
_NAME_PX, _VALUE_PX, _SETTING_PX = 134, 79, 118


class CompareView(QFrame):
    """Show any set of runs, the first of them as A."""

    shown = Signal(list)
    """All of these runs are in view now."""
    replay_asked = Signal(str, object)
    """A run is to be replayed at an instant (microseconds, int)."""
    opened = Signal(str)
    """One of them is to be shown by itself: all others were taken away."""
    export_asked = Signal(object)
    """The figures are to be written: a :class:`ChartTable`."""
    closed = Signal()

    def __init__(
        self, theme: Theme, zone: DisplayZone, keeper: RunsKeeper, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._asker = Asker(keeper, tasks)
        self._wanted: list[str] = []
        self._offered: tuple[tuple[str, str], ...] = ()
        self.compared: Compared | None = None
        self.span = Span(self)
        self.charts = CompareCharts(theme, zone, self.span)
        self.metrics = ArrayTable(theme, "Figures of the runs")
        self.settings = ArrayTable(theme, "What was asked differently")
        self._make_head()
        self._make_event()
        self._make_pages()
        zone.changed.connect(self._on_zone_changed)
        self.show_none()

    def _make_head(self) -> None:
        theme, px = self._theme, self._theme.px
        self.head = QFrame()
        set_role(self.head, Role.PANEL)
        self.title = label("", Role.TITLE)
        self.told = ElidedLabel()
        set_role(self.told, Role.CAPTION)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, 0, px(6), fills=False)
        self.add_button = button(theme, "Add run", icon="plus")
        self.add_button.setToolTip("Put one more run beside these")
        self.add_button.clicked.connect(self._open_add_menu)
        self.export_button = button(theme, "Export", icon="export")
        self.export_button.clicked.connect(self._export)
        self.close_button = button(theme, "Close")
        self.close_button.clicked.connect(self.closed)
        texts = QVBoxLayout()
        texts.setSpacing(px(2))
        texts.addWidget(self.title)
        texts.addWidget(self.told)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(px(14), px(8), px(10), px(8))
        row.setSpacing(px(8))
        row.addLayout(texts, 1)
        row.addWidget(self._chips, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.export_button)
        row.addWidget(self.close_button)

    def _make_event(self) -> None:
        """Make the place for the first event that differs."""
        theme, px = self._theme, self._theme.px
        self.event_title = DockTitle(theme, "First diverging event")
        self.replay_button = button(theme, "Open A in Replay", icon="play")
        self.replay_button.clicked.connect(self._replay)
        self.event_title.add_control(self.replay_button)
        self.event_time = label("", Role.MONO)
        self.event_a, self.event_b = (label("", wrap=True) for _ in range(2))
        self.parting = QFrame()
        set_role(self.parting, Role.PANEL)
        column = QVBoxLayout(self.parting)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.event_title)
        inside = QVBoxLayout()
        inside.setContentsMargins(px(12), px(8), px(12), px(10))
        inside.setSpacing(px(6))
        names = {
            self.event_time: "Where A and B part",
            self.event_a: "What A did",
            self.event_b: "What B did",
        }
        for each, name in names.items():
            each.setAccessibleName(name)
            each.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            inside.addWidget(each)
        column.addLayout(inside)
        column.addStretch(1)

    def _make_pages(self) -> None:
        theme = self._theme
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setChildrenCollapsible(False)
        below.addWidget(_titled(DockTitle(theme, "Metrics"), self.metrics))
        self._settings_title = DockTitle(theme, "What differs")
        right = QSplitter(Qt.Orientation.Vertical)
        right.setChildrenCollapsible(False)
        right.addWidget(_titled(self._settings_title, self.settings))
        right.addWidget(self.parting)
        right.setSizes([theme.px(210), theme.px(110)])
        below.addWidget(right)
        below.setSizes([theme.px(520), theme.px(520)])
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.charts)
        halves.addWidget(below)
        halves.setSizes([theme.px(520), theme.px(320)])
        halves.setStretchFactor(0, 1)
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.head)
        inside.addWidget(halves, 1)
        self._none = EmptyState(
            theme, "arrows-left-right", "Nothing to compare", "Mark two or more runs, then choose Compare."
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(shown)
        self._pages.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    @property
    def run_ids(self) -> list[str]:
        """The runs that are shown or being read."""
        return list(self._wanted)

    def show_none(self) -> None:
        """Compare nothing."""
        self._asker.drop()
        self._wanted, self.compared = [], None
        self._none.set_text("Nothing to compare", "Mark two or more runs, then choose Compare.")
        self._pages.setCurrentIndex(1)

    def show_runs(self, run_ids: list[str]) -> None:
        """Read runs and compare them; of more than twelve the first twelve."""
        self._wanted = list(dict.fromkeys(run_ids))[:MOST_RUNS]
        self._renew_add()
        wanted = tuple(self._wanted)
        self._asker.ask(lambda runs: read_compared(runs, wanted), self._show, self._on_failed)

    def _on_failed(self, text: str) -> None:
        self.compared = None
        self._none.set_text("These runs cannot be compared", text)
        self._pages.setCurrentIndex(1)

    def _show(self, compared: Compared) -> None:
        self.compared = compared
        cards = compared.cards
        self.title.setText(f"Compare {len(cards)} runs")
        self.told.setText(compared.alike)
        self._show_chips(compared)
        self.span.show_range(min(card.from_us for card in cards), max(card.to_us for card in cards))
        self.charts.show_compared(compared)
        self._show_tables(compared)
        self._show_event(compared)
        self._pages.setCurrentIndex(0)
        self.shown.emit([card.id for card in cards])

    def _show_chips(self, compared: Compared) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, card in enumerate(compared.cards):
            name = short_strategy(str(card.strategy["name"]))
            chip = Chip(self._theme, f"{letter(number)}  {card.id[:SHORT_ID]} {name}")
            chip.removed.connect(lambda run_id=card.id: self._remove(run_id))
            self._flow.addWidget(chip)

    def offer(self, runs: Iterable[tuple[str, str]]) -> None:
        """Let these be added: the id and the name of each, the newest first."""
        self._offered = tuple(runs)
        self._renew_add()

    def _renew_add(self) -> None:
        is_full = len(self._wanted) >= MOST_RUNS
        self.add_button.setEnabled(not is_full and any(each not in self._wanted for each, _ in self._offered))
        why = f"Up to {MOST_RUNS} runs stand side by side" if is_full else "Put one more run beside these"
        self.add_button.setToolTip(why)

    def add_menu(self) -> QMenu:
        """Make the menu of runs that can be added; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        others = [(run_id, name) for run_id, name in self._offered if run_id not in self._wanted]
        for run_id, name in others[:_MOST_OFFERED]:
            menu.addAction(name, partial(self.show_runs, [*self._wanted, run_id]))
        if len(others) > _MOST_OFFERED:
            menu.addSeparator()
            menu.addAction("Others: mark them in the list, then Compare").setEnabled(False)
        return menu

    def _open_add_menu(self) -> None:
        self.add_menu().popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def _remove(self, run_id: str) -> None:
        left = [each for each in self._wanted if each != run_id]
        if len(left) == 1:
            self.opened.emit(left[0])
        else:
            self.show_runs(left)

    def _show_tables(self, compared: Compared) -> None:
        cards = compared.cards
        heads = [f"{letter(number)} {card.id[:SHORT_ID]}" for number, card in enumerate(cards)]
        rows = metric_rows(cards)
        columns = [ArrayColumn("Metric", lambda row: rows[row].name, _NAME_PX)]
        columns += [
            ArrayColumn(head, _value_of(rows, place), _VALUE_PX, is_number=True)
            for place, head in enumerate(heads)
        ]
        if len(cards) == 2:
            columns.append(
                ArrayColumn("A minus B", lambda row: rows[row].difference, _VALUE_PX, is_number=True)
            )
        self.metrics.show_columns(columns, len(rows))
        settings, zone = compared.settings, self._zone.zone
        columns = [ArrayColumn("Setting", lambda row: setting_name(settings[row]), _NAME_PX)]
        columns += [
            ArrayColumn(head, _setting_of(settings, place, zone), _SETTING_PX, is_wide=True)
            for place, head in enumerate(heads)
        ]
        self.settings.show_columns(columns, len(settings))
        caption = "all else was asked the same" if settings else "everything was asked the same"
        self._settings_title.set_caption(caption)

    def _show_event(self, compared: Compared) -> None:
        found = compared.divergence
        more = "of A and B" if len(compared.cards) > 2 else ""
        self.event_title.set_caption(more)
        self.replay_button.setVisible(found is not None)
        if found is None:
            same = "A and B gave the very same orders, fills and equity."
            none = "A and B do not differ in any event that is kept of both."
            self.event_time.setText(same if compared.is_identical else none)
            self.event_a.setText("")
            self.event_b.setText("")
            return
        zone = self._zone.zone
        moment = zone.stamp(found.time_us, 6)
        self.event_time.setText(f"{moment}  {found.table}, row {found.index + 1}: {found.event}")
        self.event_a.setText(f"A   {event_words(found, found.a, zone)}")
        self.event_b.setText(f"B   {event_words(found, found.b, zone)}")

    def _replay(self) -> None:
        if self.compared is not None and self.compared.divergence is not None:
            self.replay_asked.emit(self.compared.cards[0].id, self.compared.divergence.time_us)

    def table(self) -> ChartTable:
        """Give the figures with plain digits, to be written."""
        assert self.compared is not None
        rows = metric_rows(self.compared.cards)
        columns = ("metric", *(card.id for card in self.compared.cards))
        return ChartTable(
            "Compared runs",
            columns,
            tuple(
                (row.name, *("" if number is None else repr(number) for number in row.numbers))
                for row in rows
            ),
        )

    def _export(self) -> None:
        if self.compared is not None:
            self.export_asked.emit(self.table())

    def _on_zone_changed(self) -> None:
        if self.compared is not None:
            self._show_tables(self.compared)
            self._show_event(self.compared)


def _value_of(rows: Sequence[MetricRow], place: int) -> Callable[[int], str]:
    return lambda row: rows[row].values[place]


def _setting_of(settings: Sequence[Setting], place: int, zone: Zone) -> Callable[[int], str]:
    return lambda row: setting_value(settings[row], place, zone)


def _titled(title: DockTitle, table: QWidget) -> QFrame:
    frame = QFrame()
    set_role(frame, Role.PANEL)
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(title)
    column.addWidget(table, 1)
    return frame
