"""One look at the shared cache that is set, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.shared.server import ServerFacts
    from tickreel.shared.snapshot import TierSnapshot


@dataclass(frozen=True, slots=True)
class SharedLook:
    """How a shared cache that is set stands."""

    tier: TierSnapshot
    """How it stands now; by its calls alone where it is not asked at the moment."""
    server: ServerFacts | None = None
    """What the server said when it answered last; None before it did."""
    is_asked: bool = False
    """Whether it was asked at all since it was opened."""
    bytes_per_s: int = 0
    """What this window has taken from there in the last second or so."""
