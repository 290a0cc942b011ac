"""The messages of a whole request: those of its options, merged by arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.progress import UNWATCHED
from tickreel.server.lines import gathered
from tickreel.server.voice import MessagePiece, Voice, plans_of
from tickreel.store.library.plans import refuse_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.progress import Monitor
    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache
    from tickreel.store.library.coming import DaysComing


class Chorus:
    """Reads the messages of a request, piece by piece; used by one thread at a time.

    At equal times of arrival come the options in the order given.

    Raises:
        NotHeldError: something of it is not held, or days are missing; it names them.
        Cancelled: the monitor said so.
    """

    def __init__(self, cache: Cache, options: Sequence[ReplayOption], monitor: Monitor = UNWATCHED) -> None:
        """Find what is played; of what is in the shared cache, wait for what it begins with.

        The later days come while it is read, until it is closed.
        """
        self._coming: list[DaysComing] = []
        try:
            plans = [plans_of(cache, option, self._coming, monitor) for option in options]
            missing = (day for of_one in plans for plan in of_one for day in plan.missing)
            refuse_missing(missing, can_be_allowed=False)
            self._voices: list[Voice | None] = [
                Voice(cache, option, of_one) for option, of_one in zip(options, plans, strict=True)
            ]
        except BaseException:
            self.close()
            raise
        self._waiting: list[MessagePiece | None] = [None] * len(options)

    def close(self) -> None:
        """Bring no more days from the shared cache, and end a wait for one."""
        for coming in self._coming:
            coming.cancel()

    def read(self) -> MessagePiece | None:
        """Give what comes next, at least one message; None at the end.

        Raises:
            TickreelError: the rows behind it cannot be read.
        """
        while (piece := self._next()) is not None:
            for coming in self._coming:
                coming.reached(piece.to_us)
            if len(piece):
                return piece
        return None

    def _next(self) -> MessagePiece | None:
        for place, voice in enumerate(self._voices):
            if voice is not None and self._waiting[place] is None:
                self._waiting[place] = voice.read()
                if self._waiting[place] is None:
                    self._voices[place] = None
        pieces = [(place, piece) for place, piece in enumerate(self._waiting) if piece is not None]
        if not pieces:
            return None
        if len(pieces) == 1:
            ((place, piece),) = pieces
            self._waiting[place] = None
            return piece
        to_us = min(piece.to_us for _, piece in pieces)
        due = []
        for place, piece in pieces:
            first, rest = piece.split(to_us)
            due.append(first)
            self._waiting[place] = None if piece.to_us == to_us else rest
        local_us = np.concatenate([piece.local_us for piece in due])
        order = np.argsort(local_us, kind="stable")
        return MessagePiece(gathered([piece.lines for piece in due], order), local_us[order], to_us)
