"""The detail of what is selected in the Data workspace."""

from tickreel_desktop.data.detail.detail import DatasetDetail
from tickreel_desktop.data.detail.reader import DetailReader

__all__ = ["DatasetDetail", "DetailReader"]
