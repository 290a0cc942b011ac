"""What the frame knows of a workspace: its name, its widget, and the panels that stand around it at first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtCore import QByteArray
    from PySide6.QtWidgets import QWidget

    from tickreel_resources import IconName


class KeptPart(Protocol):
    """A splitter or a table: what can take down how it stands, under the name of its object."""

    def objectName(self) -> str:
        """Name it in layouts."""

    def saveState(self) -> QByteArray:
        """Take down how it stands."""

    def restoreState(self, state: QByteArray, /) -> bool:
        """Put it as it stood."""


class FocusPart(Protocol):
    """A part of the window that F6 leads to, as the docks are."""

    def isVisible(self) -> bool:
        """Whether it is seen."""

    def isAncestorOf(self, child: QWidget, /) -> bool:
        """Whether a widget is in it."""

    def take_focus(self) -> bool:
        """Take the keyboard; False where nothing in it can."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One page of the window; its action is ``workspace.KEY``, where the table has one."""

    key: str
    title: Callable[[], str]
    """Give what the title of the window says while it is in front."""
    widget: QWidget
    take_focus: Callable[[], None]
    """Give the keyboard to what is used most."""
    icon: IconName | None = None
    """Of the rail; a page without one is not on it."""
    panels: Mapping[str, int] = field(default_factory=dict)
    """The panels that are open at first, by key, and how wide or high, in pixels at scale 1."""
    kept: tuple[KeptPart, ...] = ()
    """Those of its parts that belong to its layouts, what shows others before them.

    They are named, since to look for them among thousands of widgets takes longer than a handler may.
    """
    parts: tuple[FocusPart, ...] = ()
    """Those of its parts that F6 leads to after itself."""
