"""The Data workspace: what is held on this machine."""

from tickreel_desktop.data.dataset_model import DatasetTableModel
from tickreel_desktop.data.holdings_reader import HoldingsReader
from tickreel_desktop.data.listing import Holdings
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.data.residence import Residence
from tickreel_desktop.data.rows import DatasetRow, dataset_rows, row_elsewhere
from tickreel_desktop.data.view import DataWorkspace

__all__ = [
    "DataWorkspace",
    "DatasetRole",
    "DatasetRow",
    "DatasetTableModel",
    "Holdings",
    "HoldingsReader",
    "Residence",
    "dataset_rows",
    "row_elsewhere",
]
