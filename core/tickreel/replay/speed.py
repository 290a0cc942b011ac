"""Speeds as people write them: market seconds per second, or as fast as the machine goes."""

from __future__ import annotations

import re
from math import isfinite

from tickreel.errors import UsageError

MAX_SPEED = "max"
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?x?")
SLOWEST = 1e-3
FASTEST = 1e9
_KEEPS_UP = 0.98
"""A replay that does so much of the speed asked for is said to do it."""


def parse_speed(text: str) -> float | None:
    """Read a speed: ``20``, ``0.5x``, ``1 000x`` or ``max``, which is None.

    Raises:
        UsageError: it is none of these, or lies outside :data:`SLOWEST` to :data:`FASTEST`.
    """
    bare = "".join(text.lower().split())
    if _THOUSANDS.fullmatch(bare):  # any other comma may be meant as a decimal point
        bare = bare.replace(",", "")
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


def checked_speed(speed: float | str | None) -> float | None:
    """Give a speed that may be a number, None or text as :func:`parse_speed` reads it.

    Raises:
        UsageError: it is no speed.
    """
    if speed is None:
        return None
    if isinstance(speed, bool) or not isinstance(speed, str | int | float):
        raise UsageError(f"{speed!r} is not a speed: give a number or {MAX_SPEED!r}")
    return parse_speed(speed if isinstance(speed, str) else repr(float(speed)))


def spell_speed(speed: float | None) -> str:
    """Spell a speed so that :func:`parse_speed` reads it back."""
    if speed is None:
        return MAX_SPEED
    return repr(speed).removesuffix(".0")


def spell_achieved(asked: float | None, achieved: float | None) -> str:
    """Say how fast it is asked to go, and how fast it goes where that is less: ``asked 1000x, doing 940x``.

    *achieved* is None while that is not known.
    """
    wanted = MAX_SPEED if asked is None else f"{spell_speed(asked)}x"
    if achieved is None or (asked is not None and achieved >= _KEEPS_UP * asked):
        return wanted
    return f"asked {wanted}, doing {float(f'{achieved:.3g}'):.12g}x"
