"""How fast a server is asked: requests a minute, and when again after it refused."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tickreel.store.records.database import Database

MOST_TRIES = 6
"""Tries of one call that the server did not take."""
LONGEST_WAIT_S = 60.0
"""The longest wait of our own choice."""
PATIENCE_S = 300.0
"""The longest wait that a server may ask for; beyond it the call has failed."""
_MINUTE_US = 60 * US_PER_SECOND


def wait_s(tries: int, asked_s: float | None, chance: float) -> float | None:
    """Give the wait after some tries that failed; *chance* is a random number from 0 to 1.

    It doubles from a second on, with up to as much again by chance, so that many programs do not come
    back at once. What the server asks for is waited in full. None where there is no point in waiting.
    """
    if tries >= MOST_TRIES or (asked_s is not None and asked_s > PATIENCE_S):
        return None
    if asked_s is not None:
        return asked_s + 0.5 * chance
    return min(2.0 ** (tries - 1) * (1 + chance), LONGEST_WAIT_S)


def retry_after_s(header: str | None, now_s: float) -> float | None:
    """Read ``Retry-After``, which is a number of seconds or a date; None where it is neither."""
    text = (header or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now_s
        except ValueError:
            return None
    return max(seconds, 0.0) if seconds == seconds else None


@dataclass(slots=True)
class Form:
    """What was learnt of how a server wants to be asked."""

    left_out: tuple[str, ...] = ()
    """Fields of a request that it does not know."""
    length_name: str = "max_tokens"


class Gate:
    """Begins no more than *per_minute* requests in a minute, counted with all programs on a home.

    It remembers how each server wants to be asked, as long as the program runs.
    """

    def __init__(
        self,
        database: Database,
        now_us: Callable[[], int],
        per_minute: int,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._now_us = now_us
        self._per_minute = per_minute
        self.sleep = sleep
        self.chance = chance

    def form_of(self, place: str, model: str) -> Form:
        """Give what was learnt of a model at a server."""
        return _forms.setdefault((self._database.path.resolve(), place, model), Form())

    async def turn(self) -> None:
        """Wait until another request may begin in this minute, and count it.

        Raises:
            EnvironmentProblem: the catalog cannot be written.
        """
        while (wait_s := await asyncio.to_thread(self._turn_wait_s)) > 0:
            await self.sleep(wait_s)

    def _turn_wait_s(self) -> float:
        with self._database.writing(survives_power=False) as connection:
            now_us = self._now_us()  # once the others have entered theirs
            # Those of a clock that was put back do not count for longer than a minute either.
            connection.execute(
                "DELETE FROM analysis_request WHERE sent_us NOT BETWEEN ? AND ?",
                (now_us - _MINUTE_US + 1, now_us + _MINUTE_US),
            )
            (count,) = connection.execute("SELECT COUNT(*) FROM analysis_request").fetchone()
            if count < self._per_minute:
                connection.execute("INSERT INTO analysis_request (sent_us) VALUES (?)", (now_us,))
                return 0.0
            (sent_us,) = connection.execute(
                "SELECT sent_us FROM analysis_request ORDER BY sent_us LIMIT 1 OFFSET ?",
                (count - self._per_minute,),
            ).fetchone()
            return float(sent_us + _MINUTE_US - now_us) / US_PER_SECOND


_forms: dict[tuple[Path, str, str], Form] = {}
"""By catalog, server and model."""
