"""What is known of instruments: tick, lot, multiplier, fees and the like, each fact with who says so.

A fact comes from the vendor, from the rows that are held, or from somebody who typed it in. What
is not known is None, and what needs it is refused; nothing is guessed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.instruments.facts import FACTS, Fact
    from tickreel.instruments.inferring import Inference, infer
    from tickreel.instruments.instrument import FactSource, Instrument, Version
    from tickreel.instruments.table import InstrumentTable

__all__ = ["FACTS", "Fact", "FactSource", "Inference", "Instrument", "InstrumentTable", "Version", "infer"]

_MODULES = {
    "FACTS": "facts",
    "Fact": "facts",
    "FactSource": "instrument",
    "Inference": "inferring",
    "Instrument": "instrument",
    "InstrumentTable": "table",
    "Version": "instrument",
    "infer": "inferring",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
