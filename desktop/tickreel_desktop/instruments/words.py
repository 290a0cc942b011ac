"""Facts of instruments in words, with times in the display zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.instruments.facts import FACTS, FactKind
from tickreel.market.numbers import positional
from tickreel.market.units import format_full
from tickreel_desktop.zone.times import field_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.instruments.facts import Value
    from tickreel.instruments.inferring import Inference
    from tickreel.instruments.instrument import FactSource, Version
    from tickreel.market.zone import Zone

BEGINNING = "the beginning"
FURTHER_NOTICE = "further notice"


def fact_title(name: str) -> str:
    """Name a fact as people do: ``Maker fee``, ``Expiry``."""
    words = name.removesuffix("_us").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def fact_word(name: str) -> str:
    """Name a fact inside a sentence: ``maker fee``."""
    return fact_title(name).lower()


def value_text(name: str, value: Value, zone: Zone) -> str:
    """Print the value of a fact with all its digits, a time in the zone in use."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return time_text(int(value), zone) if FACTS[name].kind is FactKind.TIME else positional(value)


def time_text(at_us: int, zone: Zone) -> str:
    """Spell an instant as shortly as it is read back: only the date where a day of the zone begins."""
    return zone.day_of(at_us).isoformat() if zone.starts_day(at_us) else field_text(zone, at_us)


def start_text(at_us: int | None, zone: Zone) -> str:
    """Print from when on something holds."""
    return BEGINNING if at_us is None else time_text(at_us, zone)


def end_text(at_us: int | None, zone: Zone) -> str:
    """Print until when something holds."""
    return FURTHER_NOTICE if at_us is None else time_text(at_us, zone)


def source_text(version: Version) -> str:
    """Say who says something, and on what it rests."""
    rests_on = version.evidence
    if rests_on is None:
        return version.source.value
    rows = format_full(max(rests_on.tick_rows, rests_on.lot_rows))
    return f"{version.source} from {rows} rows of {rests_on.type}"


def missing_text(missing: Sequence[str]) -> str:
    """Say what a backtest is refused without, and how it becomes known; empty where nothing is missing."""
    if not missing:
        return ""
    ways = "Ask the vendor or enter it" if len(missing) == 1 else "Ask the vendor or enter them"
    if {"tick", "lot"} & set(missing):
        ways = f"Infer tick and lot from rows that are held, {ways[:1].lower()}{ways[1:]}"
    names = ", ".join(map(fact_word, missing))
    return f"A backtest needs what is not known yet: {names}. {ways}."


def inference_text(found: Inference) -> str:
    """Say what rows told of tick and lot."""
    rests_on = found.evidence
    parts = []
    for name, what, rows in (("tick", "prices", rests_on.tick_rows), ("lot", "amounts", rests_on.lot_rows)):
        value = found.facts.get(name)
        told = (
            "stays unknown: fewer than two different ones"
            if value is None
            else f"at most {positional(float(value))}"
        )
        parts.append(f"{name.capitalize()} {told}, from {format_full(rows)} {what} of {rests_on.type}.")
    return " ".join(parts)


def refuted_text(wrong: Sequence[tuple[str, float, FactSource]]) -> str:
    """Say which facts rows refute; empty where they refute none."""
    return " ".join(
        f"There are rows that are no multiples of the {name} {positional(value)} ({source})."
        for name, value, source in wrong
    )
