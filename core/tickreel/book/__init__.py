"""The L2 order book: rows in, exact levels out."""

from tickreel.book.book import Book, Depth, Levels
from tickreel.book.builder import BookBuilder, Counts
from tickreel.book.rows import L2Rows
from tickreel.book.series import Tops, Touch

__all__ = ["Book", "BookBuilder", "Counts", "Depth", "L2Rows", "Levels", "Tops", "Touch"]
