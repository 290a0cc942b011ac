"""A simulated market extract, the same bytes on every machine.

Its books have one planted fault: updates lost in a break of 2.6 s, see ``scenario``. The public
names load what they stand for when they are first used: who only leads to the sample does not wait
for the kernels that make it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.sample.extract import SampleDay, generate
    from tickreel.sample.link import sample_link
    from tickreel.sample.scenario import (
        SAMPLE_DAY,
        SAMPLE_END_US,
        SAMPLE_EXCHANGE,
        SAMPLE_SEED,
        SAMPLE_START_US,
        SAMPLE_SYMBOLS,
    )
    from tickreel.sample.storing import store_sample

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

_MODULES = {
    "SAMPLE_DAY": "scenario",
    "SAMPLE_END_US": "scenario",
    "SAMPLE_EXCHANGE": "scenario",
    "SAMPLE_SEED": "scenario",
    "SAMPLE_START_US": "scenario",
    "SAMPLE_SYMBOLS": "scenario",
    "SampleDay": "extract",
    "generate": "extract",
    "sample_link": "link",
    "store_sample": "storing",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
