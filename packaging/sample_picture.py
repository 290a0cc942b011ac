"""Draws the order book of the sample in its first minutes, for the welcome page.

The picture holds figures, not colours: red is resting size (0 to 255, on the ramp's own scale), green
marks the best bid and blue the best ask, so that each theme colours it by its ramp.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from tickreel.progress import UNWATCHED
from tickreel.sample import SAMPLE_EXCHANGE, SAMPLE_START_US, SAMPLE_SYMBOLS, store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS, ROWS = 720, 150
_FROM_S, _TO_S = 60, 360
_MARGIN = 0.16
"""Share of the range of mids that is shown above and below it."""
_CLIP = 99.5
"""Percentile of the visible cells that is drawn at full strength."""


def main(target: Path) -> None:
    """Write the picture to *target*."""
    with tempfile.TemporaryDirectory() as folder, open_cache(folder) as cache:
        store_sample(cache, UNWATCHED)
        step_us = (_TO_S - _FROM_S) * 1_000_000 // COLUMNS
        start_us = SAMPLE_START_US + _FROM_S * 1_000_000
        books = [
            cache.book(SAMPLE_EXCHANGE, SAMPLE_SYMBOLS[0], start_us + column * step_us)
            for column in range(COLUMNS)
        ]
        touches = np.array([[book.bids[0, 0], book.asks[0, 0]] for book in books])
        low, high = touches.min(), touches.max()
        low, high = low - _MARGIN * (high - low), high + _MARGIN * (high - low)

        def rows_of(prices: NDArray[np.float64]) -> NDArray[np.int64]:
            rows: NDArray[np.int64] = np.floor((high - prices) / (high - low) * ROWS).astype(np.int64)
            return rows

        sizes = np.zeros((ROWS, COLUMNS))
        for column, book in enumerate(books):
            for side in (book.bids, book.asks):
                rows = rows_of(side[:, 0])
                seen = (rows >= 0) & (rows < ROWS)
                np.maximum.at(sizes[:, column], rows[seen], side[seen, 1])
    clip = np.percentile(sizes[sizes > 0], _CLIP)
    strength = np.log1p(1.1 * np.minimum(sizes, clip)) / np.log1p(1.1 * clip)
    picture = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    picture[..., 0] = np.round(255 * strength)
    for colour, prices in ((1, touches[:, 0]), (2, touches[:, 1])):
        rows = rows_of(prices)
        for column, (before, now) in enumerate(zip((rows[0], *rows), rows, strict=False)):
            picture[min(before, now) : max(before, now) + 1, column, colour] = 255
    image = QImage(picture.tobytes(), COLUMNS, ROWS, 3 * COLUMNS, QImage.Format.Format_RGB888)
    if not image.save(str(target)):
        sys.exit(f"{target} cannot be written")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "resources" / "tickreel_resources" / "sample-book.png")
