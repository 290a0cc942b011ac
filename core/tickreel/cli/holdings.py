"""What a command may read of a range: everything that is held, or a refusal before any output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.market.time import days_touched
from tickreel.store import refuse_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import RangePlan


def refuse_holes(plans: Sequence[RangePlan], *, allow_missing: bool) -> None:
    """Stop before any output when days are missing, or, where that is allowed, when all of them are.

    Raises:
        NotHeldError: names the days.
    """
    missing = [day for plan in plans for day in plan.missing]
    if not allow_missing:
        refuse_missing(missing)
    touched = sum(len(days_touched(plan.start_us, plan.end_us)) for plan in plans)
    if touched and len(missing) == touched:
        first, last = missing[0], missing[-1]
        span = f"{first.day}" if first.day == last.day else f"{first.day} to {last.day}"
        names = ", ".join(dict.fromkeys(str(plan.selection) for plan in plans))
        raise NotHeldError(f"nothing is held of {names} in {span}: `tickreel datasets` lists what is held")
