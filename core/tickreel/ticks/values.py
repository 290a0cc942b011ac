"""Values of ticks as bytes and back: msgpack, within strict limits, and never executed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgpack

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.ticks.model import Value

MOST_BYTES = 1 << 20
"""Largest packed value."""
MOST_DEPTH = 32
"""Deepest nesting of a value, itself included."""
DIGEST_BYTES = 16

_PLAIN = frozenset({type(None), bool, int, float, str})
_INTEGERS = range(-(2**63), 2**64)


def pack(value: Mapping[str, Value], what: str) -> bytes:
    """Turn a value into bytes; equal values with keys in the same order give equal bytes.

    *what* names the tick in an error.

    Raises:
        UsageError: a key that is not text, a type that JSON does not know, an integer beyond
            64 bits, or a value that is too large or too deep; the message names the key.
    """
    if type(value) is not dict:
        raise UsageError(f"{what} is a {type(value).__name__}, not a dict")
    # Checked by the set of types: nearly every tick is flat, and this runs without a Python loop.
    if not (_PLAIN.issuperset(map(type, value.values())) and set(map(type, value)) <= {str}):
        _refuse_faults(value, what)
    try:
        packed = msgpack.packb(value, use_bin_type=True, strict_types=True)
    except (OverflowError, UnicodeEncodeError):
        _refuse_faults(value, what)
        raise
    if len(packed) > MOST_BYTES:
        raise UsageError(f"{what} takes {len(packed):,} bytes, and a tick may take {MOST_BYTES:,}")
    assert isinstance(packed, bytes)
    return packed


def unpack(packed: bytes) -> dict[str, Value]:
    """Turn bytes back into a value.

    Raises:
        ValueError: they are not what :func:`pack` writes.
    """
    size = len(packed)
    value: Any = msgpack.unpackb(
        packed,
        raw=False,
        strict_map_key=True,
        max_str_len=size,
        max_array_len=size,
        max_map_len=size,
        max_bin_len=0,
        max_ext_len=0,
    )
    if type(value) is not dict:
        raise ValueError("not a map")
    return value


def digest(packed: bytes) -> bytes:
    """Give the bytes by which equal values are found and damage is noticed."""
    return hashlib.blake2b(packed, digest_size=DIGEST_BYTES).digest()


def _refuse_faults(value: object, what: str, path: str = "", depth: int = 1) -> None:
    """Look for what cannot be stored, and raise with its key."""
    where = f"{what}: {path}" if path else what
    if depth > MOST_DEPTH:
        raise UsageError(f"{where} is nested deeper than {MOST_DEPTH} levels")
    if type(value) is dict:
        for key, held in value.items():
            if type(key) is not str:
                raise UsageError(f"{where} has the key {key!r}, and keys must be text")
            if not _is_unicode(key):
                raise UsageError(f"{where} has the key {key!a}, which is no valid Unicode")
            _refuse_faults(held, what, f"{path}.{key}" if path else key, depth + 1)
    elif type(value) is list:
        for place, held in enumerate(value):
            _refuse_faults(held, what, f"{path}[{place}]", depth + 1)
    elif type(value) not in _PLAIN:
        raise UsageError(
            f"{where} is a {type(value).__name__}: a tick may hold None, bool, int, float, str, list and dict"
        )
    elif type(value) is int and value not in _INTEGERS:
        raise UsageError(f"{where} is the integer {value:#x}, which has more than 64 bits")
    elif type(value) is str and not _is_unicode(value):
        raise UsageError(f"{where} is no valid Unicode text")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
