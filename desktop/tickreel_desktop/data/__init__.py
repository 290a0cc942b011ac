"""The Data workspace: what is held on this machine, and files on their way into it."""

from tickreel_desktop.data.import_item import ImportSummary
from tickreel_desktop.data.importing import ImportController
from tickreel_desktop.data.model import DatasetRole, DatasetTableModel
from tickreel_desktop.data.relay import JobRelay
from tickreel_desktop.data.rows import DatasetRow, dataset_rows
from tickreel_desktop.data.view import DataWorkspace

__all__ = [
    "DataWorkspace",
    "DatasetRole",
    "DatasetRow",
    "DatasetTableModel",
    "ImportController",
    "ImportSummary",
    "JobRelay",
    "dataset_rows",
]
