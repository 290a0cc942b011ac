"""What the dialog of instruments does, as command lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tickreel.instruments.facts import FACTS, FactKind
from tickreel.market.numbers import positional
from tickreel.market.time import US_PER_DAY, day_of, format_us

if TYPE_CHECKING:
    from tickreel.instruments.facts import Value

_START = ("tickreel", "instruments")


def plain_text(name: str, value: Value) -> str:
    """Spell a value so that it can be read back anywhere: times in UTC, numbers with all digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return _time(int(value)) if FACTS[name].kind is FactKind.TIME else positional(value)


def show_command(exchange: str, symbol: str) -> str:
    """Write the command that shows every fact of an instrument."""
    return shlex.join((*_START, "show", exchange, symbol))


def set_command(
    instrument: tuple[str, str], name: str, value: Value | None, start_us: int | None, end_us: int | None
) -> str:
    """Write the command that types in a fact of an instrument for a time; None withdraws it."""
    words = [*_START, "set", *instrument, f"{name}={'' if value is None else plain_text(name, value)}"]
    if start_us is not None:
        words += ["--from", _time(start_us)]
    if end_us is not None:
        words += ["--to", _time(end_us)]
    return shlex.join(words)


def infer_command(instrument: tuple[str, str], start_us: int, end_us: int, *, allow_missing: bool) -> str:
    """Write the command that infers tick and lot from the rows of a range, and stores them."""
    words = [*_START, "infer", *instrument, _time(start_us), _time(end_us)]
    return shlex.join([*words, "--allow-missing"] if allow_missing else words)


def fetch_command(exchange: str, symbol: str | None) -> str:
    """Write the command that asks the vendor for an instrument, or for all of an exchange."""
    return shlex.join((*_START, "fetch", exchange, *([] if symbol is None else [symbol])))


def _time(at_us: int) -> str:
    """Spell an instant in UTC as shortly as it is read back."""
    if at_us % US_PER_DAY == 0:
        return day_of(at_us).isoformat()
    return format_us(at_us).replace(".000000Z", "Z")


def export_command(path: str, form: str) -> str:
    """Write the command that exports every version."""
    return shlex.join((*_START, "export", "-o", path, "--format", form))
