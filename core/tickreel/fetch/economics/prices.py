"""The price table: what the vendor's data and the waiting for it cost, typed in by whoever pays.

Nothing in it is assumed: a figure that is not there is not known, and nothing is counted with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tickreel.market.units import MINUS, THIN_SPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

_GB = 10**9
_SECONDS_PER_HOUR = 3600
_MOST = 2**63 - 1
"""The greatest whole number that TOML and the catalog hold."""
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Plan:
    """What is paid by the month, and what it allows; None = not known, or without a limit."""

    name: str
    usd_per_month: float | None = None
    calls_per_month: int | None = None
    storage_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """What each request, byte and hour costs; None = not known."""

    usd_per_request: float | None = None
    usd_per_gb: float | None = None
    """A GB is 10^9 bytes."""
    usd_per_waiting_hour: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no price at all."""
        return self == Rates()

    def usd(self, requests: int, size: int | None, seconds: float | None) -> float | None:
        """Add up what has a price; None without any, or when an amount that has one is not known."""
        parts = (
            (self.usd_per_request, requests),
            (self.usd_per_gb, None if size is None else size / _GB),
            (self.usd_per_waiting_hour, None if seconds is None else seconds / _SECONDS_PER_HOUR),
        )
        priced = [(price, amount) for price, amount in parts if price is not None]
        if not priced or any(amount is None for _, amount in priced):
            return None
        return sum(price * amount for price, amount in priced if amount is not None)


@dataclass(frozen=True, slots=True)
class WrittenQuota:
    """What a plan wrote into the setting ``store.quota_bytes``, and what stood there before."""

    written_bytes: int
    before_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All that was typed in."""

    plan: Plan | None = None
    rates: Rates = field(default_factory=Rates)
    quota: WrittenQuota | None = None
    """Where the plan decides the quota."""


PRESETS: Mapping[str, Plan] = {
    plan.name.lower(): plan
    for plan in (
        Plan("Starter", 49.0, 1_000_000, 10 * _GB),
        Plan("Professional", 199.0, 5_000_000, 100 * _GB),
        Plan("Enterprise", 499.0, None, 1000 * _GB),
    )
}
"""The plans of the founding article, by their names in lower case."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the table: its place in the file, and whether it is whole."""

    section: str
    name: str
    is_whole: bool

    @property
    def accepts(self) -> str:
        """Say what it accepts."""
        return "a whole number from 0 on" if self.is_whole else "a number of US dollars from 0 on"

    def read_text(self, text: str) -> float:
        """Take a value that was typed; raises as :meth:`read`."""
        for kind in (int, float):
            try:
                return self.read(kind(text))
            except ValueError:
                continue
        raise ValueError(f"{text!r} is not accepted; write {self.accepts}")

    def read(self, raw: object) -> float:
        """Take a raw value, whole where the figure is.

        Raises:
            ValueError: it is not accepted; the message says what is.
        """
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 <= raw <= _MOST:
            value = raw if self.is_whole else float(raw)
            if not self.is_whole or isinstance(value, int):
                return value
        raise ValueError(f"{raw!r} is not accepted; write {self.accepts}")


FIGURES: tuple[Figure, ...] = (
    Figure("plan", "usd_per_month", is_whole=False),
    Figure("plan", "calls_per_month", is_whole=True),
    Figure("plan", "storage_bytes", is_whole=True),
    Figure("rates", "usd_per_request", is_whole=False),
    Figure("rates", "usd_per_gb", is_whole=False),
    Figure("rates", "usd_per_waiting_hour", is_whole=False),
)
"""Every figure that somebody may type in, in the order in which they are shown."""


def checked_name(raw: object) -> str:
    """Take the name of a plan.

    Raises:
        ValueError: it is no text, empty, too long, or holds what cannot be shown.
    """
    if isinstance(raw, str) and raw.isprintable() and 0 < len(raw.strip()) <= _LONGEST_NAME:
        return raw.strip()
    raise ValueError(f"{raw!r} is not accepted; write a name of 1 to {_LONGEST_NAME} characters in one line")


def changed(table: PriceTable, name: str | None, figures: Mapping[Figure, float | None]) -> PriceTable:
    """Give a table with another plan (None: the same) and other figures; None takes a figure away.

    A *name* of :data:`PRESETS` brings the figures of that plan, another new one begins without any.

    Raises:
        ValueError: a figure of a plan is given, and there is no plan.
    """
    plan = table.plan
    if name is not None and (plan is None or plan.name != name or name.lower() in PRESETS):
        plan = PRESETS.get(name.lower(), Plan(name))
    of: dict[str, dict[str, Any]] = {"plan": {}, "rates": {}}
    for figure, value in figures.items():
        of[figure.section][figure.name] = value
    if of["plan"] and plan is None:
        raise ValueError(f"{', '.join(of['plan'])}: figures of a plan, and there is none yet; name it")
    if plan is not None:
        plan = replace(plan, **of["plan"])
    return replace(table, plan=plan, rates=replace(table.rates, **of["rates"]))


def format_usd(usd: float) -> str:
    """Print an amount of money for eyes: ``$49``, ``$0.42``, ``$5 550``, ``$0.00065``, ``−$3.10``."""
    size = abs(usd)
    if size == round(size) or size >= 999.995:
        text = f"{size:,.0f}".replace(",", THIN_SPACE)
    elif size >= 0.00995:
        text = f"{size:.2f}"
    else:
        text = f"{size:.{1 - math.floor(math.log10(size))}f}"
    return f"{MINUS if usd < 0 else ''}${text}"
