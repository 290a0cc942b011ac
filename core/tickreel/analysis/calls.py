"""Calls as the ledger has them: wanted, under way, and what became of each and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.analysis.prices import NANO, Price

if TYPE_CHECKING:
    import sqlite3

    from tickreel.analysis.snapshot import Snapshot

_LOST = "its program ended during the call: what the server counted is not known, so the worst case stays"


class CallState(StrEnum):
    """What became of a call."""

    UNDER_WAY = "under_way"
    LOST = "lost"
    """Its program ended during the call: what the server counted is not known, and it counts at its worst."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    CACHED = "cached"
    """Nothing was sent: the answer was here."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a call; estimated where the server did not say."""

    sent: int
    received: int
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A call that somebody wants to make."""

    request_sha256: str
    model: str
    place: str
    """Address that it goes to; empty for the offline analyst."""
    snapshots: tuple[Snapshot, ...]
    price: Price
    most: Tokens
    """The worst case."""
    question: str = ""
    """What is asked besides."""

    @property
    def worst_nano_usd(self) -> int:
        """What it costs at most."""
        return self.price.nano_usd(self.most.sent, self.most.received)


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the ledger."""

    id: int | None
    """None where nothing could be written down."""
    state: CallState
    model: str
    place: str
    session: str
    began_us: int
    ended_us: int | None
    tokens: Tokens | None
    """None while it is under way, and of one that was lost."""
    price: Price
    nano_usd: int
    """What it cost; at most that, where it is under way or was lost."""
    reason: str = ""

    @property
    def took_us(self) -> int:
        """How long it took by the wall, waits for its turn included; 0 while that is not known."""
        return 0 if self.ended_us is None else max(self.ended_us - self.began_us, 0)

    @property
    def usd(self) -> float:
        """What it cost, in dollars."""
        return self.nano_usd / NANO

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        tokens = self.tokens
        return {
            "id": self.id,
            "state": self.state.value,
            "model": self.model,
            "place": self.place,
            "began_us": self.began_us,
            "ended_us": self.ended_us,
            "tokens_in": None if tokens is None else tokens.sent,
            "tokens_out": None if tokens is None else tokens.received,
            "tokens_estimated": None if tokens is None else tokens.is_estimated,
            "usd_per_mtok_in": self.price.usd_in_per_mtok,
            "usd_per_mtok_out": self.price.usd_out_per_mtok,
            "cost_usd": self.usd,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ModelSpend:
    """All calls of one model."""

    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    nano_usd: int


def call_of(row: sqlite3.Row, *, is_running: bool) -> Call:
    """Read an entry as the catalog has it; *is_running* tells whether its program still is."""
    state = CallState(row["state"])
    is_lost = state is CallState.UNDER_WAY and not is_running
    return Call(
        id=row["id"],
        state=CallState.LOST if is_lost else state,
        model=row["model"],
        place=row["place"],
        session=row["session"],
        began_us=row["began_us"],
        ended_us=row["ended_us"],
        tokens=None
        if row["tokens_in"] is None
        else Tokens(row["tokens_in"], row["tokens_out"], bool(row["is_estimated"])),
        price=Price(row["nano_usd_in"], row["nano_usd_out"]),
        nano_usd=row["charged_nano_usd"],
        reason=_LOST if is_lost else row["reason"],
    )
