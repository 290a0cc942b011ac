"""The local cache: immutable segment files and the catalog that knows them.

The public names load what they stand for when they are first used: what only lists the
cache does not wait for what reads and writes it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.store.cache import Cache, as_type, open_cache
    from tickreel.store.intake.ingest import Ingest
    from tickreel.store.intake.prospect import CHECKED_ROWS, DayAhead, FileAhead, Prospect
    from tickreel.store.intake.recording import Ingested, Provenance
    from tickreel.store.intake.request import ImportRequest
    from tickreel.store.intake.settling import Outcome
    from tickreel.store.library.plans import MissingDay, RangePlan, Selection, refuse_missing
    from tickreel.store.library.reading import Library
    from tickreel.store.model import Dataset, Day, DayState, Part, Source
    from tickreel.store.records.listing import summarise

__all__ = [
    "CHECKED_ROWS",
    "Cache",
    "Dataset",
    "Day",
    "DayAhead",
    "DayState",
    "FileAhead",
    "ImportRequest",
    "Ingest",
    "Ingested",
    "Library",
    "MissingDay",
    "Outcome",
    "Part",
    "Prospect",
    "Provenance",
    "RangePlan",
    "Selection",
    "Source",
    "as_type",
    "open_cache",
    "refuse_missing",
    "summarise",
]

_MODULES = {
    "CHECKED_ROWS": "intake.prospect",
    "Cache": "cache",
    "Dataset": "model",
    "Day": "model",
    "DayAhead": "intake.prospect",
    "DayState": "model",
    "FileAhead": "intake.prospect",
    "ImportRequest": "intake.request",
    "Ingest": "intake.ingest",
    "Ingested": "intake.recording",
    "Library": "library.reading",
    "MissingDay": "library.plans",
    "Outcome": "intake.settling",
    "Part": "model",
    "Prospect": "intake.prospect",
    "Provenance": "intake.recording",
    "RangePlan": "library.plans",
    "Selection": "library.plans",
    "Source": "model",
    "as_type": "cache",
    "open_cache": "cache",
    "refuse_missing": "library.plans",
    "summarise": "records.listing",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
