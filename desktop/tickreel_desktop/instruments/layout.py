"""What the dialog of instruments is made of, and where each part stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    ElidedLabel,
    EmptyState,
    RowDelegate,
    RowTable,
    Segment,
    Segments,
    button,
    label,
    tool_button,
)
from tickreel_desktop.instruments import fact_model, timeline_model
from tickreel_desktop.instruments.change_form import ChangeForm
from tickreel_desktop.instruments.fact_model import FactDelegate, FactTableModel
from tickreel_desktop.instruments.infer_form import InferForm
from tickreel_desktop.instruments.list_model import InstrumentListModel
from tickreel_desktop.instruments.timeline_model import TimelineModel
from tickreel_desktop.instruments.vendor_form import VendorForm
from tickreel_desktop.instruments.words import fact_word
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QAbstractTableModel

    from tickreel_desktop.instruments.form import Form
    from tickreel_desktop.instruments.sheet import InstrumentSheet, Saying
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

CHANGE, INFER, VENDOR = "change", "infer", "vendor"
_WIDTH_PX = 1240
_LIST_PX = 330
_LIST_WIDTHS_PX = (96, 118, 100)
_FORM_PX = 250
_TIMELINE_PX = 470


class InstrumentsLayout:
    """Make the parts, and put them into the dialog."""

    def __init__(self, theme: Theme, zone: DisplayZone, now_us: Callable[[], int]) -> None:
        self._theme = theme
        self.search = self._make_search()
        self.names = InstrumentListModel()
        self.list = self._table("Instruments", self.names, _LIST_WIDTHS_PX)
        self.list.setItemDelegate(RowDelegate(theme, self.list, frozenset({1, 2})))
        self.count = label("", Role.CAPTION)
        self.add_button = button(theme, "Add it", ButtonKind.PRIMARY)
        self._no_match = EmptyState(theme, "magnifying-glass", "", "", (self.add_button,))
        self.title = ElidedLabel("")
        set_role(self.title, Role.TITLE)
        self.caption = ElidedLabel("")
        set_role(self.caption, Role.SECONDARY)
        self.show_copy_button = button(theme, "Copy as command", ButtonKind.FLAT, icon="terminal-window")
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.banner.hide()
        self.fact_model = FactTableModel(zone, now_us)
        self.facts = self._table("Facts", self.fact_model, fact_model.WIDTHS_PX)
        self.facts.setItemDelegate(FactDelegate(theme, self.facts))
        self._empty = EmptyState(
            theme,
            "list-bullets",
            "No instruments yet",
            "They come with datasets that are imported or fetched, and from the vendor: name an exchange "
            "below. Or type an exchange and a symbol into the search to begin one.",
        )
        self.change = ChangeForm(theme, zone)
        self.infer = InferForm(theme, zone)
        self.vendor = VendorForm(theme)
        self.forms: dict[str, Form] = {CHANGE: self.change, INFER: self.infer, VENDOR: self.vendor}
        self.tabs = Segments(
            theme,
            "What to do",
            (
                Segment(CHANGE, "Type in"),
                Segment(INFER, "Infer from the data"),
                Segment(VENDOR, "Refresh from the vendor"),
            ),
            small=True,
        )
        self.tabs.chosen.connect(self._show_form)
        self.command = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        set_role(self.command, Role.MONO)
        self.command_copy_button = tool_button(theme, "copy", "Copy this as a command", size=14)
        self.timeline_model = TimelineModel(zone, now_us)
        self.timeline = self._table("Timeline", self.timeline_model, timeline_model.WIDTHS_PX)
        self.timeline.setItemDelegate(RowDelegate(theme, self.timeline, frozenset({1, 2, 3, 5})))
        self._timeline_title = label("Timeline", Role.SECTION)
        self.status = ElidedLabel("")
        set_role(self.status, Role.CAPTION)
        self.undo_button = button(theme, "Undo", ButtonKind.FLAT, icon="arrow-counter-clockwise")
        self.redo_button = button(theme, "Redo", ButtonKind.FLAT, icon="arrow-clockwise")
        self.export_button = button(theme, "Export...", icon="export")
        self.export_button.setToolTip("Write every version of every instrument as JSON or CSV")
        self.export_copy_button = tool_button(
            theme, "terminal-window", "Copy the export as a command", size=14
        )
        self.close_button = button(theme, "Close", ButtonKind.PRIMARY)
        self._pages = QStackedWidget()
        self._lists = QStackedWidget()
        self._stack = QStackedWidget()
        self._timeline_side = _frame()

    @property
    def form(self) -> Form:
        """The form that is in view."""
        return self.forms[self.tabs.value()]

    def show_form(self, key: str) -> None:
        """Bring a form into view."""
        self.tabs.choose(key)
        self._show_form(key)

    def show_head(self, sheet: InstrumentSheet | None) -> None:
        """Name the instrument that is shown; None shows how one comes here."""
        is_first = self._pages.currentWidget() is self._empty
        for part in (self.tabs, self._timeline_side):
            part.setVisible(sheet is not None)
        if sheet is None:
            self._pages.setCurrentWidget(self._empty)
            self.title.setText("")
            self.caption.setText("")
            self.show_form(VENDOR)
            return
        self._pages.setCurrentIndex(0)
        if is_first:
            self.show_form(CHANGE)
        kind = sheet.line("type").span
        what = "" if kind is None else f", {kind.value}"
        said = f"{len(sheet.versions)} versions" if len(sheet.versions) != 1 else "1 version"
        self.title.setText(sheet.symbol)
        self.caption.setText(f"{sheet.exchange}{what}, {said if sheet.versions else 'nothing is known yet'}")

    def show_timeline(self, name: str, sayings: list[Saying]) -> None:
        """Show all that was ever said of a fact."""
        self._timeline_title.setText(
            f"Timeline of {fact_word(name)}{'' if sayings else ': nothing recorded'}"
        )
        self.timeline_model.show_sayings(name, sayings)

    def show_no_match(self, *, is_empty: bool, has_any: bool, named: str) -> None:
        """Say that no instrument is in the list, and offer to begin with one that was named."""
        self._lists.setCurrentIndex(1 if is_empty else 0)
        if not is_empty:
            return
        self.add_button.setVisible(bool(named))
        self.add_button.setText(f"Begin with {named}")
        if named:
            self._no_match.set_text("Nothing is known of it yet", "Type in what you know, or ask the vendor.")
        elif has_any:
            self._no_match.set_text("No instrument matches", "Type exchange and symbol to begin a new one.")
        else:
            self._no_match.set_text("No instruments", "Type exchange and symbol to begin one.")

    def fill(self, dialog: QDialog) -> None:
        """Put everything in its place.

        From the outside inwards, since a widget that gets another parent is dressed anew with all
        that is in it.
        """
        for model in (self.names, self.fact_model, self.timeline_model):
            model.setParent(dialog)
        column = QVBoxLayout(dialog)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        split = _splitter(Qt.Orientation.Horizontal)
        column.addWidget(split, 1)
        foot = _frame(Role.DIALOG_FOOT)
        column.addWidget(foot)
        side = _frame()
        split.addWidget(side)
        right = _splitter(Qt.Orientation.Vertical)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([self._theme.px(_LIST_PX), self._theme.px(_WIDTH_PX - _LIST_PX)])
        self._fill_left(side)
        self._fill_right(right)
        self._fill_foot(foot)

    def _fill_left(self, side: QFrame) -> None:
        px = self._theme.px
        column = _column(side)
        top = QHBoxLayout()
        top.setContentsMargins(px(12), px(12), px(12), px(8))
        bottom = QHBoxLayout()
        bottom.setContentsMargins(px(12), px(6), px(12), px(6))
        column.addLayout(top)
        column.addWidget(self._lists, 1)
        column.addLayout(bottom)
        top.addWidget(self.search)
        bottom.addWidget(self.count)
        self._lists.addWidget(self.list)
        self._lists.addWidget(self._no_match)

    def _fill_right(self, split: QSplitter) -> None:
        px = self._theme.px
        split.addWidget(self._pages)
        below = _splitter(Qt.Orientation.Horizontal)
        split.addWidget(below)
        split.setStretchFactor(0, 1)
        split.setSizes([px(1000), px(_FORM_PX)])
        shown, form_side = _frame(), _frame()
        self._pages.addWidget(shown)
        self._pages.addWidget(self._empty)
        below.addWidget(form_side)
        below.addWidget(self._timeline_side)
        below.setStretchFactor(0, 1)
        below.setSizes([px(_WIDTH_PX - _LIST_PX - _TIMELINE_PX), px(_TIMELINE_PX)])
        self._fill_shown(shown)
        self._fill_form_side(form_side)
        self._fill_timeline_side()

    def _fill_shown(self, shown: QFrame) -> None:
        px = self._theme.px
        column = _column(shown)
        head = QHBoxLayout()
        head.setContentsMargins(px(16), px(10), px(12), px(8))
        head.setSpacing(px(10))
        banner = QHBoxLayout()
        banner.setContentsMargins(px(12), 0, px(12), px(8))
        column.addLayout(head)
        column.addLayout(banner)
        column.addWidget(self.facts, 1)
        head.addWidget(self.title)
        head.addWidget(self.caption, 1)
        head.addWidget(self.show_copy_button)
        banner.addWidget(self.banner)

    def _fill_form_side(self, side: QFrame) -> None:
        px = self._theme.px
        column = _column(side)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(px(12), px(8), px(12), 0)
        command = QHBoxLayout()
        command.setContentsMargins(px(12), 0, px(12), px(8))
        command.setSpacing(px(8))
        column.addLayout(tabs)
        column.addWidget(self._stack, 1)
        column.addLayout(command)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        for form in self.forms.values():
            self._stack.addWidget(form)
        command.addWidget(self.command, 1)
        command.addWidget(self.command_copy_button)

    def _fill_timeline_side(self) -> None:
        px = self._theme.px
        column = _column(self._timeline_side)
        title = QHBoxLayout()
        title.setContentsMargins(px(12), px(8), px(12), px(8))
        column.addLayout(title)
        column.addWidget(self.timeline, 1)
        title.addWidget(self._timeline_title)

    def _fill_foot(self, foot: QFrame) -> None:
        px = self._theme.px
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(12), px(10), px(16), px(10))
        row.setSpacing(px(8))
        for each in (self.undo_button, self.redo_button):
            row.addWidget(each)
        row.addWidget(self.status, 1)
        row.addWidget(self.export_copy_button)
        for each in (self.export_button, self.close_button):
            row.addWidget(each)

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText("Search by symbol, exchange, source")
        search.setAccessibleName("Search instruments")
        mark = QAction(search)
        self._theme.bind_icon(mark, "magnifying-glass", "text_3", 14)
        search.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        return search

    def _table(self, name: str, model: QAbstractTableModel, widths_px: tuple[int, ...]) -> RowTable:
        table = RowTable(self._theme, name)
        table.setModel(model)
        table.set_widths([self._theme.px(width) for width in widths_px])
        return table

    def _show_form(self, key: str) -> None:
        self._stack.setCurrentWidget(self.forms[key])


def _frame(role: Role = Role.PANEL) -> QFrame:
    made = QFrame()
    set_role(made, role)
    return made


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    made = QSplitter(orientation)
    made.setChildrenCollapsible(False)
    return made


def _column(side: QFrame) -> QVBoxLayout:
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
