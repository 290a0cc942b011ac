"""The form before a replay: which symbols, which range of them, how they are played, on which panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.replay import ReplayPlan, spell_plan
from tickreel_desktop.components import (
    ButtonKind,
    CommandLine,
    IconLabel,
    button,
    label,
)
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.replay.extent import extent_text
from tickreel_desktop.replay.missing import parted
from tickreel_desktop.replay.missing_bar import MissingBar
from tickreel_desktop.replay.offer import ReplayOffer, common_us
from tickreel_desktop.replay.saved_bar import ask_name
from tickreel_desktop.replay.symbol_table import state_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.errors import TickreelError
    from tickreel.replay import Band
    from tickreel_desktop.replay.missing import MissingRows, Places
    from tickreel_desktop.replay.offer import HeldSymbol, ReplayOffer
    from tickreel_desktop.replay.setup_parts import SetupParts

_WIDTH_PX = 960


class ReplaySetupDialog(QDialog):
    """Ask what to play. Use ``open()``; :attr:`chosen` has the answer.

    What is held of a symbol that is added, and what is known of health, comes from whoever opened it,
    by :meth:`add_symbol` and :meth:`add_bands`.
    """

    chosen = Signal(object, object)
    """A :class:`ReplayPlan` and the :data:`PanelChoice`; sent before the dialog closes."""
    symbol_wanted = Signal(str, str)
    """This exchange and symbol is to be played as well: :meth:`add_symbol`."""
    fetch_wanted = Signal(list)
    """These days (:class:`DayRange`) are missing and shall be fetched."""
    places_wanted = Signal(object)
    """Of these days (:data:`Places`) it shall be found out whether they lie in the shared cache."""
    save_wanted = Signal(str, object, object)
    """Under this name the plan and the panels are to be kept."""

    def __init__(
        self,
        theme: Theme,
        parts: SetupParts,
        offer: ReplayOffer,
        known: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Fill the form in; *known* are all exchanges and symbols that can be added."""
        super().__init__(parent)
        self._theme = theme
        self._known = known
        self._symbols: list[HeldSymbol] = []
        self._bands: dict[tuple[str, str], list[Band]] = {}
        self._shared: Places = frozenset()
        self.asked_places: Places = frozenset()
        """Days that are not here; what was asked of them so far, also before anybody could hear it."""
        self._begun: ReplayPlan | None = None
        """The plan that it was filled in with; loop and bookmarks are taken from it."""
        self.setWindowTitle("Set up a replay")
        self.setAccessibleName("Set up a replay")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.saved, self.table, self.range, self.play = parts.saved, parts.table, parts.range, parts.play
        self.panels = parts.panels
        self.table.added.connect(self.symbol_wanted)
        self.table.removed.connect(self.remove_symbol)
        self.range.changed.connect(self._renew)
        self.missing = MissingBar(theme)
        self.missing.changed.connect(self._renew)
        self.missing.fetch_wanted.connect(self.fetch_wanted)
        self.missing.range_wanted.connect(self._on_range_wanted)
        self.command_line = CommandLine(theme)
        self._reason_icon = IconLabel(theme, "warning", "warning", 14)
        self._reason = label("", Role.CAPTION)
        self._reason.setProperty("tone", "warning")
        self.save_button = button(theme, "Save set-up...", ButtonKind.FLAT, icon="floppy-disk")
        self.save_button.clicked.connect(self._on_save)
        self.open_button = button(theme, "Open replay", ButtonKind.PRIMARY)
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._on_open)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.activated.connect(self.saved.undo_wanted)
        self._lay_out()
        self.take(offer)
        self.play.changed.connect(self._renew)
        self.open_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        px = self._theme.px
        margin = px(16)
        head = QFrame()
        set_role(head, Role.DIALOG_HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(margin, px(6), margin, px(6))
        row.addWidget(label("Data", Role.SECTION))
        row.addStretch(1)
        row.addWidget(self.saved)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        for column, share in ((self._data_column(), 3), (self._play_column(), 2)):
            column.setContentsMargins(margin, px(12), margin, px(12))
            column.setSpacing(px(8))
            body.addLayout(column, share)
            if share == 3:
                body.addWidget(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(body, 1)
        column.addWidget(self._foot())
        self.setMinimumWidth(px(_WIDTH_PX))

    def _data_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(self.table)
        column.addSpacing(self._theme.px(6))
        column.addWidget(self.range)
        column.addWidget(self.missing)
        column.addStretch(1)
        return column

    def _play_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(self.play)
        column.addSpacing(self._theme.px(4))
        column.addWidget(self.panels)
        column.addStretch(1)
        column.addWidget(label("As a command", Role.LABEL))
        column.addWidget(self.command_line)
        return column

    def _foot(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addWidget(self.save_button)
        row.addStretch(1)
        row.addWidget(self._reason_icon)
        row.addWidget(self._reason)
        cancel = button(self._theme, "Cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        row.addWidget(self.open_button)
        return foot

    def take(self, offer: ReplayOffer) -> None:
        """Fill the form in anew."""
        self._begun = plan = offer.plan
        self._symbols = list(offer.symbols)
        self._bands = {each.pair: self._bands.get(each.pair, []) for each in offer.symbols}
        start_us, end_us = common_us(offer.symbols) if plan is None else (plan.start_us, plan.end_us)
        self.range.set_range(start_us, end_us)
        self.play.take(plan or ReplayPlan(_pairs(offer.symbols), start_us, end_us, speed=offer.speed))
        if offer.panels is not None:
            self.panels.take(offer.panels)
        self.missing.leave_out.setChecked(plan is not None and plan.allow_missing)
        self._show_symbols()

    def add_symbol(self, held: HeldSymbol) -> None:
        """Play one more symbol."""
        if held.pair not in self._bands:
            self._symbols.append(held)
            self._bands[held.pair] = []
            self._show_symbols()

    def remove_symbol(self, exchange: str, symbol: str) -> None:
        """Play one symbol less; the last one stays."""
        if len(self._symbols) > 1 and (exchange, symbol) in self._bands:
            self._symbols = [each for each in self._symbols if each.pair != (exchange, symbol)]
            del self._bands[exchange, symbol]
            self._show_symbols()
            self.table.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_bands(self, exchange: str, symbol: str, bands: Sequence[Band]) -> None:
        """Show more of what is known of the health of a symbol."""
        if bands and (exchange, symbol) in self._bands:
            self._bands[exchange, symbol] = sorted({*self._bands[exchange, symbol], *bands})
            self._show_ranges()
            self._say_extent()

    def symbols(self) -> tuple[tuple[str, str], ...]:
        """Name what is to be played."""
        return _pairs(self._symbols)

    def plan(self) -> ReplayPlan:
        """Give what is filled in; the range is the last one that could be read."""
        start_us, end_us = self.range.last_range_us
        begun, play = self._begun, self.play
        loop = None if begun is None else begun.loop
        if loop is not None and not (start_us <= loop.from_us and loop.to_us <= end_us):
            loop = None
        marks = () if begun is None else begun.bookmarks
        return ReplayPlan(
            self.symbols(),
            start_us,
            end_us,
            types=play.chosen_types(),
            speed=play.speed.speed,
            order=play.chosen_order(),
            allow_missing=self.missing.allows,
            health=play.chosen_health(),
            loop=loop,
            skip_quiet_us=play.chosen_quiet_us(),
            latency_us=play.latency.latency_us,
            bookmarks=tuple(mark for mark in marks if start_us - 1 <= mark.at_us <= end_us),
        )

    def reason(self) -> str:
        """Say why it cannot be opened as it is; empty when it can."""
        return self._reason.text()

    def command(self) -> str:
        """Give the command line that is shown."""
        return self.command_line.command()

    def show_saved(self, names: Sequence[str], current: str, undo: str = "") -> None:
        """Offer the saved set-ups; *undo* names what of them can be undone, if anything."""
        self.saved.show_names(names, current, undo)

    def say_problem(self, error: TickreelError) -> None:
        """Say what went wrong, in place of why it cannot be opened."""
        self._tell(capital(str(error)))

    def _on_save(self) -> None:
        plan, panels = self.plan(), self.panels.choice()
        ask_name(
            self,
            "Save the set-up",
            self.saved.current,
            lambda text: self.save_wanted.emit(text, plan, panels),
        )

    def _on_range_wanted(self, start_us: int, end_us: int) -> None:
        self.range.set_range(start_us, end_us)
        self._renew()

    def _on_open(self) -> None:
        if self.open_button.isEnabled():
            self.chosen.emit(self.plan(), self.panels.choice())
            self.accept()

    def _show_symbols(self) -> None:
        self.table.search.offer(self._known, self.symbols())
        self._show_ranges()
        self._renew()

    def _show_ranges(self) -> None:
        self.range.show_symbols(self._symbols, [self._bands[each.pair] for each in self._symbols])

    def _renew(self) -> None:
        """Say what the form amounts to now."""
        range_us, types = self.range.range_us, self.play.chosen_types()
        lacked = [[] if range_us is None else each.missing(*range_us, types) for each in self._symbols]
        by_symbol = [parted(found, self._shared)[0] for found in lacked]
        coming = [each for found in lacked for each in parted(found, self._shared)[1]]
        self._ask_for_places([each for found in by_symbol for each in found])
        lacking = [each.lacking(types) for each in self._symbols]
        self.table.show_symbols(
            self._symbols,
            [
                state_of(each, found, lack, types)
                for each, found, lack in zip(self._symbols, by_symbol, lacking, strict=True)
            ],
        )
        self.missing.show_missing([each for found in by_symbol for each in found], range_us, coming)
        self._tell(self._why_not(lacking))
        self.open_button.setEnabled(not self.reason())
        self.open_button.setAccessibleDescription(self.reason())
        self.save_button.setEnabled(range_us is not None)
        self._say_extent()
        self.command_line.set_command(spell_plan(self.plan()))
        self._fit()

    def _ask_for_places(self, missing: Sequence[MissingRows]) -> None:
        """Have it found out once of each day that is not here whether it lies in the shared cache."""
        places = {(key, each.day) for each in missing for key in each.keys} - self.asked_places
        if places:
            self.asked_places |= places
            self.places_wanted.emit(frozenset(places))

    def add_shared(self, places: Places) -> None:
        """Take note of days that lie in the shared cache: a replay takes them from there."""
        if places - self._shared:
            self._shared |= places
            self._renew()

    def _fit(self) -> None:
        """Grow where more is to be said than there is room for."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            needed = layout.totalMinimumHeightForWidth(self.width())
            if needed > self.height():
                self.resize(self.width(), needed)

    def _why_not(self, lacking: Sequence[str]) -> str:
        if self.range.range_us is None:
            return "The range cannot be read"
        if problem := next(filter(None, lacking), ""):
            return problem
        return self.missing.reason()

    def _tell(self, reason: str) -> None:
        self._reason.setText(reason)
        self._reason_icon.setVisible(bool(reason))

    def _say_extent(self) -> None:
        bands = [band for found in self._bands.values() for band in found]
        said = extent_text(self._symbols, bands, self.range.last_range_us, self.play.chosen_types())
        self.range.say_extent(said)


def _pairs(symbols: Sequence[HeldSymbol]) -> tuple[tuple[str, str], ...]:
    return tuple(each.pair for each in symbols)
