"""A row of captions with a figure below each, as at the head of the detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tickreel.market.units import ABSENT, format_bytes, format_count, format_full
from tickreel_desktop.components import label
from tickreel_desktop.data.day_columns import joined
from tickreel_desktop.theme import Role, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.data.rows import DatasetRow

_CAPTIONS = ("Days", "Rows", "On disk", "As csv.gz", "Keyframes")
_TIPS = {
    "Days": "days held, of the days from the first to the last",
    "On disk": "the rows alone, without keyframes",
    "As csv.gz": "size of the files the rows came from, as far as it is known",
    "Keyframes": "whole books kept beside the rows, so that a moment is found at once",
}


class Figures(QWidget):
    """Show the sums of datasets."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(1))
        self._values: dict[str, QLabel] = {}
        for place, caption in enumerate(_CAPTIONS):
            value = label(ABSENT, Role.SECTION)
            for row, each in enumerate((label(caption, Role.CAPTION), value)):
                each.setToolTip(_TIPS.get(caption, ""))
                grid.addWidget(each, row, place)
            self._values[caption] = value
        grid.setColumnStretch(len(_CAPTIONS), 1)

    def show_rows(self, rows: Sequence[DatasetRow]) -> None:
        """Sum up some datasets."""
        held = sum(row.held_days for row in rows)
        expected = sum(row.span_days for row in rows)
        texts = {
            "Days": f"{format_full(held)} of {format_full(expected)}",
            "Rows": format_count(sum(row.dataset.rows for row in rows)),
            "On disk": format_bytes(sum(row.dataset.bytes for row in rows)),
            "As csv.gz": _source_size(rows),
            "Keyframes": format_bytes(sum(row.dataset.keyframe_bytes for row in rows)),
        }
        for caption, text in texts.items():
            value = self._values[caption]
            value.setText(text)
            value.setAccessibleName(f"{caption}: {text}")

    def text(self, caption: str) -> str:
        """Give what stands below a caption."""
        return self._values[caption].text()


def _source_size(rows: Sequence[DatasetRow]) -> str:
    """Sum up the sizes of the sources that are known; with some unknown it is at least so much."""
    columns = [row.columns for row in rows]
    sizes = joined(columns, "source_bytes")[joined(columns, "has_parts")]
    known = sizes[~np.isnan(sizes)]
    if not len(known):
        return ABSENT
    return f"{'' if len(known) == len(sizes) else '≥ '}{format_bytes(int(known.sum()))}"
