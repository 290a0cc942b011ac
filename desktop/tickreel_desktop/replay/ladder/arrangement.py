"""Which row of prices stands in which place of the ladder, and where the spread stands between them."""

from __future__ import annotations


class Arrangement:
    """Places from the top, one of them for the spread; the rows above it lie above the middle row.

    While it is locked, every row keeps its place, but for the one that the spread passes. Otherwise
    the spread is kept near the middle: rows stand still until it has left an eighth of the places.
    """

    def __init__(self) -> None:
        self.places = 1
        self.is_locked = False
        self._middle: int | None = None
        self._base = 0
        """The place of the spread and its row, added; row 0 would stand just above or below that place."""

    @property
    def middle(self) -> int | None:
        """The last row below the spread; None until there is one."""
        return self._middle

    @property
    def spread_place(self) -> int:
        """Where the spread stands; it may lie outside the places."""
        return self._base - (self._middle or 0)

    @property
    def low(self) -> int:
        """The lowest row in view, or one below it."""
        return self._base - self.places

    @property
    def count(self) -> int:
        """How many rows from :attr:`low` on cover all places."""
        return self.places + 2

    def set_places(self, places: int) -> None:
        """Make room for so many rows, the spread among them; what is in the middle stays there."""
        self._base += places // 2 - self.places // 2
        self.places = places

    def forget(self) -> None:
        """Know no row any more, and follow the next middle."""
        self._middle = None
        self.is_locked = False

    def set_middle(self, middle: int) -> None:
        """Let the spread stand above another row."""
        is_first = self._middle is None
        self._middle = middle
        away = abs(self.spread_place - self.places // 2)
        if is_first or (not self.is_locked and away > max(1, self.places // 8)):
            self.centre()

    def centre(self) -> None:
        """Put the spread into the middle, and keep it there from now on."""
        self.is_locked = False
        self._base = (self._middle or 0) + self.places // 2

    def lock(self) -> None:
        """Let every row keep its place."""
        self.is_locked = True

    def scroll(self, rows: int) -> None:
        """Show rows that lie higher, or lower below 0; only locked rows can be scrolled."""
        if self.is_locked:
            self._base += rows

    def row_at(self, place: int) -> int | None:
        """Give the row in a place; None for that of the spread."""
        spread = self.spread_place
        if place == spread:
            return None
        return self._base - place + (1 if place > spread else 0)

    def place_of(self, row: int) -> int:
        """Give the place of a row; it may lie outside of those there are."""
        return self._base - row + (1 if row <= (self._middle or 0) else 0)

    def reveal(self, row: int) -> None:
        """Bring a row into view, locked from then on where it was not."""
        place = self.place_of(row)
        if 0 <= place < self.places:
            return
        self.lock()
        self.scroll(-place if place < 0 else self.places - 1 - place)
