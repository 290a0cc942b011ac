"""What is asked of an import, without the reading of rows that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.store.model import Source

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DataType


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One file to import, and what its giver says of it; None = find out from the file."""

    path: Path
    exchange: str | None = None
    symbol: str | None = None
    type: DataType | None = None
    day: date | None = None
    replace: bool = False
    """Swap days that are held and differ; the old ones go to the trash."""
    complete: bool = False
    """Take the days as whole however early or late their rows end."""
    source: Source = Source.IMPORT
    """Where the file comes from."""
