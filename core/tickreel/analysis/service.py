"""Runs analyses: from the store where the answer is there, else by a call that is paid from the caps.

However a call ends, done, failed or stopped, the ledger knows what it cost before the caller hears of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from tickreel.analysis.analyst import Answering, CallFailed, Ended, Sent, Text, Thought, Usage, Waiting
from tickreel.analysis.answers import is_of_use, packed, prose_so_far, read_answer, unpacked, without_secrets
from tickreel.analysis.calls import CallState, Order, Tokens
from tickreel.analysis.caps import CapReached
from tickreel.analysis.ledger import AskedAlready
from tickreel.analysis.offline import OfflineAnalyst
from tickreel.analysis.outcome import Analysis, Preview
from tickreel.analysis.prices import FREE, NANO, price_of
from tickreel.analysis.prompt import Inquiry, body_of, estimated_tokens, most_tokens_of, tokens_in_bytes
from tickreel.errors import TickreelError
from tickreel.logs import redact, redact_coming

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from tickreel.analysis.analyst import Analyst, Piece
    from tickreel.analysis.calls import Call
    from tickreel.analysis.ledger import Ledger
    from tickreel.analysis.prices import Price
    from tickreel.analysis.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Prose:
    """More of what is said, while it comes, keys blanked; it is not checked yet."""

    text: str


_LOOK_S = 0.05
"""So often is looked what became of the calls of others."""
Step: TypeAlias = Prose | Waiting | tuple[Analysis, ...]


@dataclass(slots=True)
class _Meter:
    """What a call has taken so far."""

    inquiry: Inquiry
    text: str = ""
    usage: Usage | None = None
    is_whole: bool = True
    is_over: bool = False
    """Whether the answer came to its end, so that what the server counted is all there is."""
    may_be_counted: bool = False
    is_answering: bool = False
    thought_bytes: int = 0
    _said: int = field(default=0)

    def take(self, piece: Piece) -> Prose | Waiting | None:
        """Note a piece, and give what of it is told."""
        match piece:
            case Sent():
                self.may_be_counted = True
            case Answering():
                self.is_answering = True
            case Waiting():
                self.may_be_counted = self.is_answering = False
                return piece
            case Thought(text):
                self.thought_bytes += len(text.encode())
            case Usage():
                self.usage = piece
            case Ended(is_whole):
                self.is_whole, self.is_over = is_whole, True
                return self._more(redact(prose_so_far(self.text)))
            case Text(text):
                self.text += text
                return self._more(redact_coming(prose_so_far(self.text)))
        return None

    def _more(self, prose: str) -> Prose | None:
        more, self._said = prose[self._said :], len(prose)
        return Prose(more) if more else None

    def tokens(self) -> Tokens:
        """Give the tokens so far: as counted at the end, else what is more of counted and estimated.

        Of a server that is at work and has shown nothing nobody knows what it thought: that is the most.
        """
        usage, most = self.usage, self.inquiry.most_tokens
        shown = tokens_in_bytes(len(self.text.encode()) + self.thought_bytes)
        if usage is not None and self.is_over and (usage.tokens_out or not shown):
            return Tokens(usage.tokens_in, usage.tokens_out)
        if not self.may_be_counted:
            return Tokens(0, 0)
        received = min(shown, most) if shown or not self.is_answering else most
        sent = sum(estimated_tokens(message["content"]) for message in self.inquiry.messages)
        if usage is not None:
            sent, received = usage.tokens_in or sent, max(usage.tokens_out, min(shown, most))
        return Tokens(sent, received, is_estimated=True)


class AnalysisService:
    """Analyses with one analyst, and *answer_tokens* for each window.

    At most *at_once* calls are made at a time, those of all programs on the home counted.
    """

    def __init__(self, ledger: Ledger, analyst: Analyst, *, answer_tokens: int, at_once: int = 4) -> None:
        self._ledger = ledger
        self._analyst = analyst
        self.answer_tokens = answer_tokens
        self.at_once = at_once
        self.spent_nano_usd = 0
        """What the calls that ended here did cost, those that failed or were stopped included."""

    @property
    def spent_usd(self) -> float:
        """The same in dollars."""
        return self.spent_nano_usd / NANO

    @property
    def ledger(self) -> Ledger:
        """Where its calls are entered."""
        return self._ledger

    @property
    def analyst(self) -> Analyst:
        """Who analyses."""
        return self._analyst

    def inquiry(self, *snapshots: Snapshot, question: str = "") -> Inquiry:
        """Put windows together for one call, and what is asked of them besides."""
        return Inquiry(snapshots, self.answer_tokens, question)

    def preview(self, inquiry: Inquiry) -> Preview:
        """Tell what a call would send and could cost; nothing is sent."""
        analyst = self._analyst_of(inquiry)
        body, price = analyst.body(inquiry), self._price(analyst)
        preview = Preview(
            model=analyst.model,
            place=analyst.place,
            payload=body,
            tokens_in=0 if body is None else sum(estimated_tokens(m["content"]) for m in inquiry.messages),
            tokens_in_most=0 if body is None else most_tokens_of(body_of(inquiry, analyst.model)),
            tokens_out_most=0 if body is None else inquiry.most_tokens,
            price=price,
            redactions=() if body is None else inquiry.redactions,
            refusal=None,
            is_cached=body is not None and self._stored(inquiry, analyst) is not None,
        )
        if body is None or preview.is_cached:
            return preview
        return replace(preview, refusal=self._refusal(preview, inquiry))

    async def analyse(
        self,
        *snapshots: Snapshot,
        question: str = "",
        on_step: Callable[[Prose | Waiting], object] | None = None,
    ) -> tuple[Analysis, ...]:
        """Analyse windows by one call, and give one analysis of each; *on_step* is told of what comes.

        Raises:
            CapReached: it could pass a cap, or its price is not known; nothing was sent.
            CallFailed: there is no answer, or it broke off.
            EnvironmentProblem: the ledger cannot be written.
        """
        async with aclosing(self.steps(self.inquiry(*snapshots, question=question))) as steps:
            async for step in steps:
                if isinstance(step, tuple):
                    return step
                if on_step is not None:
                    on_step(step)
        raise AssertionError("an analysis ends with what it found")

    async def steps(
        self, inquiry: Inquiry, *, on_entered: Callable[[Call], object] | None = None
    ) -> AsyncGenerator[Step]:
        """Analyse as :meth:`analyse`, and tell of it as it comes; what was found comes last.

        *on_entered* is told of the call's entry before anything is sent, so that who stops knows which it is.
        To close the generator, or to cancel who waits for it, is to stop: the connection is closed, and
        what came so far is entered in the ledger with its cost.
        """
        analyst = self._analyst_of(inquiry)
        preview = await asyncio.to_thread(self.preview, inquiry)
        order = self._order(inquiry, analyst, preview)
        if preview.payload is None:
            meter = _Meter(inquiry)
            async with aclosing(analyst.ask(inquiry)) as pieces:
                async for piece in pieces:
                    if (told := meter.take(piece)) is not None:
                        yield told
            answer = packed(meter.text, is_whole=True)
            call = await asyncio.to_thread(self._ledger.record, order, CallState.DONE, answer=answer)
            yield self._read(inquiry, preview, call, meter.text, is_whole=True)
            return
        async with aclosing(self._had(inquiry, preview, order, analyst, on_entered)) as steps:
            async for step in steps:
                yield step

    async def _had(
        self,
        inquiry: Inquiry,
        preview: Preview,
        order: Order,
        analyst: Analyst,
        on_entered: Callable[[Call], object] | None,
    ) -> AsyncGenerator[Step]:
        """Have an answer from the store, else by a call; while the same is asked elsewhere, wait for that."""
        while True:
            found = await asyncio.to_thread(self._ledger.answered, order.request_sha256)
            stored = _of_use(found, inquiry)
            if stored is not None:
                text, is_whole = stored
                preview = replace(preview, is_cached=True, refusal=None)
                call = await asyncio.to_thread(self._ledger.record, order, CallState.CACHED)
                yield Prose(prose_so_far(text))
                yield self._read(inquiry, preview, call, text, is_whole=is_whole)
                return
            if preview.price is None or not self._ledger.can_write:
                raise CapReached(str(preview.refusal))
            try:
                call = await self._reserved(order, None if found is None else found[0].id, on_entered)
            except AskedAlready as other:
                await _until(partial(self._is_over, other.call_id))
            else:
                break
        async with aclosing(self._made(inquiry, preview, call, analyst)) as steps:
            async for step in steps:
                yield step

    async def batch(self, snapshots: Iterable[Snapshot], *, per_call: int = 8) -> AsyncGenerator[Analysis]:
        """Analyse many windows, *per_call* of them together and several calls at a time, in their order.

        After an error no more calls are begun, and it is raised once those under way are over: they are
        paid, and their answers are here for the next time.

        Raises:
            CapReached, CallFailed, EnvironmentProblem: as :meth:`analyse`; what came before it was given.
        """
        waiting = iter(snapshots)
        under_way: deque[asyncio.Task[tuple[Analysis, ...]]] = deque()
        try:
            while True:
                while len(under_way) < self.at_once and (some := tuple(islice(waiting, per_call))):
                    under_way.append(asyncio.create_task(self.analyse(*some)))
                if not under_way:
                    return
                try:
                    found = await under_way[0]
                except Exception:
                    await asyncio.gather(*under_way, return_exceptions=True)
                    raise
                under_way.popleft()
                for analysis in found:
                    yield analysis
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _made(
        self, inquiry: Inquiry, preview: Preview, call: Call, analyst: Analyst
    ) -> AsyncGenerator[Step]:
        """Make a call that has its place in the caps."""
        meter = _Meter(inquiry)
        try:
            await self._turn(call)
            async with aclosing(analyst.ask(inquiry)) as pieces:
                async for piece in pieces:
                    if (told := meter.take(piece)) is not None:
                        yield told
        except (asyncio.CancelledError, GeneratorExit):
            partial = without_secrets(meter.text)
            await self._settle(call, CallState.STOPPED, meter.tokens(), reason="stopped", partial=partial)
            raise
        except CallFailed as error:
            tokens = meter.tokens() if error.is_taken else Tokens(0, 0)
            partial = without_secrets(meter.text)
            await self._settle(call, CallState.FAILED, tokens, reason=str(error), partial=partial)
            raise
        except BaseException as error:
            reason = str(error) if isinstance(error, TickreelError) else type(error).__name__
            await self._settle(call, CallState.FAILED, meter.tokens(), reason=reason)
            raise
        text = without_secrets(meter.text)
        answer = packed(text, is_whole=meter.is_whole)
        ended = await self._settle(call, CallState.DONE, meter.tokens(), answer=answer)
        yield self._read(inquiry, preview, ended, text, is_whole=meter.is_whole)

    async def _turn(self, call: Call) -> None:
        """Wait until fewer than so many calls are under way on this home that were entered before."""
        assert call.id is not None  # it was entered
        await _until(partial(self._has_room, call.id))

    def _has_room(self, call_id: int) -> bool:
        return self._ledger.line.before(call_id) < self.at_once

    def _is_over(self, call_id: int) -> bool:
        return not self._ledger.line.has(call_id)

    async def _reserved(
        self, order: Order, answer_id: int | None, on_entered: Callable[[Call], object] | None
    ) -> Call:
        """Enter a call; who stops meanwhile leaves nothing reserved."""

        async def entered() -> Call:
            call = await asyncio.to_thread(self._ledger.reserve_alone, order, answer_id)
            if on_entered is not None:
                on_entered(call)
            return call

        work = asyncio.ensure_future(entered())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # Refused, asked elsewhere, or the catalog cannot be written: nothing is entered.
            with suppress(TickreelError, AskedAlready):
                await self._settle(await work, CallState.STOPPED, Tokens(0, 0), reason="stopped")
            raise

    async def _settle(
        self,
        call: Call,
        state: CallState,
        tokens: Tokens,
        *,
        reason: str = "",
        answer: str | None = None,
        partial: str | None = None,
    ) -> Call:
        work = asyncio.ensure_future(
            asyncio.to_thread(
                self._ledger.settle, call, state, tokens, reason=reason, answer=answer, partial=partial
            )
        )
        work.add_done_callback(self._count)
        # Shielded: who stops a second time shall not keep the ledger from knowing of the first.
        return await asyncio.shield(work)

    def _count(self, work: asyncio.Future[Call]) -> None:
        if not work.cancelled() and work.exception() is None:
            self.spent_nano_usd += work.result().nano_usd

    def _read(
        self, inquiry: Inquiry, preview: Preview, call: Call, text: str, *, is_whole: bool
    ) -> tuple[Analysis, ...]:
        count = len(inquiry.snapshots)
        return tuple(
            Analysis.read(seen, preview, call, answer, windows=count, is_whole=is_whole)
            for seen, answer in zip(inquiry.snapshots, read_answer(text, count), strict=True)
        )

    def _analyst_of(self, inquiry: Inquiry) -> Analyst:
        """Nobody is asked about windows in which nothing happened."""
        return OfflineAnalyst() if all(seen.is_empty for seen in inquiry.snapshots) else self._analyst

    def _price(self, analyst: Analyst) -> Price | None:
        return FREE if not analyst.place else price_of(self._ledger.database, analyst.model)

    def answered(self, inquiry: Inquiry) -> Call | None:
        """Find the call that has the answer to an inquiry; None where nobody has."""
        analyst = self._analyst_of(inquiry)
        found = self._ledger.answered(inquiry.digest(analyst.model, analyst.place))
        return None if found is None else found[0]

    def _stored(self, inquiry: Inquiry, analyst: Analyst) -> tuple[str, bool] | None:
        """Find what was answered to the same inquiry before, where it is worth giving again."""
        return _of_use(self._ledger.answered(inquiry.digest(analyst.model, analyst.place)), inquiry)

    def _order(self, inquiry: Inquiry, analyst: Analyst, preview: Preview) -> Order:
        return Order(
            request_sha256=inquiry.digest(analyst.model, analyst.place),
            model=analyst.model,
            place=analyst.place,
            snapshots=inquiry.snapshots,
            price=preview.price or FREE,
            most=Tokens(preview.tokens_in_most, preview.tokens_out_most),
            question=inquiry.question,
        )

    def _refusal(self, preview: Preview, inquiry: Inquiry) -> str | None:
        if preview.price is None:
            return (
                f"the price of {preview.model} is not known, so that no cap can hold, and nothing was sent: "
                f"say it with `tickreel llm price {preview.model} USD_PER_MTOK`, 0 where it is free"
            )
        if not self._ledger.can_write:
            return "this home can only be read, so that no cap can hold, and nothing was sent"
        return self._ledger.refusal(self._order(inquiry, self._analyst, preview))


async def _until(is_so: Callable[[], bool]) -> None:
    """Look at the catalog again and again: nobody is told of what other programs enter."""
    while True:
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(_LOOK_S)


def _of_use(found: tuple[Call, str] | None, inquiry: Inquiry) -> tuple[str, bool] | None:
    """Read the answer of a call, where it is worth giving again: the text, and whether it is whole."""
    if found is None:
        return None
    text, is_whole = unpacked(found[1])
    return (text, is_whole) if is_of_use(text, len(inquiry.snapshots), is_whole=is_whole) else None
