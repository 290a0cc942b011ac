"""Speeds as people write them: market seconds per second, or as fast as the machine goes."""

from __future__ import annotations

from math import isfinite

from tickreel.errors import UsageError

MAX_SPEED = "max"
SLOWEST = 1e-3
FASTEST = 1e9


def parse_speed(text: str) -> float | None:
    """Read a speed: ``20``, ``0.5x``, ``1 000x`` or ``max``, which is None.

    Raises:
        UsageError: it is none of these, or lies outside :data:`SLOWEST` to :data:`FASTEST`.
    """
    bare = "".join(text.lower().split()).replace(",", "")
    if bare == MAX_SPEED:
        return None
    try:
        speed = float(bare.removesuffix("x"))
    except ValueError:
        speed = float("nan")
    if not (isfinite(speed) and SLOWEST <= speed <= FASTEST):
        raise UsageError(
            f"{text.strip()!r} is not a speed: write a number from {SLOWEST:g} to {FASTEST:g}, or {MAX_SPEED}"
        )
    return speed


def spell_speed(speed: float | None) -> str:
    """Spell a speed so that :func:`parse_speed` reads it back."""
    if speed is None:
        return MAX_SPEED
    return repr(speed).removesuffix(".0")
