"""Analyses along ``tickreel replay``: asked for while it plays, finished after it, and part of its sum."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import tell
from tickreel.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tickreel.analysis import Landed, LiveAnalyses, LiveSetup
    from tickreel.cli.progress import Progress
    from tickreel.replay import Frame, Replay
    from tickreel.store import Cache

USAGE = "[--analyze TRIGGERS [--window SECONDS] [--keep all|newest] [--model M]] [--record N]"
_LOOK_S = 0.1
"""Between two looks at progress and Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be analysed along a replay."""

    setup: LiveSetup | None
    """None where the record says it."""
    model: str | None
    record: int | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments about analyses."""
    parser.add_argument(
        "--analyze",
        metavar="TRIGGERS",
        help="analyse beside the replay, such as seconds=60,spread=5: "
        "messages=N, seconds=N, spread=BPS, sweep, health",
    )
    parser.add_argument("--window", metavar="SECONDS", help="length of what is analysed (60)")
    parser.add_argument(
        "--keep",
        choices=("all", "newest"),
        help="what becomes of windows that come faster than they are answered: all wait, also after the "
        "replay, or the newest of each symbol (all)",
    )
    parser.add_argument("--model", metavar="M", help="a model, or offline (else what is set, else offline)")
    parser.add_argument(
        "--record", metavar="N", help="send nothing: the answers are those of a record of an earlier replay"
    )


def wish_of(args: argparse.Namespace) -> Wish | None:
    """Read what is to be analysed; None where nothing is.

    Raises:
        UsageError: one of the options cannot be read, or does not go with another.
    """
    if args.analyze is None:
        alone = [name for name in ("window", "keep", "model") if getattr(args, name) is not None]
        if alone:
            raise UsageError(f"--{alone[0]} belongs to --analyze, which says when something is analysed")
        return None if args.record is None else Wish(None, None, _number(args.record))
    if args.record is not None:
        raise UsageError("a record says itself what is analysed, and when: leave --analyze out")
    from tickreel.analysis import Keep, LiveSetup, parse_triggers  # of no use to most replays

    window_s = 60.0 if args.window is None else _seconds(args.window)
    setup = LiveSetup(parse_triggers(args.analyze), window_s, Keep(args.keep or Keep.ALL))
    return Wish(setup, args.model, None)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--window {text}: write seconds, such as 60") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"--record {text}: write the number of one; `tickreel llm records` lists them")
    return int(text)


async def play_along(
    cache: Cache,
    session: Replay,
    wish: Wish,
    frames_of: Callable[[bool], Iterator[Frame]],
    on_frame: Callable[[Frame], object],
    progress: Progress,
) -> tuple[float, dict[str, Any]]:
    """Play a session and analyse along; give the seconds that it played, and what came of the analyses.

    *frames_of* plays it, with or without series. Whoever cancels closes what is under way.
    """
    from tickreel.analysis import Landed, opened_live

    landed: list[Landed] = []

    def note(event: object) -> None:
        if isinstance(event, Landed):
            landed.append(event)

    async with opened_live(
        cache, wish.setup, replay=session, model=wish.model, record=wish.record, on_event=note
    ) as live:
        frames = frames_of(live.needs_series)
        began_s = time.perf_counter()
        while (frame := await asyncio.to_thread(next, frames, None)) is not None:
            live.take(frame)
            on_frame(frame)
        played_s = time.perf_counter() - began_s
        draining = asyncio.ensure_future(live.drain())
        try:
            while not draining.done():
                left = len(live.under_way) + len(live.waiting)
                progress.report(len(landed), len(landed) + left, f"{left} windows are still to be answered")
                await asyncio.wait([draining], timeout=_LOOK_S)
            draining.result()
        finally:
            draining.cancel()
    if live.halted is not None:
        progress.clear()
        tell(f"the replay was played to its end, the analyses were not: {live.halted}")
    return played_s, _form(live, wish, landed)


def _form(live: LiveAnalyses, wish: Wish, landed: list[Landed]) -> dict[str, Any]:
    from tickreel.analysis import Outcome

    return {
        "record": wish.record if live.record_id is None else live.record_id,
        "from_record": wish.record is not None,
        "model": live.model,
        **live.setup.to_form(),
        **{outcome.value: live.counts.get(outcome, 0) for outcome in Outcome},
        "merged": live.merged,
        "halted": live.halted,
        "spent_usd": live.spent_usd,
        "windows": [one.to_form() for one in sorted(landed, key=lambda one: (one.ask.to_us, one.ask.number))],
    }
