"""What is analysed along a replay: the setup, each window that is asked about, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from tickreel.analysis.triggers import BY_HAND, Reason, Trigger, parse_triggers
from tickreel.errors import UsageError
from tickreel.market.time import US_PER_SECOND, format_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.analysis.analyst import Waiting
    from tickreel.analysis.outcome import Analysis
    from tickreel.analysis.service import Prose
    from tickreel.errors import TickreelError

_LONGEST_S = 86_400


class Keep(StrEnum):
    """Which windows are kept where they come faster than they are answered."""

    NEWEST = "newest"
    """One of each symbol waits; a newer one takes its place, and the older is counted as skipped."""
    ALL = "all"
    """All wait for their turn, also after the replay."""


@dataclass(frozen=True, slots=True)
class LiveSetup:
    """What is analysed along a replay.

    Raises:
        UsageError: a window that is not above zero or longer than a day.
    """

    triggers: tuple[Trigger, ...] = ()
    """None where windows are asked for by hand alone."""
    window_s: float = 60.0
    """Length of a window in seconds of market time, up to the moment at which a trigger fires."""
    keep: Keep = Keep.NEWEST

    def __post_init__(self) -> None:
        if not 0 < self.window_us <= _LONGEST_S * US_PER_SECOND:
            raise UsageError(f"a window of {self.window_s:g} s cannot be analysed: give up to {_LONGEST_S}")

    @property
    def window_us(self) -> int:
        """Length of a window in microseconds."""
        return round(self.window_s * US_PER_SECOND) if self.window_s == self.window_s else 0

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "triggers": [one.spelled() for one in self.triggers],
            "window_s": self.window_s,
            "keep": self.keep.value,
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> LiveSetup:
        """Read what :meth:`to_form` gave."""
        told = ",".join(form["triggers"])
        return cls(parse_triggers(told) if told else (), float(form["window_s"]), Keep(form["keep"]))


class Outcome(StrEnum):
    """What became of a window."""

    DONE = "done"
    FAILED = "failed"
    """It could not be measured, or the model gave no answer."""
    REFUSED = "refused"
    """By a cap, or as nothing is asked any more; nothing was sent. The latter are counted and do not land."""
    SKIPPED = "skipped"
    """A newer window took its place. It is counted, and does not land."""
    DROPPED = "dropped"
    """The replay was put elsewhere while it waited."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Ask:
    """A window that is to be analysed, [from_us, to_us) of one symbol."""

    number: int
    exchange: str
    symbol: str
    from_us: int
    to_us: int
    reasons: tuple[Reason, ...]
    generation: int = 0
    """That of the replay when it was asked for."""

    @property
    def what(self) -> tuple[str, str, int, int, tuple[Reason, ...]]:
        """What it is about, by which it is found again."""
        return self.exchange, self.symbol, self.from_us, self.to_us, self.reasons

    @property
    def is_by_hand(self) -> bool:
        """Whether no trigger asked for it."""
        return not BY_HAND.isdisjoint(self.reasons)

    def is_of(self, exchange: str, symbol: str) -> bool:
        """Whether it is about an instrument."""
        return (self.exchange, self.symbol) == (exchange, symbol)

    def spelled(self) -> str:
        """Name it in words."""
        why = ", ".join(self.reasons)
        return f"{self.exchange} {self.symbol} {format_us(self.from_us)} to {format_us(self.to_us)} ({why})"


@dataclass(frozen=True, slots=True)
class Begun:
    """A window is being measured, and will be asked about."""

    ask: Ask


@dataclass(frozen=True, slots=True)
class Said:
    """More of an answer, not checked yet, or a wait for the server."""

    ask: Ask
    step: Prose | Waiting


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a window."""

    ask: Ask
    outcome: Outcome
    analysis: Analysis | None = None
    """Where it is done."""
    ready_us: int | None = None
    """Market time at which one could have had the answer: the end of the window and the time that the call
    took by the wall, as if the market had gone on at its own speed meanwhile. The same whenever it is had."""
    error: TickreelError | None = None
    """Why it failed, or was refused."""
    reason: str = ""
    """The same in words, and why it was passed over."""
    is_current: bool = True
    """False where the replay was put elsewhere meanwhile: it is recorded, and not about what is shown now."""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows; the same of a record that is gone through again."""
        ask, found = self.ask, self.analysis
        return {
            "reasons": [reason.value for reason in ask.reasons],
            "exchange": ask.exchange,
            "symbol": ask.symbol,
            "from_us": ask.from_us,
            "to_us": ask.to_us,
            "ready_us": self.ready_us,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "analysis": None if found is None else found.to_short_form(),
        }


@dataclass(frozen=True, slots=True)
class Halted:
    """Nothing is asked any more, until it is told to go on: a cap is reached, or calls fail."""

    reason: str


LiveEvent: TypeAlias = Begun | Said | Landed | Halted
