"""Where the reader of help has been."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    """Hold a page and where on it one was."""

    name: str
    anchor: str = ""
    top_px: int | None = None
    """How far it was scrolled when it was left; None for a place that was not left yet."""


class History:
    """Keep the places one came through; going somewhere new forgets what lay ahead."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def here(self) -> Place:
        """The place that is shown."""
        return self._places[self._at]

    def go(self, place: Place) -> None:
        """Go somewhere new; the same page and heading again is no step."""
        if self._places and (self.here.name, self.here.anchor) == (place.name, place.anchor):
            self._places[self._at] = place
            return
        del self._places[self._at + 1 :]
        self._places.append(place)
        self._at += 1

    def leave_at(self, top_px: int) -> None:
        """Remember how far the place is scrolled, before it is left."""
        if self._places:
            self._places[self._at] = replace(self.here, top_px=top_px)

    def has(self, step: int) -> bool:
        """Tell whether there is a place so many steps away."""
        return 0 <= self._at + step < len(self._places)

    def step(self, step: int) -> bool:
        """Go so many steps; nothing happens where there is no place."""
        if self.has(step):
            self._at += step
            return True
        return False
