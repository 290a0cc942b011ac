"""The L2 order book: rows in, exact levels out."""

from tickreel.book.book import Book, Depth, Levels
from tickreel.book.builder import BookBuilder, Counts
from tickreel.book.heatmap import Columns, Heatmap
from tickreel.book.pricegrid import CellMeasure, PriceGrid
from tickreel.book.rows import L2Rows
from tickreel.book.series import Tops, Touch

__all__ = [
    "Book",
    "BookBuilder",
    "CellMeasure",
    "Columns",
    "Counts",
    "Depth",
    "Heatmap",
    "L2Rows",
    "Levels",
    "PriceGrid",
    "Tops",
    "Touch",
]
