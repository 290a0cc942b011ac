"""Playing as a plan says: past bands that are not sound, over quiet, round a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.market.time import Instant, parse_instant
from tickreel.replay.notes import Note, NoteKind
from tickreel.replay.plan import Bookmark, Loop

if TYPE_CHECKING:
    from tickreel.replay.deck import Deck
    from tickreel.replay.plan import ReplayPlan
    from tickreel.replay.policy import Policy


class PlanHolder:
    """The plan of a session, and what of it may be changed while it is played."""

    _plan: ReplayPlan

    @property
    def plan(self) -> ReplayPlan:
        """What it plays, with the loop, the bookmarks and all else as they are now."""
        return self._plan

    @property
    def at_us(self) -> int:
        """The clock."""
        raise NotImplementedError

    def set_loop(self, start: Instant | None, end: Instant | None = None) -> None:
        """Play [start, end) again and again from now on; None ends it.

        Raises:
            UsageError: it is empty or lies outside the range.
        """
        loop = None
        if start is not None and end is not None:
            loop = Loop(parse_instant(start), parse_instant(end))
        elif start is not None or end is not None:
            raise UsageError("a loop needs a beginning and an end")
        self._plan = self._plan.with_loop(loop)

    def skip_quiet(self, longest_us: int | None) -> None:
        """Jump over time in which nothing happens for longer than this from now on; None plays it.

        Raises:
            UsageError: the time is not above zero.
        """
        self._plan = self._plan.with_quiet(longest_us)

    def set_speed(self, speed: float | str | None) -> None:
        """Put another speed into the plan, for the clock that drives this session.

        Raises:
            UsageError: it is no speed.
        """
        self._plan = self._plan.with_speed(speed)

    def set_latency(self, latency_us: int) -> None:
        """Let what is known lag by so much, from the next seek or step back on.

        Raises:
            UsageError: it is no latency.
        """
        self._plan = self._plan.with_latency(latency_us)

    def bookmark(self, name: str, at: Instant | None = None) -> None:
        """Give an instant a name, this one unless another is given; a name used before moves.

        Raises:
            UsageError: it has no name, or lies outside the range.
        """
        at_us = self.at_us if at is None else parse_instant(at)
        self._plan = self._plan.with_bookmark(Bookmark(name, at_us))

    def remove_bookmark(self, name: str) -> None:
        """Forget a bookmark; raises UsageError when there is none of that name."""
        self._plan = self._plan.without_bookmark(name)


def play_by_plan(
    deck: Deck,
    plan: ReplayPlan,
    policy: Policy,
    limit_us: int,
    *,
    passed_stop_us: int | None,
    stop_s: float | None,
    with_series: bool,
) -> list[Note]:
    """Play up to a limit as a plan says of bands and quiet; say what was done about them.

    *passed_stop_us* is the first moment after a stop that was left; see :meth:`Deck.play` for *stop_s*.
    """
    notes: list[Note] = []
    began_us = deck.at_us
    while deck.at_us < limit_us:
        next_us = deck.at_us + 1
        if next_us != passed_stop_us and (stop := policy.stop_at(next_us)) is not None:
            return [*notes, stop]
        if (skipped := policy.skipped_at(next_us)) is not None:
            for track in deck.tracks.values():
                track.interrupt(next_us)
            loop = plan.loop
            to_us = skipped.to_us if loop is None else min(skipped.to_us, max(loop.to_us, next_us + 1))
            deck.play(to_us - 1, with_series=False)
            notes.append(skipped)
            continue
        edge_us = policy.next_edge_us(next_us)
        step_us = limit_us if edge_us is None else min(limit_us, edge_us - 1)
        if not deck.play(step_us, stop_s=stop_s, with_series=with_series):
            return notes
    quiet = _quiet_ahead(deck, plan, policy) if limit_us > began_us else None
    if quiet is not None:
        deck.play(quiet.to_us - 1)
        notes.append(quiet)
    return notes


def _quiet_ahead(deck: Deck, plan: ReplayPlan, policy: Policy) -> Note | None:
    """Find the quiet to jump over, up to the next event, band or end of the loop."""
    if plan.skip_quiet_us is None:
        return None
    at_us, loop = deck.at_us, plan.loop
    ends_us = [plan.end_us]
    if loop is not None:
        ends_us.append(loop.to_us)
    for us in (deck.next_us, policy.next_edge_us(at_us)):
        if us is not None:
            ends_us.append(us)
    to_us = min(ends_us)
    if to_us - at_us <= plan.skip_quiet_us:
        return None
    return Note(NoteKind.QUIET, at_us + 1, to_us)
