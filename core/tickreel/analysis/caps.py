"""The most that may be spent: for a call, a run of the program, and a UTC day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.analysis.prices import NANO
from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from tickreel.settings import LoadedSettings

_CAPS = {
    "llm.cap_call_usd": "a call",
    "llm.cap_session_usd": "this session",
    "llm.cap_day_usd": "this UTC day",
}
"""The settings of the caps, and what each is for."""


class CapReached(TickreelError):
    """Say that a call is not made, as it could cost more than a cap allows."""


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent, what is under way included, in nano-dollars."""

    session: int
    day: int


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent, in nano-dollars."""

    call: int
    session: int
    day: int
    locked: frozenset[str] = frozenset()
    """Settings of them that the machine's policy decides."""

    @classmethod
    def of(cls, settings: LoadedSettings) -> Caps:
        """Take them from what is set; a part of a nano-dollar is dropped."""
        llm = settings.values.llm
        return cls(
            call=int(llm.cap_call_usd * NANO),
            session=int(llm.cap_session_usd * NANO),
            day=int(llm.cap_day_usd * NANO),
            locked=frozenset(key for key in _CAPS if settings.is_locked(key)),
        )

    def refusal(self, worst: int, spent: Spend) -> str | None:
        """Tell why a call that costs *worst* at most is not made; None where it may be."""
        used_of = (0, spent.session, spent.day)
        for cap, used, (setting, what) in zip(
            (self.call, self.session, self.day), used_of, _CAPS.items(), strict=True
        ):
            if used + worst > cap:
                left = max(cap - used, 0)
                way = f"or raise {setting}"
                if setting in self.locked:
                    way = f"for {setting} is set by the policy of this machine"
                return (
                    f"this call could cost {usd_of(worst)}, and of the {usd_of(cap)} for {what} "
                    f"{usd_of(left)} are left: nothing was sent; ask for less, {way}"
                )
        return None


def usd_of(nano_usd: int) -> str:
    """Print an amount of nano-dollars in full."""
    return f"${nano_usd / NANO:.6f}".rstrip("0").rstrip(".")
