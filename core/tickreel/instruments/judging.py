"""What is said of instruments, weighed: what is most likely a slip, and what rows refute."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tickreel.instruments.facts import read_value
from tickreel.market.units import format_percent
from tickreel.sources.metadata import MetadataStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.instruments.inferring import Inference
    from tickreel.instruments.instrument import FactSource
    from tickreel.instruments.table import InstrumentTable
    from tickreel.store import Cache

_LIKELY_FEE = 0.05
"""Part of the value; the greatest that exchanges ask for are below 1 %."""


def why_unlikely(cache: Cache, exchange: str, facts: Mapping[str, str]) -> str | None:
    """Say why what somebody types in is most likely a slip; None where nothing speaks against it.

    Raises:
        UsageError: there is no such fact, or it cannot have this value.
    """
    for name in ("maker_fee", "taker_fee"):
        value = read_value(name, text) if (text := facts.get(name)) else None
        if isinstance(value, float) and abs(value) > _LIKELY_FEE:
            return (
                f"{name}={facts[name]} means {format_percent(value)} of the value: fees are parts of it, "
                "0.0002 is 2 bp"
            )
    listed = MetadataStore(cache.home / "metadata", cache.disk, cache.disk.now_us).exchanges()
    if listed and exchange not in {*listed, *(one.key.exchange for one in cache.datasets())}:
        near = get_close_matches(exchange, listed, n=2)
        meant = f": did you mean {' or '.join(near)}?" if near else ""
        return f"the vendor lists no exchange {exchange}{meant}"
    return None


def refuted(table: InstrumentTable, found: Inference) -> list[tuple[str, float, FactSource]]:
    """Find what is believed of the time of an inference and cannot be: fact, value, and who says so."""
    believed = (
        (name, one.value(name), one.source(name))
        for one in table.during(found.exchange, found.symbol, found.from_us, found.to_us)
        for name in found.facts
    )
    wrong = [
        (name, value, source)
        for name, value, source in believed
        if source is not None and isinstance(value, float) and found.finer_than(name, value)
    ]
    return list(dict.fromkeys(wrong))
