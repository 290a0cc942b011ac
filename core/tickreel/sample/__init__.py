"""A simulated market extract, the same bytes on every machine.

Its books have one planted fault: updates lost in a break of 2.6 s, see ``scenario``.
"""

from tickreel.sample.extract import SampleDay, generate
from tickreel.sample.scenario import (
    SAMPLE_DAY,
    SAMPLE_END_US,
    SAMPLE_EXCHANGE,
    SAMPLE_SEED,
    SAMPLE_START_US,
    SAMPLE_SYMBOLS,
)
from tickreel.sample.storing import sample_link, store_sample

__all__ = [
    "SAMPLE_DAY",
    "SAMPLE_END_US",
    "SAMPLE_EXCHANGE",
    "SAMPLE_SEED",
    "SAMPLE_START_US",
    "SAMPLE_SYMBOLS",
    "SampleDay",
    "generate",
    "sample_link",
    "store_sample",
]
