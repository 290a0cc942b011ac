"""What the frame knows of a workspace: its name, its widget, and the panels that stand around it at first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from tickreel_resources import IconName


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
