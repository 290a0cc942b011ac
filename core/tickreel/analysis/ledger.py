"""The account of every call: what it was about, its tokens, its price then, what it cost, its answer.

A call is entered before it is made, at its worst case, in one transaction with the check of the caps:
threads and programs cannot pass a cap together, each having seen room for itself alone. Afterwards the
entry becomes what the call did cost. That of a program that was killed stays at its worst case, as
nobody knows what the server had counted, and is told as lost.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from tickreel.analysis.calls import Call, CallState, ModelSpend, Tokens, call_of
from tickreel.analysis.caps import CapReached, Spend, usd_of
from tickreel.analysis.line import Line
from tickreel.market.time import day_of
from tickreel.processes import is_running, this_process

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tickreel.analysis.calls import Order
    from tickreel.analysis.caps import Caps
    from tickreel.store.records.database import Database

SESSION = uuid.uuid4().hex
"""This run of the program."""


class AskedAlready(Exception):
    """Say that the same is asked by another call now, or was answered since its answer was looked for."""

    def __init__(self, call_id: int) -> None:
        super().__init__(f"call {call_id} asks the same")
        self.call_id = call_id


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
        self.line = Line(database, session, now_us)
        self._now_us = now_us

    @property
    def can_write(self) -> bool:
        """Whether calls can be entered at all."""
        return not self.database.read_only

    def answered(self, request_sha256: str) -> tuple[Call, str] | None:
        """Find the newest call with an answer to the same request, and the answer; None without one."""
        return self._with_answer(
            "request_sha256 = ? AND answer IS NOT NULL ORDER BY id DESC LIMIT 1", request_sha256
        )

    def answer_of(self, call_id: int) -> tuple[Call, str] | None:
        """Find a call by its number, and its answer; None where there is none."""
        return self._with_answer("id = ? AND answer IS NOT NULL", call_id)

    def call(self, call_id: int) -> Call | None:
        """Find a call by its number."""
        rows = self.database.rows("SELECT * FROM analysis_call WHERE id = ?", (call_id,))
        return self._read(rows[0]) if rows else None

    def _with_answer(self, where: str, value: str | int) -> tuple[Call, str] | None:
        rows = self.database.rows(f"SELECT * FROM analysis_call WHERE {where}", (value,))
        return (self._read(rows[0]), rows[0]["answer"]) if rows else None

    def _read(self, row: sqlite3.Row) -> Call:
        return read_call(self.database, row, self.session)

    def spend(self) -> Spend:
        """Tell what this session and this UTC day have cost so far."""
        with self.database.snapshot():
            return Spend(*self._spent(str(day_of(self._now_us()))))

    def refusal(self, order: Order) -> str | None:
        """Tell why a call would be refused now; None where it would be allowed."""
        return self.caps.refusal(order.worst_nano_usd, self.spend())

    def reserve(self, order: Order) -> Call:
        """Enter a call at its worst case, before it is made.

        Raises:
            CapReached: it could pass a cap; nothing is entered.
            EnvironmentProblem: the catalog cannot be written.
        """
        with self.database.writing() as connection:
            return self._reserve(connection, order)

    def reserve_alone(self, order: Order, answer_id: int | None) -> Call:
        """Enter a call as :meth:`reserve`, where no program on this home asks the same now.

        *answer_id* is the newest answer to it that the caller knows, and has no use for.

        Raises:
            AskedAlready: one does, or there is a newer answer; nothing is entered.
            CapReached, EnvironmentProblem: as :meth:`reserve`.
        """
        with self.database.writing() as connection:
            other = self.line.asking(order.request_sha256)
            if other is None and (found := self.answered(order.request_sha256)) is not None:
                other = found[0].id if found[0].id != answer_id else None
            if other is not None:
                raise AskedAlready(other)
            return self._reserve(connection, order)

    def _reserve(self, connection: sqlite3.Connection, order: Order) -> Call:
        # The sums and the entry are one: nobody else can enter a call between them.
        why = self.caps.refusal(order.worst_nano_usd, Spend(*self._spent(str(day_of(self._now_us())))))
        if why is not None:
            raise CapReached(why)
        return self._enter(connection, order, CallState.UNDER_WAY, None, order.worst_nano_usd)

    def settle(
        self,
        call: Call,
        state: CallState,
        tokens: Tokens,
        *,
        reason: str = "",
        answer: str | None = None,
        partial: str | None = None,
    ) -> Call:
        """Enter what became of a call, and what it did cost; *partial* is what came of one that broke off.

        It is never entered at more than was reserved for it, so that no cap is passed: what a server counts
        beyond that stands in its tokens, and its reason says so.

        Raises:
            EnvironmentProblem: the catalog cannot be written; the entry stays at its worst case.
        """
        cost = call.price.nano_usd(tokens.sent, tokens.received)
        if cost > call.nano_usd:
            counted = f"the server counted more tokens than the worst case has, which would be {usd_of(cost)}"
            reason = f"{reason}; {counted}" if reason else counted
            cost = call.nano_usd
        ended_us = self._now_us()
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE analysis_call SET ended_us = ?, state = ?, tokens_in = ?, tokens_out = ?,"
                " is_estimated = ?, charged_nano_usd = ?, reason = ?, answer = ?, partial = ? WHERE id = ?",
                (
                    ended_us,
                    state.value,
                    tokens.sent,
                    tokens.received,
                    tokens.is_estimated,
                    cost,
                    reason,
                    answer,
                    partial or None,
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

    def calls(self, *, limit: int = 100) -> list[Call]:
        """List the newest calls, the last one first."""
        rows = self.database.rows("SELECT * FROM analysis_call ORDER BY id DESC LIMIT ?", (limit,))
        return [self._read(row) for row in rows]

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

    def _enter(
        self,
        connection: sqlite3.Connection,
        order: Order,
        state: CallState,
        tokens: Tokens | None,
        charged: int,
    ) -> Call:
        now_us = self._now_us()
        connection.execute(
            "INSERT OR IGNORE INTO analysis_session VALUES (?, ?, ?)", (self.session, *this_process())
        )
        cursor = connection.execute(
            "INSERT INTO analysis_call (request_sha256, session, day, began_us, state, model, place,"
            " tokens_in, tokens_out, nano_usd_in, nano_usd_out, charged_nano_usd, question)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                order.question,
            ),
        )
        number = cursor.lastrowid
        connection.executemany(
            "INSERT INTO analysis_window (call_id, place, exchange, symbol, from_us, to_us, snapshot_sha256,"
            " groups, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    number,
                    place,
                    seen.exchange,
                    seen.symbol,
                    seen.from_us,
                    seen.to_us,
                    seen.digest,
                    " ".join(seen.groups),
                    json.dumps(seen.sources),
                )
                for place, seen in enumerate(order.snapshots)
            ],
        )
        return Call(
            number, state, order.model, order.place, self.session, now_us, None, tokens, order.price, charged
        )


def read_call(database: Database, row: sqlite3.Row, session: str = SESSION) -> Call:
    """Read an entry; one under way is lost where its program is gone."""
    if row["state"] != CallState.UNDER_WAY or row["session"] == session:
        return call_of(row, is_running=True)
    programs = database.tuples(
        "SELECT pid, began_s FROM analysis_session WHERE session = ?", (row["session"],)
    )
    return call_of(row, is_running=bool(programs) and is_running(*programs[0]))


def _ended(call: Call, state: CallState, ended_us: int, tokens: Tokens, cost: int, reason: str) -> Call:
    return replace(call, state=state, ended_us=ended_us, tokens=tokens, nano_usd=cost, reason=reason)
