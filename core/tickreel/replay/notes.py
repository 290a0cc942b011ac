"""What a replay says about its own time: what was warned of, jumped over, stood before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.replay.bands import Band


class NoteKind(StrEnum):
    """What a frame has to say about its time."""

    WARNED = "warned"
    """It is in a band of which the plan wants a warning, or passed one since the last frame."""
    SKIPPED = "skipped"
    """The clock jumped over this stretch, which a band covers; the books went through it."""
    STOPPED = "stopped"
    """A band begins here: the replay stands before it until it is told to go on."""
    QUIET = "quiet"
    """The clock jumped over this stretch, in which nothing happens."""
    LOOPED = "looped"
    """The replay went back to the beginning of this loop."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the stretch [from_us, to_us) that whoever looks at a frame should know."""

    kind: NoteKind
    from_us: int
    to_us: int
    band: Band | None = None
    """The band that is the reason, if one is."""
