"""``tickreel replay``: a range played from start to end, and its sum."""

from __future__ import annotations

import argparse
import asyncio
import time
from math import isfinite
from typing import TYPE_CHECKING, Any

from tickreel.cli import replay_analyses
from tickreel.cli.console import print_json
from tickreel.cli.holdings import refuse_holes
from tickreel.cli.jsonform import replay_form
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.replay_analyses import play_along, wish_of
from tickreel.cli.words import TIMES, instruments, split_words
from tickreel.errors import UsageError
from tickreel.kernels import load
from tickreel.market.time import US_PER_SECOND, format_us
from tickreel.replay import BandAction, NoteKind, PlaybackClock, Replay, ReplayPlan, spell_achieved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.replay import Band, Frame, Note

USAGE = (
    "EXCHANGE SYMBOL[,S2] FROM TO [--speed max|N] [--types T,..] [--order local|exchange] "
    "[--health KIND=ACTION,..] [--skip-quiet SECONDS] [--allow-missing] "
    f"{replay_analyses.USAGE} [--json] [--home DIR] [--quiet]"
)
DESCRIPTION = (
    "Plays order book and trades, those held, of [FROM, TO) and prints a summary with the hash of the "
    f"final book as JSON. {TIMES}"
)
_TICK_S = 0.02
_STEP_S = 0.2
"""Longest work between two looks at progress and Ctrl-C."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar="EXCHANGE SYMBOL[,S2] FROM TO", help=argparse.SUPPRESS)
    parser.add_argument("--speed", metavar="max|N", default="max", help="market seconds per second (max)")
    parser.add_argument("--types", metavar="T,..", help="data types to play (order book and trades)")
    parser.add_argument(
        "--order", choices=("local", "exchange"), default="local", help="clock by which events are ordered"
    )
    parser.add_argument(
        "--health",
        metavar="KIND=ACTION,..",
        help="what is done where the data is not sound, such as gap=skip,bad=stop; actions: "
        + ", ".join(BandAction),
    )
    parser.add_argument(
        "--skip-quiet", metavar="SECONDS", help="jump over time in which nothing happens for longer"
    )
    parser.add_argument("--allow-missing", action="store_true", help="play over days that are not held")
    replay_analyses.add_arguments(parser)


def plan_of(args: argparse.Namespace) -> ReplayPlan:
    """Read what is to be played.

    Raises:
        UsageError: one of the words or options cannot be read.
    """
    exchange, text, (start, end) = split_words(args.words, "SYMBOL[,S2]", "FROM", "TO")
    return ReplayPlan.of(
        instruments(exchange, text),
        start,
        end,
        types=None if args.types is None else args.types.split(","),
        speed=args.speed,
        order=args.order,
        allow_missing=args.allow_missing,
        health=None if args.health is None else _actions(args.health),
        skip_quiet_us=None if args.skip_quiet is None else _length_us(args.skip_quiet),
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    plan, wish = plan_of(args), wish_of(args)
    with opened_cache(args, only_reads=True) as cache, Progress(quiet=args.quiet) as progress:
        progress.begin("from the shared cache")
        session = Replay.from_plan(cache, plan, progress)
        refuse_holes([one.plan for one in session.sources], allow_missing=plan.allow_missing)
        load("tickreel.book", "tickreel.store.segments")  # compiling is not part of what the figures measure
        progress.begin(", ".join(symbol for _, symbol in plan.symbols))
        notes = _Notes()
        analyses: dict[str, Any] | None = None
        if wish is None:
            began_s = time.perf_counter()
            for frame in _frames(session, progress, with_series=False):
                notes.take(frame)
            elapsed_s = time.perf_counter() - began_s
        else:

            def frames_of(with_series: bool) -> Iterator[Frame]:
                return _frames(session, progress, with_series=with_series)

            work = play_along(cache, session, wish, frames_of, notes.take, progress)
            elapsed_s, analyses = asyncio.run(work)
        form = replay_form(session, session.summary(), plan.speed, elapsed_s, notes.listed())
        form["analyses"] = analyses
    print_json(form)
    return 0


def _actions(text: str) -> dict[str, str]:
    """Read what is done about which kind of band."""
    actions = {}
    for piece in text.split(","):
        kind, equals, action = piece.partition("=")
        if not equals:
            raise UsageError(f"{piece!r} says not what is done: write KIND=ACTION, such as gap=skip")
        actions[kind.strip()] = action.strip()
    return actions


def _length_us(text: str) -> int:
    """Read a length of time in seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (isfinite(seconds) and round(seconds * US_PER_SECOND) > 0):
        raise UsageError(f"{text!r} is no time that can be skipped: write seconds above 0")
    return round(seconds * US_PER_SECOND)


def _frames(session: Replay, progress: Progress, *, with_series: bool) -> Iterator[Frame]:
    """Play to the end of the range, or to where the plan says to stop, on the playback clock's schedule."""
    last_us, speed = session.end_us - 1, session.plan.speed
    clock = PlaybackClock(session.at_us, last_us, speed)
    clock.play()
    while session.at_us < last_us and not session.is_end:
        due_us = clock.due_us()
        if due_us > session.at_us:
            frame = session.advance(due_us, budget_s=_STEP_S, with_series=with_series)
            clock.reached(session.at_us)
            yield frame
            if any(note.kind is NoteKind.STOPPED for note in frame.notes):
                return
        passed_us = session.at_us + 1 - session.start_us
        shown = format_us(session.at_us)
        if speed is not None:
            shown += f", {spell_achieved(speed, clock.achieved_speed())}"
        progress.report(passed_us, session.end_us - session.start_us, shown)
        if speed is not None and session.at_us < last_us:
            time.sleep(_TICK_S)
    if session.at_us >= last_us or speed is None:
        # By the exchange's clock some may be due after the last instant.
        yield session.advance_to_end(with_series=with_series)


class _Notes:
    """What was done about bands, each once, in order."""

    def __init__(self) -> None:
        self._notes: dict[tuple[NoteKind, Band], Note] = {}

    def take(self, frame: Frame) -> None:
        for note in frame.notes:
            if note.band is not None:
                self._notes.setdefault((note.kind, note.band), note)

    def listed(self) -> list[Note]:
        return [*self._notes.values()]
