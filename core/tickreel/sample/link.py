"""The replay that shows the sample."""

from __future__ import annotations

from tickreel.replay import ReplayLink
from tickreel.sample.scenario import SAMPLE_END_US, SAMPLE_EXCHANGE, SAMPLE_START_US, SAMPLE_SYMBOLS

_SPEED = 20.0
"""The first push of the market is seen within seconds."""


def sample_link() -> ReplayLink:
    """Name the replay."""
    return ReplayLink(
        SAMPLE_EXCHANGE, SAMPLE_SYMBOLS[0], start_us=SAMPLE_START_US, end_us=SAMPLE_END_US, speed=_SPEED
    )
