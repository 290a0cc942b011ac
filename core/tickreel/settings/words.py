"""Values of settings as people write and read them: ``2 TB``, ``30 days``, ``No limit``.

What is shown can be typed in again and means the very same value.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from tickreel.settings.form import form_of
from tickreel.settings.table import Kind

if TYPE_CHECKING:
    from tickreel.settings.table import Setting

_UNITS = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 10**3, "B": 1}
_UNITS_READ = {
    "": 1,
    "byte": 1,
    "bytes": 1,
    **{unit.lower(): factor for unit, factor in _UNITS.items()},
    **{f"{letter}ib": 2 ** (10 * power) for power, letter in enumerate("kmgt", 1)},
}
_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)", re.ASCII)
_SUFFIXES = {
    Kind.PERCENT: " %",
    Kind.SECONDS: " s",
    Kind.DAYS: " days",
    Kind.BYTES_PER_SECOND: "/s",
    Kind.USD: " USD",
}
_SPELLINGS = {
    Kind.PERCENT: r"\s*(%|per ?cent)",
    Kind.SECONDS: r"\s*(s|sec|secs|seconds?)",
    Kind.DAYS: r"\s*(d|days?)",
    Kind.BYTES_PER_SECOND: r"\s*/\s*s",
    Kind.USD: r"\s*(usd|us ?dollars?)",
}
_SPACES = re.compile(r"[\s\u2009\u202f\xa0]+")
_NONE_WORDS = ("none", "")


def suffix_of(kind: Kind) -> str:
    """Give what stands behind a number of this kind, its space included."""
    return _SUFFIXES.get(kind, "")


def text_of(setting: Setting, value: Any) -> str:
    """Write a value for people, exactly; a user and password in a URL are blanked."""
    plain = value.value if isinstance(value, Enum) else value
    if (word := setting.word(plain)) is not None:
        return word
    match plain:
        case None:
            return "None"
        case bool():
            return "On" if plain else "Off"
        case int() if setting.kind in (Kind.BYTES, Kind.BYTES_PER_SECOND):
            return f"{_size_text(plain)}{suffix_of(setting.kind)}"
        case int() | float():
            number = f"{plain:.15g}" if isinstance(plain, float) else str(plain)
            unit = suffix_of(setting.kind)
            return f"{number}{' day' if unit == ' days' and plain == 1 else unit}"
        case str() if "@" in plain and "://" in plain:
            scheme, _, rest = plain.partition("://")
            return f"{scheme}://***@{rest.rpartition('@')[2]}"
    return str(plain)


def value_of_text(setting: Setting, text: str) -> Any:
    """Read a value as people write it: with its unit or without, or by its name.

    Raises:
        ValueError: the setting does not accept it; the message says what it does accept, and
            shows no password.
    """
    typed = _SPACES.sub(" ", text).strip()
    folded = typed.casefold()
    for value, word in setting.words:
        if folded in (word.casefold(), str(value).casefold()):
            return setting.read(value)
    if folded in _NONE_WORDS and None in form_of(setting).specials:
        return None
    if setting.kind is Kind.FLAG and folded in ("on", "off", "true", "false"):
        return setting.read(folded in ("on", "true"))
    spelling = _SPELLINGS.get(setting.kind)
    bare = re.sub(f"{spelling}$", "", folded) if spelling else typed
    if setting.kind in (Kind.BYTES, Kind.BYTES_PER_SECOND):
        match = _SIZE.fullmatch(_SPACES.sub("", bare.casefold()))
        if match is None or match[2] not in _UNITS_READ:
            raise ValueError(f"{typed!r} is not a size; write it as 500 GB or 2 TB")
        size_bytes = Decimal(match[1]) * _UNITS_READ[match[2]]
        if size_bytes != size_bytes.to_integral_value():
            raise ValueError(f"{typed!r} is no whole number of bytes")
        return setting.read(int(size_bytes))
    if setting.kind in (Kind.URL, Kind.PATH, Kind.TEXT, Kind.CHOICE):
        choices = setting.choices() if setting.choices is not None else ()
        named = next((choice for choice in choices if choice.casefold() == folded), typed)
        return setting.read(named if choices else folded if setting.kind is Kind.CHOICE else typed)
    # From the bare number, but told of as it was typed.
    try:
        return setting.read(bare, is_text=True)
    except ValueError:
        raise ValueError(f"{typed!r} is not accepted; write {setting.accepts}") from None


def _size_text(size_bytes: int) -> str:
    unit = next((unit for unit, factor in _UNITS.items() if size_bytes >= factor), "B")
    number = Decimal(size_bytes) / _UNITS[unit]
    whole = f"{number:f}"
    return f"{whole.rstrip('0').rstrip('.') if '.' in whole else whole} {unit}"
