"""The charts of a replay with their titles, and where they stand in the room there is.

From the left: the past (heat map and strips on one time axis), the present (ladder, depth, figures,
trades). Where there is no room for two columns of the present, they are tabs in one place. What is hidden
gives its room to the others; the heat map always stays.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import DockTitle, Segment, Segments, Tag, Tone, tool_button
from tickreel_desktop.replay.cursor_figures import CursorFigures
from tickreel_desktop.replay.depth import DepthChart
from tickreel_desktop.replay.heatmap import PROFILE_WIDTH_PX, HeatmapLegend, HeatmapView
from tickreel_desktop.replay.ladder import LadderView
from tickreel_desktop.replay.ladder.tools import make_tools
from tickreel_desktop.replay.panel_choice import FIRST_SHOWN, PANELS, STRIPS
from tickreel_desktop.replay.spanchoice import SpanChoice
from tickreel_desktop.replay.strips import Strips
from tickreel_desktop.replay.strips.menu import strips_menu
from tickreel_desktop.replay.symbols.company import Company
from tickreel_desktop.replay.tape import TapeView
from tickreel_desktop.replay.ticks import length_text
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.replay.panel_choice import PanelChoice
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

ReplayChart: TypeAlias = HeatmapView | Strips | LadderView | DepthChart | CursorFigures | TapeView
_TWO_COLUMNS_PX = 1400
"""From this width on the present has two columns beside the past."""
_SECOND = ("depth", "figures", "tape")
"""What stands in the second of them."""
_SECOND_PX = (250, 190, 300)
_LADDER_PX = 252
_PRESENT_PX = 262


class ReplayPanels(QFrame):
    """All charts of a replay; whoever owns them gives them frames."""

    export_wanted = Signal(object)
    """One of the charts is to be written to a file."""
    shown_changed = Signal()
    """Other panels of the present are shown now."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("layout.replay.panels")
        set_role(self, Role.WINDOW)
        self._theme = theme
        self.company = Company(self)
        """The symbols that are played together."""
        self.heatmap = HeatmapView(theme, zone, shared)
        self.heatmap.overlay_symbols(self.company)
        self.strips = Strips(theme, zone, shared, self.company)
        self.ladder = LadderView(theme, zone, shared)
        self.depth_chart = DepthChart(theme, zone, shared)
        self.figures = CursorFigures(theme, zone, shared)
        self.tape = TapeView(theme, zone, shared)
        self.all: tuple[ReplayChart, ...] = (
            self.heatmap,
            self.strips,
            self.ladder,
            self.depth_chart,
            self.figures,
            self.tape,
        )
        self.known: tuple[ReplayChart, ...] = (self.ladder, self.depth_chart, self.tape)
        """Those of the present, which show what is known where that lags behind the market."""
        self._lags: list[Tag] = []
        self._titles: dict[str, DockTitle] = {}
        self._past = self._make_past(shared)
        self._present = {
            "ladder": self._titled("Ladder", self.ladder, make_tools(theme, self.ladder)),
            "depth": self._titled("Depth", self.depth_chart, (self.depth_chart.make_span_choice(),)),
            "figures": self._titled("At the cursor", self.figures, self.figures.tools()),
            "tape": self._titled("Time and sales", self.tape, self.tape.tools()),
        }
        self._shown = set(self._present)
        self._follow_captions()
        for chart in (self.strips, self.ladder):
            chart.export_wanted.connect(partial(self.export_wanted.emit, chart))
        self.strips.menu_wanted.connect(self._offer_strips)
        self._choice = Segments(
            theme,
            "What of the present is in view",
            (
                Segment("ladder", "Ladder"),
                Segment("depth", "Depth"),
                Segment("figures", "Cursor"),
                Segment("tape", "Trades"),
            ),
            small=True,
        )
        self._choice.chosen.connect(self.bring)
        self._tabs = QStackedWidget()
        self._tabbed = QFrame()
        set_role(self._tabbed, Role.PANEL)
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        head.addWidget(self._choice)
        column = QVBoxLayout(self._tabbed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._tabs, 1)
        self._second = QSplitter(Qt.Orientation.Vertical)
        self._second.setObjectName("layout.replay.present")
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setObjectName("layout.replay.columns")
        for splitter in (self._second, self._columns):
            splitter.setChildrenCollapsible(False)
        self._columns.addWidget(self._past)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._columns)
        self._is_wide: bool | None = None
        self._is_covered = False
        self._arrange(is_wide=False)
        self._share(self.width())

    def _make_past(self, shared: SharedView) -> QWidget:
        theme = self._theme
        made = QFrame()
        set_role(made, Role.PANEL)
        title = DockTitle(theme, "Depth heat map", self.heatmap.caption)
        self.heatmap.caption_changed.connect(title.set_caption)
        title.add_control(HeatmapLegend(theme, self.heatmap))
        title.add_control(SpanChoice(theme, shared))
        title.add_control(self._make_export(self.heatmap, "the heat map"))
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.strips)
        self.strips.set_right_px(theme.px(PROFILE_WIDTH_PX))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(title)
        column.addWidget(self.heatmap, 1)
        column.addLayout(below)
        return made

    def _titled(self, name: str, content: QWidget, tools: Sequence[QWidget]) -> QFrame:
        """Put a chart below its title."""
        panel = QFrame()
        set_role(panel, Role.PANEL)
        title = self._titles[name] = DockTitle(self._theme, name)
        if content in self.known:
            lag = Tag("", Tone.WARNING)
            lag.setToolTip("What a strategy knows that hears of everything so much later")
            lag.hide()
            title.add_control(lag)
            self._lags.append(lag)
        for tool in tools:
            title.add_control(tool)
        if content is not self.ladder:  # which has a menu of its own, and little room
            title.add_control(self._make_export(content, name.lower()))
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(content, 1)
        return panel

    def _make_export(self, chart: QWidget, name: str) -> QToolButton:
        made = tool_button(self._theme, "export", f"Export {name}: figures, picture or drawing")
        made.clicked.connect(lambda: self.export_wanted.emit(chart))
        return made

    def _offer_strips(self, place: QPoint) -> None:
        """Offer what there is to choose about the strips."""
        menu = strips_menu(self.strips)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def show_lag(self, latency_us: int) -> None:
        """Say at the head of what shows the known by how much it lags; nothing where it does not."""
        for tag in self._lags:
            tag.setText(f"{length_text(latency_us)} late")
            tag.setVisible(latency_us > 0)

    def _follow_captions(self) -> None:
        ladder, depth = self._titles["Ladder"], self._titles["Depth"]
        self.ladder.caption_changed.connect(lambda: ladder.set_caption(self.ladder.caption()))
        self.depth_chart.caption_changed.connect(depth.set_caption)
        depth.set_caption(self.depth_chart.caption())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two columns or in one."""
        super().resizeEvent(event)
        self.fit(self.width())

    def fit(self, width_px: int) -> None:
        """Stand in two columns or in one, as a width has room for.

        Before the panels are shown for the first time that is much less work than while they are.
        """
        is_wide = width_px >= self._theme.px(_TWO_COLUMNS_PX)
        if is_wide != self._is_wide:
            self._arrange(is_wide=is_wide)
            self._share(width_px)

    def set_compact(self, *, is_compact: bool) -> None:
        """Make low what stands above each other, for a low window."""
        self.strips.set_compact(is_compact=is_compact)
        self.ladder.set_compact(is_compact=is_compact)

    def cover_present(self, *, is_covered: bool) -> None:
        """Give the room of the present to a panel that stands in its place, where there is one column."""
        self._is_covered = is_covered
        if not self._is_wide:  # in two columns there is room for all
            self._give_room()

    # Which of them are shown

    def is_shown(self, key: str) -> bool:
        """Tell whether a part of the present is shown where there is room: ladder, depth, figures or tape."""
        return key in self._shown

    def set_shown(self, key: str, *, is_shown: bool) -> None:
        """Show a part of the present, or give its room to the others."""
        if is_shown != self.is_shown(key):
            self._shown ^= {key}
            self._give_room()
            self.shown_changed.emit()

    def choice(self) -> PanelChoice:
        """Give the keys of all panels and strips that are shown, of those that can be chosen."""
        strips = {strip.kind.value for strip in self.strips.shown if strip.kind in STRIPS}
        return frozenset(self._shown | strips)

    def choose(self, choice: PanelChoice) -> None:
        """Show these panels and strips alone; one strip is always left."""
        for key in PANELS:
            self.set_shown(key, is_shown=key in choice)
        # Those that are shown come first, so that none that is to be hidden is the last one.
        for kind in sorted(STRIPS, key=choice.__contains__, reverse=True):
            self.strips.set_shown(kind, is_shown=kind in choice)

    @property
    def kept_parts(self) -> tuple[QSplitter | ReplayPanels, ...]:
        """Give what belongs to a layout: itself, and the splitters between the charts."""
        return (self, self._columns, self._second)

    def saveState(self) -> QByteArray:
        """Take down for a layout what is shown."""
        return QByteArray(json.dumps(sorted(self.choice())).encode())

    def restoreState(self, state: QByteArray) -> bool:
        """Show what was shown; False where that cannot be understood."""
        try:
            keys = json.loads(bytes(state.data()))
        except ValueError:
            return False
        if not isinstance(keys, list):
            return False
        self.choose(frozenset(key for key in keys if isinstance(key, str)))
        return True

    def resetState(self) -> None:
        """Show what is shown at first, and as large as at first."""
        self.choose(FIRST_SHOWN)
        self._share(self.width())

    def _arrange(self, *, is_wide: bool) -> None:
        self._is_wide = is_wide
        present = self._present
        if is_wide:
            self._columns.addWidget(present["ladder"])
            for key in _SECOND:
                self._second.addWidget(present[key])
            self._columns.addWidget(self._second)
            self._tabbed.setParent(None)
        else:
            for panel in present.values():
                self._tabs.addWidget(panel)
            self._second.setParent(None)
            self._columns.addWidget(self._tabbed)
        self._give_room()
        self._columns.setStretchFactor(0, 1)
        for place in range(1, self._columns.count()):
            self._columns.setStretchFactor(place, 0)

    def _share(self, width_px: int) -> None:
        """Share the room out as at first: the past has what the present leaves of the width."""
        px = self._theme.px
        self._second.setSizes([px(height) for height in _SECOND_PX])
        sides = [px(_LADDER_PX), px(_PRESENT_PX)] if self._is_wide else [px(_LADDER_PX)]
        self._columns.setSizes([max(1, width_px - sum(sides)), *sides])

    def _give_room(self) -> None:
        """Let those that are shown have the room of the present; without any, the past has it."""
        shown = [key for key in self._present if key in self._shown]
        for key in self._present:
            self._choice.set_shown(key, key in shown)
        if self._is_wide:
            for key, panel in self._present.items():
                panel.setVisible(key in shown)
            self._second.setVisible(any(key in shown for key in _SECOND))
        elif shown:
            front = self._choice.value()
            self.bring(front if front in shown else shown[0])
            self._tabbed.setVisible(not self._is_covered)
        else:
            self._tabbed.hide()

    def bring(self, key: str) -> None:
        """Bring a part of the present that is shown to the front: ladder, depth, figures or tape."""
        self._choice.choose(key)
        self._tabs.setCurrentWidget(self._present[key])
