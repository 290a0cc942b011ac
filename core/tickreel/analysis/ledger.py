"""The account of every call: what it was about, its tokens, its price then, what it cost, its answer.

A call is entered before it is made, at its worst case, in one transaction with the check of the caps:
threads and programs cannot pass a cap together, each having seen room for itself alone. Afterwards the
entry becomes what the call did cost. That of a program that was killed stays at its worst case, as
nobody knows what the server had counted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.analysis.prices import NANO, Price
from tickreel.errors import TickreelError
from tickreel.market.time import day_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tickreel.analysis.snapshot import Snapshot
    from tickreel.settings import LoadedSettings
    from tickreel.store.records.database import Database

_CAPS = {
    "llm.cap_call_usd": "a call",
    "llm.cap_session_usd": "this session",
    "llm.cap_day_usd": "this UTC day",
}
"""The settings of the caps, and what each is for."""

SESSION = uuid.uuid4().hex
"""This run of the program."""


class CapReached(TickreelError):
    """Say that a call is not made, as it could cost more than a cap allows."""


class CallState(StrEnum):
    """What became of a call."""

    UNDER_WAY = "under_way"
    """Or of a program that was killed meanwhile."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    CACHED = "cached"
    """Nothing was sent: the answer was here."""


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
    """None while it is under way."""
    price: Price
    nano_usd: int
    """What it cost; at most that, while it is under way."""
    reason: str = ""

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
class Kept:
    """An answer about a window, as it was given."""

    call: Call
    number: int
    """Of the window among those of the call, from 0 on."""
    windows: int
    from_us: int
    to_us: int
    snapshot_sha256: str
    answer: str


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent, what is under way included, in nano-dollars."""

    session: int
    day: int


@dataclass(frozen=True, slots=True)
class ModelSpend:
    """All calls of one model."""

    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    nano_usd: int


class Ledger:
    """Enters calls into the catalog; may be used from several threads.

    *session* names one run of the program, *now_us* is the clock.
    """

    def __init__(
        self, database: Database, caps: Caps, now_us: Callable[[], int], *, session: str = SESSION
    ) -> None:
        self.database = database
        self.caps = caps
        self.session = session
        self._now_us = now_us

    @property
    def can_write(self) -> bool:
        """Whether calls can be entered at all."""
        return not self.database.read_only

    def answer_to(self, request_sha256: str) -> str | None:
        """Find the answer to the same request, the newest; None where it was never given."""
        rows = self.database.tuples(
            "SELECT answer FROM analysis_call WHERE request_sha256 = ? AND answer IS NOT NULL"
            " ORDER BY id DESC LIMIT 1",
            (request_sha256,),
        )
        return rows[0][0] if rows else None

    def spend(self) -> Spend:
        """Tell what this session and this UTC day have cost so far."""
        with self.database.snapshot():
            return Spend(*self._spent(str(day_of(self._now_us()))))

    def refusal(self, order: Order) -> str | None:
        """Tell why a call would be refused now; None where it would be allowed."""
        return self._refusal(order, self.spend())

    def reserve(self, order: Order) -> Call:
        """Enter a call at its worst case, before it is made.

        Raises:
            CapReached: it could pass a cap; nothing is entered.
            EnvironmentProblem: the catalog cannot be written.
        """
        with self.database.writing() as connection:
            # The sums and the entry are one: nobody else can enter a call between them.
            why = self._refusal(order, Spend(*self._spent(str(day_of(self._now_us())))))
            if why is not None:
                raise CapReached(why)
            return self._enter(connection, order, CallState.UNDER_WAY, None, order.worst_nano_usd)

    def settle(
        self, call: Call, state: CallState, tokens: Tokens, *, reason: str = "", answer: str | None = None
    ) -> Call:
        """Enter what became of a call, and what it did cost.

        Raises:
            EnvironmentProblem: the catalog cannot be written; the entry stays at its worst case.
        """
        cost = call.price.nano_usd(tokens.sent, tokens.received)
        if cost > call.nano_usd:
            reason = reason or "the server counted more tokens than the worst case has"
        ended_us = self._now_us()
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE analysis_call SET ended_us = ?, state = ?, tokens_in = ?, tokens_out = ?,"
                " is_estimated = ?, charged_nano_usd = ?, reason = ?, answer = ? WHERE id = ?",
                (
                    ended_us,
                    state.value,
                    tokens.sent,
                    tokens.received,
                    tokens.is_estimated,
                    cost,
                    reason,
                    answer,
                    call.id,
                ),
            )
        return _ended(call, state, ended_us, tokens, cost, reason)

    def record(self, order: Order, state: CallState, *, answer: str | None = None) -> Call:
        """Enter a call that cost nothing: answered from here, or by the offline analyst."""
        nothing = Tokens(0, 0)
        if not self.can_write:
            now_us = self._now_us()
            call = Call(
                None, state, order.model, order.place, self.session, now_us, None, None, order.price, 0
            )
            return _ended(call, state, now_us, nothing, 0, "")
        with self.database.writing(survives_power=False) as connection:
            call = self._enter(connection, order, state, nothing, 0)
            connection.execute(
                "UPDATE analysis_call SET ended_us = began_us, answer = ? WHERE id = ?", (answer, call.id)
            )
        return _ended(call, state, call.began_us, nothing, 0, "")

    def about(self, exchange: str, symbol: str, start_us: int, end_us: int) -> list[Kept]:
        """List the answers about windows that overlap [start_us, end_us), by their beginnings."""
        rows = self.database.rows(
            "SELECT analysis_call.*, analysis_window.place AS number, from_us, to_us, snapshot_sha256,"
            " (SELECT COUNT(*) FROM analysis_window AS one WHERE one.call_id = id) AS windows"
            " FROM analysis_window JOIN analysis_call ON id = call_id"
            " WHERE exchange = ? AND symbol = ? AND from_us < ? AND to_us > ? AND answer IS NOT NULL"
            " ORDER BY from_us, to_us, id",
            (exchange, symbol, end_us, start_us),
        )
        return [
            Kept(
                call=_call(row),
                number=row["number"],
                windows=row["windows"],
                from_us=row["from_us"],
                to_us=row["to_us"],
                snapshot_sha256=row["snapshot_sha256"],
                answer=row["answer"],
            )
            for row in rows
        ]

    def calls(self, *, limit: int = 100) -> list[Call]:
        """List the newest calls, the last one first."""
        rows = self.database.rows("SELECT * FROM analysis_call ORDER BY id DESC LIMIT ?", (limit,))
        return [_call(row) for row in rows]

    def by_model(self) -> list[ModelSpend]:
        """Sum up all calls by model, the dearest first."""
        rows = self.database.tuples(
            "SELECT model, COUNT(*), COALESCE(SUM(tokens_in), 0), COALESCE(SUM(tokens_out), 0),"
            " SUM(charged_nano_usd) FROM analysis_call GROUP BY model ORDER BY 5 DESC, model"
        )
        return [ModelSpend(*row) for row in rows]

    def _spent(self, day: str) -> tuple[int, int]:
        def total(where: str, value: str) -> int:
            query = f"SELECT COALESCE(SUM(charged_nano_usd), 0) FROM analysis_call WHERE {where} = ?"
            return int(self.database.tuples(query, (value,))[0][0])

        return total("session", self.session), total("day", day)

    def _refusal(self, order: Order, spent: Spend) -> str | None:
        worst, caps = order.worst_nano_usd, (self.caps.call, self.caps.session, self.caps.day)
        used_of = (0, spent.session, spent.day)
        for cap, used, (setting, what) in zip(caps, used_of, _CAPS.items(), strict=True):
            if used + worst > cap:
                left = max(cap - used, 0)
                way = f"or raise {setting}"
                if setting in self.caps.locked:
                    way = f"for {setting} is set by the policy of this machine"
                return (
                    f"this call could cost {_usd(worst)}, and of the {_usd(cap)} for {what} {_usd(left)} are "
                    f"left: nothing was sent; ask for less, {way}"
                )
        return None

    def _enter(
        self,
        connection: sqlite3.Connection,
        order: Order,
        state: CallState,
        tokens: Tokens | None,
        charged: int,
    ) -> Call:
        now_us = self._now_us()
        cursor = connection.execute(
            "INSERT INTO analysis_call (request_sha256, session, day, began_us, state, model, place,"
            " tokens_in, tokens_out, nano_usd_in, nano_usd_out, charged_nano_usd)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order.request_sha256,
                self.session,
                str(day_of(now_us)),
                now_us,
                state.value,
                order.model,
                order.place,
                None if tokens is None else tokens.sent,
                None if tokens is None else tokens.received,
                order.price.nano_usd_in,
                order.price.nano_usd_out,
                charged,
            ),
        )
        number = cursor.lastrowid
        connection.executemany(
            "INSERT INTO analysis_window VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, place, seen.exchange, seen.symbol, seen.from_us, seen.to_us, seen.digest)
                for place, seen in enumerate(order.snapshots)
            ],
        )
        return Call(
            number, state, order.model, order.place, self.session, now_us, None, tokens, order.price, charged
        )


def _ended(call: Call, state: CallState, ended_us: int, tokens: Tokens, cost: int, reason: str) -> Call:
    return replace(call, state=state, ended_us=ended_us, tokens=tokens, nano_usd=cost, reason=reason)


def _call(row: sqlite3.Row) -> Call:
    return Call(
        id=row["id"],
        state=CallState(row["state"]),
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
        reason=row["reason"],
    )


def _usd(nano_usd: int) -> str:
    return f"${nano_usd / NANO:.6f}".rstrip("0").rstrip(".")
