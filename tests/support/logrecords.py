"""Records for a ring of the log, made as logging makes them."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.logs import Ring

START_S = 1_721_304_396.412
"""2024-07-18 12:06:36.412 UTC."""


def say(
    ring: Ring,
    message: str,
    level: int = logging.INFO,
    logger: str = "tickreel.store.cache",
    after_s: float = 0.0,
) -> None:
    """Let one record come, *after_s* after the start."""
    record = logging.LogRecord(logger, level, __file__, 1, message, (), None)
    record.created = START_S + after_s
    ring.handle(record)


def say_many(ring: Ring, count: int) -> None:
    """Let numbered records come, a second apart."""
    for number in range(count):
        say(ring, f"record {number}", after_s=number)


def say_failure(ring: Ring) -> None:
    """Let a record with a traceback come."""
    try:
        raise ValueError("two books for one symbol")
    except ValueError:
        record = logging.LogRecord(
            "tickreel_desktop.operations", logging.ERROR, __file__, 1, "unexpected", (), sys.exc_info()
        )
        ring.handle(record)
