"""What a verification found, file by file, with the cure of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from tickreel.market.units import format_full
from tickreel.store.model import DayRange
from tickreel_desktop.care.commands import fetch_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.survey import counted, days_words, place_of
from tickreel_desktop.care.table import Column, make_table, selected_rows
from tickreel_desktop.components import ButtonKind, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store.care.verification import Finding
    from tickreel_desktop.theme import Theme

_SIZE_PX = (1140, 480)


@dataclass(frozen=True, slots=True)
class Cure:
    """A finding and what helps."""

    finding: Finding
    is_refetchable: bool

    @property
    def what(self) -> str:
        """Say what was found."""
        return self.finding.problem or self.finding.note or ""

    @property
    def words(self) -> str:
        """Say what helps."""
        if self.finding.problem is None:
            return "nothing to do"
        if self.finding.state is None:
            return "purge it from the trash"
        return "fetch again" if self.is_refetchable else "import again"

    @property
    def range(self) -> DayRange:
        """The day, as a range."""
        return DayRange(self.finding.key, self.finding.day, self.finding.day)


_COLUMNS = (
    Column[Cure](
        "Dataset",
        296,
        lambda one: str(one.finding.key),
        lambda one: place_of(one.finding.key, one.finding.day),
    ),
    Column[Cure]("Day", 96, lambda one: one.finding.day.isoformat(), lambda one: one.finding.day),
    Column[Cure](
        "Where",
        88,
        lambda one: "in the trash" if one.finding.state is None else one.finding.state.value,
        lambda one: one.finding.state or "",
    ),
    Column[Cure]("Cure", 164, lambda one: one.words, lambda one: one.words),
    Column[Cure]("What was found", 380, lambda one: one.what, lambda one: one.what, is_secondary=True),
)


class FindingsDialog(CareDialog):
    """List what is not as it should be. Use ``open()``."""

    import_requested = Signal()
    """The user wants to import files again."""
    fetch_requested = Signal(object)
    """The user wants to fetch days again: a list of ``DayRange``."""
    trash_requested = Signal()

    def __init__(
        self, theme: Theme, cures: Sequence[Cure], looked_at: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "What the verification found", parent)
        damaged = [cure for cure in cures if cure.finding.problem is not None]
        fetch = list(dict.fromkeys(cure.range for cure in damaged if cure.words == "fetch again"))
        heading = f"{counted(len(damaged), 'file')} of {format_full(looked_at)} damaged"
        if not damaged:
            heading = f"All of {counted(looked_at, 'file')} sound, {len(cures)} put right"
        self.body.addWidget(label(heading, Role.TITLE))
        if damaged:
            self.body.addWidget(
                label(
                    "A damaged day is not served any more. Importing or fetching it again cures it.",
                    Role.SECONDARY,
                    wrap=True,
                )
            )
        self.table, self.model = make_table(theme, "Findings", _COLUMNS, many=True)
        self.model.show_rows(cures)
        self.table.selectionModel().selectionChanged.connect(lambda: self._renew())
        self.body.addWidget(self.table, 1)
        self.add_cancel("Close")
        in_trash = any(cure.finding.state is None for cure in damaged)
        self.trash_button = self.add_button("Open the trash")
        self.trash_button.setVisible(in_trash)
        self.trash_button.clicked.connect(lambda: self.trash_requested.emit())
        self.import_button = self.add_button("Import files...")
        self.import_button.setVisible(any(cure.words == "import again" for cure in cures))
        self.import_button.clicked.connect(lambda: self.import_requested.emit())
        self.fetch_button = self.add_button(f"Fetch {days_words(len(fetch))} again", ButtonKind.PRIMARY)
        self.fetch_button.setVisible(bool(fetch))
        self.fetch_button.clicked.connect(lambda: self.fetch_requested.emit(fetch))
        if fetch:
            command = HeadedCommand(theme)
            command.set_command(fetch_command(fetch))
            self.body.addSpacing(theme.px(4))
            self.body.addWidget(command)
        self.fit(*_SIZE_PX)
        self._renew()

    def _renew(self) -> None:
        chosen = selected_rows(self.table, self.model)
        self.say(chosen[0].what if len(chosen) == 1 else "")
