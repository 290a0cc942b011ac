"""What an analysis is about: an instrument, a window of its market, and the figures that are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.analysis import FIGURES, Group

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GROUP_NAMES: dict[Group, str] = {
    Group.SPREAD: "Spread",
    Group.BOOK: "Book, top 5",
    Group.FLOW: "Order flow",
    Group.TRADES: "Trades",
    Group.MOVEMENT: "Movement",
    Group.WALLS: "Walls and sweeps",
    Group.HEALTH: "Health",
}
"""What can be chosen; the window's own figures always go along."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A window [from_us, to_us) of the market of one instrument."""

    exchange: str
    symbol: str
    from_us: int
    to_us: int
    why_here: str = ""
    """Why it is these: ``in view``, ``last 5 min``; for people."""
    windows: tuple[tuple[int, int], ...] = ()
    """Its parts that are looked at one by one, in one call; none where it is looked at as one."""

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The windows that are measured."""
        return self.windows or ((self.from_us, self.to_us),)

    @property
    def name(self) -> str:
        """Name the instrument."""
        return f"{self.exchange} {self.symbol}"


@dataclass(frozen=True, slots=True)
class WindowChoice:
    """A way in which the window may be chosen."""

    key: str
    text: str


class Scope(QObject):
    """Hold what is in view of the analyst: each of it can be taken away, and put back."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._subject: Subject | None = None
        self._choices: tuple[WindowChoice, ...] = ()
        self._has_dataset = self._has_window = True
        self._possible = frozenset(GROUP_NAMES)
        self._left_out: set[Group] = set()

    @property
    def subject(self) -> Subject | None:
        """What would be analysed; None where nothing is open."""
        return self._subject

    @property
    def choices(self) -> tuple[WindowChoice, ...]:
        """The ways in which its window may be chosen."""
        return self._choices

    @property
    def has_dataset(self) -> bool:
        """Whether the instrument is in view."""
        return self._has_dataset

    @property
    def has_window(self) -> bool:
        """Whether the window is in view."""
        return self._has_window

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of figures that are told, in their order."""
        return tuple(each for each in GROUP_NAMES if each in self._possible and each not in self._left_out)

    @property
    def missing_groups(self) -> tuple[Group, ...]:
        """Those that could be told and are not."""
        return tuple(each for each in GROUP_NAMES if each in self._possible and each in self._left_out)

    @property
    def most_figures(self) -> int:
        """The most figures that are told."""
        told = {Group.WINDOW, *self.groups}
        return sum(each.group in told for each in FIGURES)

    @property
    def wanted(self) -> Subject | None:
        """What would be sent: None where nothing is in view."""
        return self._subject if self._has_dataset and self._has_window and self.groups else None

    def show_subject(self, subject: Subject | None, choices: Sequence[WindowChoice] = ()) -> None:
        """Have something else in view; what was taken away of the figures stays away."""
        before = self._subject
        if subject is None or before is None or subject.name != before.name:
            self._has_dataset = self._has_window = True
        if (subject, tuple(choices)) != (before, self._choices):
            self._subject, self._choices = subject, tuple(choices)
            self.changed.emit()

    def set_possible(self, groups: Collection[Group]) -> None:
        """Say which groups there can be figures of: without trades there are none of trades."""
        if frozenset(groups) != self._possible:
            self._possible = frozenset(groups)
            self.changed.emit()

    def take_dataset(self, *, is_in: bool) -> None:
        """Take the instrument away, or put it back."""
        if is_in != self._has_dataset:
            self._has_dataset = is_in
            self.changed.emit()

    def take_window(self, *, is_in: bool) -> None:
        """Take the window away, or put it back."""
        if is_in != self._has_window:
            self._has_window = is_in
            self.changed.emit()

    def take_group(self, group: Group, *, is_in: bool) -> None:
        """Take a group of figures away, or put it back."""
        if is_in == (group in self._left_out):
            (self._left_out.discard if is_in else self._left_out.add)(group)
            self.changed.emit()
