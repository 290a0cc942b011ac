"""A simulated market extract, the same bytes on every machine."""

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
