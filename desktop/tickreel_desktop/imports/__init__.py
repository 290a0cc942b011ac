"""Files on their way into the cache: one item a file, and the questions that only the user can answer."""

from tickreel_desktop.imports.controller import IMPORT_KIND, ImportController
from tickreel_desktop.imports.dropping import DropTarget
from tickreel_desktop.imports.item import ImportItem, ImportSummary, ItemState
from tickreel_desktop.imports.previewing import ImportPreviewer
from tickreel_desktop.imports.relay import JobRelay

__all__ = [
    "IMPORT_KIND",
    "DropTarget",
    "ImportController",
    "ImportItem",
    "ImportPreviewer",
    "ImportSummary",
    "ItemState",
    "JobRelay",
]
