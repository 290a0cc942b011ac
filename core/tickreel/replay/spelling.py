"""A plan as the command line that plays the same."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of, format_us
from tickreel.replay.speed import spell_speed
from tickreel.replay.stream import Order

if TYPE_CHECKING:
    from tickreel.replay.plan import ReplayPlan


def spell_plan(plan: ReplayPlan) -> str:
    """Spell a plan as ``tickreel replay ...``, which plays the same rows in the same order at the same speed.

    What only a screen knows is left out: loop and bookmarks.
    """
    words = ["tickreel", "replay", *_symbol_words(plan)]
    words += [short_instant(plan.start_us), short_instant(plan.end_us), "--speed", spell_speed(plan.speed)]
    if plan.types is not None:
        words += ["--types", ",".join(plan.types)]
    if plan.order is not Order.LOCAL:
        words += ["--order", plan.order.value]
    if plan.actions:
        words += ["--health", ",".join(f"{kind}={action}" for kind, action in plan.actions.items())]
    if plan.skip_quiet_us is not None:
        words += ["--skip-quiet", spell_seconds(plan.skip_quiet_us)]
    if plan.allow_missing:
        words.append("--allow-missing")
    return shlex.join(words)


def short_instant(at_us: int) -> str:
    """Spell an instant as shortly as it can be read back to the microsecond."""
    if at_us % US_PER_DAY == 0:
        return day_of(at_us).isoformat()
    text = format_us(at_us)
    return f"{text[:19]}Z" if at_us % US_PER_SECOND == 0 else text


def spell_seconds(length_us: int) -> str:
    """Spell a length of time in seconds, exact to the microsecond: ``10``, ``0.25``."""
    whole, rest = divmod(length_us, US_PER_SECOND)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


def _symbol_words(plan: ReplayPlan) -> list[str]:
    """Name the exchange once where it is the same; a symbol that has a colon always names its own."""
    exchanges = {exchange for exchange, _ in plan.symbols}
    if len(exchanges) == 1 and not any(":" in symbol for _, symbol in plan.symbols):
        return [plan.symbols[0][0], ",".join(symbol for _, symbol in plan.symbols)]
    return [",".join(f"{exchange}:{symbol}" for exchange, symbol in plan.symbols)]
