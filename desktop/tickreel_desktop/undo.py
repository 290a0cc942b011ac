"""placeholder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Undo:
    """placeholder."""

    def did(self, text: str, undo: Callable[[], object], redo: Callable[[], object]) -> None:
        """Placeholder."""
