"""The vendor's CSV form: names of files, reading with exact errors, writing byte for byte.

The public names load what they stand for when they are first used: who looks for files does not
wait for the kernels that read them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.vendorcsv.naming import Claim, claim_of, find_files, group_in, vendor_spelling
    from tickreel.vendorcsv.reader import CsvFile, Head, open_csv
    from tickreel.vendorcsv.writer import csv_blocks

__all__ = [
    "Claim",
    "CsvFile",
    "Head",
    "claim_of",
    "csv_blocks",
    "find_files",
    "group_in",
    "open_csv",
    "vendor_spelling",
]

_MODULES = {
    "Claim": "naming",
    "CsvFile": "reader",
    "Head": "reader",
    "claim_of": "naming",
    "csv_blocks": "writer",
    "find_files": "naming",
    "group_in": "naming",
    "open_csv": "reader",
    "vendor_spelling": "naming",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
