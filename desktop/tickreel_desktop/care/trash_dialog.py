"""The trash: every version of a day that was taken away, to be put back or removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget

from tickreel.market.time import US_PER_DAY, format_us
from tickreel.market.units import format_age, format_bytes, format_full
from tickreel_desktop.care.commands import trash_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.survey import counted, place_of
from tickreel_desktop.care.table import Column, make_table, selected_rows
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, EmptyState, button, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Day
    from tickreel.store.care.trash import TrashEntry
    from tickreel_desktop.theme import Theme

_SIZE_PX = (1160, 620)
_FILTER_PX = 264


class TrashDialog(CareDialog):
    """List the trash. Use ``open()``; :meth:`show_entries` brings what lies in it."""

    restore_requested = Signal(object, bool)
    """Versions (a list of ``TrashEntry``) to put back, and whether they replace what is held."""
    purge_requested = Signal(object)
    """Versions to remove for good; whoever hears of it asks once more."""

    def __init__(self, theme: Theme, now_us: int, trash_days: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Trash", parent)
        self._entries: tuple[TrashEntry, ...] = ()
        self._haystacks: tuple[str, ...] = ()
        self._crossed: list[TrashEntry] = []
        self._is_read_only = ""
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by dataset, day, reason")
        self.filter.setAccessibleName("Filter the trash")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(theme.px(_FILTER_PX))
        self.filter.textChanged.connect(lambda _text: self._renew())
        self.banner = Banner(theme, BannerKind.WARNING, "")
        self.replace_button = button(theme, "Replace what is here")
        self.replace_button.clicked.connect(lambda: self.restore_requested.emit(self._crossed, True))
        if (row := self.banner.layout()) is not None:
            row.addWidget(self.replace_button)
        self.banner.hide()
        self.table, self.model = make_table(theme, "Trash", _columns(now_us, trash_days), many=True)
        self._empty = EmptyState(theme, "trash", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._empty)
        self.close_button = self.add_cancel("Close")
        self.purge_button = self.add_button("Purge...", ButtonKind.DANGER)
        self.purge_button.clicked.connect(lambda: self.purge_requested.emit(self.selected()))
        self.restore_button = self.add_button("Restore", ButtonKind.PRIMARY)
        self.restore_button.clicked.connect(lambda: self.restore_requested.emit(self.selected(), False))
        self.table.row_opened.connect(lambda _row: self._restore_opened())
        head = QHBoxLayout()
        self._sums = label("", Role.SECONDARY)
        head.addWidget(self.filter)
        head.addSpacing(theme.px(8))
        head.addWidget(self._sums, 1)
        self.body.addWidget(label("Trash", Role.TITLE))
        self.body.addLayout(head)
        self.body.addWidget(self.banner)
        self.body.addWidget(self._pages, 1)
        self.body.addSpacing(theme.px(4))
        self._command = HeadedCommand(theme)
        self.body.addWidget(self._command)
        self.table.selectionModel().selectionChanged.connect(lambda: self._renew_selection())
        self.model.modelReset.connect(lambda: self._renew_selection())
        self.fit(*_SIZE_PX)
        self._renew()

    def set_read_only(self, reason: str) -> None:
        """Say why nothing can be done here; empty where something can."""
        self._is_read_only = reason
        self._renew_selection()

    def selected(self) -> list[TrashEntry]:
        """Give the selected versions, from the top."""
        return selected_rows(self.table, self.model)

    def sums(self) -> str:
        """Give the words of the sums."""
        return self._sums.text()

    def command(self) -> str:
        """Give the command line that restores what is selected."""
        return self._command.command()

    def show_entries(self, entries: Sequence[TrashEntry]) -> None:
        """Show what lies in the trash now, the newest first; the filter stays."""
        shown = tuple(sorted(entries, key=lambda one: -one.id))
        if shown == self._entries:
            return  # what is selected, and what was said, stays
        self._entries = shown
        self._haystacks = tuple(map(_haystack, shown))
        self.banner.hide()
        self._renew()

    def show_crossed(self, asked: Sequence[TrashEntry], crossed: Sequence[tuple[TrashEntry, Day]]) -> None:
        """Say that versions overlap what is held, name both, and offer to swap them."""
        self._crossed = list(asked)
        entry, day = crossed[0]
        held = f"{format_full(day.rows)} rows stored {_stored(day)}"
        text = (
            f"{entry.key} {entry.day}: version {entry.id} ({format_full(entry.rows)} rows) overlaps what is "
            f"held ({held}). What is here would go to the trash."
        )
        more = len(crossed) - 1
        if more:
            text += f" The same holds for {counted(more, 'more version')}."
        self.replace_button.show()
        self._show_banner(text)

    def show_problem(self, text: str) -> None:
        """Say why something was not done."""
        self.replace_button.hide()
        self._show_banner(text)

    def _show_banner(self, text: str) -> None:
        self.banner.set_text(text)
        self.banner.show()

    def _restore_opened(self) -> None:
        if self.restore_button.isEnabled():
            self.restore_button.click()

    def _renew(self) -> None:
        words = self.filter.text().casefold().split()
        texts = zip(self._entries, self._haystacks, strict=True)
        shown = [one for one, text in texts if all(word in text for word in words)]
        self.model.show_rows(shown)
        if not self._entries:
            self._empty.set_text(
                "The trash is empty", "Days that are deleted or replaced lie here until they are purged."
            )
        else:
            self._empty.set_text(
                "No version matches the filter", f"{counted(len(self._entries), 'version')} hidden by it."
            )
        self._pages.setCurrentWidget(self.table if shown else self._empty)
        of_all = f" of {format_full(len(self._entries))}" if len(shown) != len(self._entries) else ""
        size = format_bytes(sum(one.bytes for one in shown))
        self._sums.setText(f"{format_full(len(shown))}{of_all} {_versions(len(shown))}, {size}")
        self.filter.setEnabled(bool(self._entries))

    def _renew_selection(self) -> None:
        chosen = self.selected()
        command = trash_command("restore", (one.id for one in chosen))
        self._command.set_command(command, "" if chosen else "Select versions first")
        can_act = bool(chosen) and not self._is_read_only
        self.restore_button.setEnabled(can_act)
        self.purge_button.setEnabled(can_act)
        self.restore_button.setText(f"Restore {len(chosen)}" if len(chosen) > 1 else "Restore")
        self.purge_button.setText(f"Purge {len(chosen)}..." if len(chosen) > 1 else "Purge...")
        if self._is_read_only:
            self.say(self._is_read_only, is_warning=True)
        elif chosen:
            size = format_bytes(sum(one.bytes for one in chosen))
            own = sum(not one.is_refetchable for one in chosen)
            note = f", {format_full(own)} cannot be fetched again" if own else ""
            self.say(f"{format_full(len(chosen))} selected, {size}{note}")
        else:
            self.say("Select versions to restore or to purge" if self._entries else "")


def _versions(count: int) -> str:
    return "version" if count == 1 else "versions"


def _stored(day: Day) -> str:
    return "at an unknown time" if day.imported_us is None else f"{format_us(day.imported_us)[:19]}Z"


def _haystack(entry: TrashEntry) -> str:
    again = "fetched" if entry.is_refetchable else "imported"
    return f"{entry.key} {entry.day} {entry.reason} {again} {' '.join(entry.holders)}".casefold()


def _columns(now_us: int, trash_days: int) -> tuple[Column[TrashEntry], ...]:
    def stays(entry: TrashEntry) -> str:
        if entry.holders:
            return f"needed by {', '.join(entry.holders)}"
        if not entry.is_refetchable:
            return "until purged by hand"
        left = -(-(entry.trashed_us + trash_days * US_PER_DAY - now_us) // US_PER_DAY)
        return f"{counted(left, 'day')} more" if left > 0 else "purged next"

    return (
        Column("Dataset", 294, lambda one: str(one.key), lambda one: (place_of(one.key, one.day), one.id)),
        Column("Day", 96, lambda one: one.day.isoformat(), lambda one: one.day),
        Column("Version", 66, lambda one: str(one.id), lambda one: one.id, is_right=True, is_secondary=True),
        Column("Rows", 92, lambda one: format_full(one.rows), lambda one: one.rows, is_right=True),
        Column("Size", 84, lambda one: format_bytes(one.bytes), lambda one: one.bytes, is_right=True),
        Column(
            "Trashed",
            88,
            lambda one: format_age(one.trashed_us, now_us),
            lambda one: one.trashed_us,
            is_secondary=True,
        ),
        Column("Why", 128, lambda one: one.reason, lambda one: one.reason, is_secondary=True),
        Column(
            "Fetch again",
            104,
            lambda one: "possible" if one.is_refetchable else "not possible",
            lambda one: one.is_refetchable,
        ),
        Column("Stays", 130, stays, lambda one: (one.is_refetchable, one.trashed_us), is_secondary=True),
    )
