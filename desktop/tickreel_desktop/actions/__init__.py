"""The one table of what can be done; menus, palette, keys and the shortcut sheet are made from it."""

from tickreel_desktop.actions.actions import Actions, Doing
from tickreel_desktop.actions.shortcuts import Shortcuts
from tickreel_desktop.actions.spec import MENUS, ActionSpec, Place
from tickreel_desktop.actions.table import ACTIONS

__all__ = ["ACTIONS", "MENUS", "ActionSpec", "Actions", "Doing", "Place", "Shortcuts"]
