"""Segment files, format version 1: the rows of one part of a day, immutable and self-describing.

``segment-format.md`` in the documentation describes them byte by byte.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.store.segments.keyframes import Keyframe, Keyframes, KeyframeWriter
    from tickreel.store.segments.layout import FORMAT_VERSION, Footer
    from tickreel.store.segments.reader import Segment
    from tickreel.store.segments.writer import Sealed, SealFacts, SegmentWriter

__all__ = [
    "FORMAT_VERSION",
    "Footer",
    "Keyframe",
    "KeyframeWriter",
    "Keyframes",
    "SealFacts",
    "Sealed",
    "Segment",
    "SegmentWriter",
]

_MODULES = {
    "FORMAT_VERSION": "layout",
    "Footer": "layout",
    "Keyframe": "keyframes",
    "KeyframeWriter": "keyframes",
    "Keyframes": "keyframes",
    "SealFacts": "writer",
    "Sealed": "writer",
    "Segment": "reader",
    "SegmentWriter": "writer",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
