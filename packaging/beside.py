"""A replay with analyses that stream beside it, and without: what they cost it.

A generated day is played in turns with and without analyses, frame by frame as a window asks for them, at
1000x and as fast as it goes. The analyses are asked for every few seconds of market time, of a stand-in for
a model's server in a process of its own, which streams its answers in many pieces. Told are the frames a
second, how long each took until it was there, and the speed; of each the median of the rounds, and with
over without. Nothing fails by it: figures depend on what else the machine does, whose load is told as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

_TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(0, str(_TESTS))

from support.fakechat import FakeChat, answer_of  # noqa: E402

from tickreel.analysis import Keep, LiveSetup, Outcome, opened_live, parse_triggers  # noqa: E402
from tickreel.bench.generator import write_day  # noqa: E402
from tickreel.replay import PlaybackClock, Replay, Views  # noqa: E402
from tickreel.store import open_cache  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.fakechat import Request, Wire

    from tickreel.store import Cache

_TRIGGERS = "seconds=10,spread=5,sweep"
_FRAME_S = 1 / 60
_BUDGET_S = 0.05
_PIECES = 150
_ANSWER_S = 2.0
_SETTINGS = {
    "TICKREEL_LLM_CALLS_PER_MINUTE": "6000",
    "TICKREEL_LLM_CONCURRENCY": "4",
    "TICKREEL_LLM_CAP_CALL_USD": "100",
    "TICKREEL_LLM_CAP_SESSION_USD": "1000",
    "TICKREEL_LLM_CAP_DAY_USD": "1000",
}


async def _reply(request: Request, wire: Wire) -> None:
    """Stream an answer slowly and in small pieces, as a model does."""
    text = answer_of(request)
    await wire.head()
    size = max(1, -(-len(text) // _PIECES))
    for start in range(0, len(text), size):
        await wire.text(text[start : start + size])
        await asyncio.sleep(_ANSWER_S / _PIECES)
    await wire.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    await wire.event({"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": 150}})
    await wire.event("[DONE]")
    await wire.end()


@contextmanager
def _server() -> Iterator[str]:
    """Run the stand-in in another process, and give its address."""
    words = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


async def _play(
    cache: Cache, symbol: tuple[str, str], day: str, speed: float | None, seconds: float, *, is_analysed: bool
) -> dict[str, Any]:
    replay = Replay(cache, [symbol], f"{day}T00:10", f"{day}T23:50")
    replay.show(Views(imbalance_levels=5))
    await asyncio.to_thread(replay.seek, replay.start_us)
    answers = 0

    def count(event: object) -> None:
        nonlocal answers
        answers += getattr(event, "outcome", None) is Outcome.DONE

    async with AsyncExitStack() as stack:
        live = None
        if is_analysed:
            setup = LiveSetup(parse_triggers(_TRIGGERS), 60.0, Keep.NEWEST)
            live = await stack.enter_async_context(
                opened_live(cache, setup, replay=replay, model="gpt-4.1", on_event=count)
            )
        clock = PlaybackClock(replay.at_us, replay.end_us - 1, speed)
        clock.play()
        costs_s: list[float] = []
        rows = passed_us = 0
        began_s = now_s = time.perf_counter()
        while now_s - began_s < seconds:
            if replay.is_end:
                frame = await asyncio.to_thread(replay.seek, replay.start_us)
                clock.jump(replay.at_us)
                if live is not None:
                    live.take(frame)
            before_us = replay.at_us
            frame = await asyncio.to_thread(
                replay.advance, max(clock.due_us(), replay.at_us), budget_s=_BUDGET_S
            )
            clock.reached(replay.at_us)
            rows, passed_us = rows + frame.rows_since, passed_us + replay.at_us - before_us
            if live is not None:
                live.take(frame)
            costs_s.append(time.perf_counter() - now_s)
            if speed is not None:
                await asyncio.sleep(max(_FRAME_S - costs_s[-1], 0))
            now_s = time.perf_counter()
        took_s = now_s - began_s
        counts = {} if live is None else dict(live.counts)
    centiles = quantiles(costs_s, n=100)
    return {
        "frames_per_s": len(costs_s) / took_s,
        "frame_p50_ms": centiles[49] * 1e3,
        "frame_p99_ms": centiles[98] * 1e3,
        "rows_per_s": rows / took_s,
        "speed": passed_us / 1e6 / took_s,
        "answers_per_s": answers / took_s,
        "skipped_per_s": counts.get(Outcome.SKIPPED, 0) / took_s,
    }


def _run(rows: int, rounds: int, seconds: float) -> dict[str, Any]:
    report: dict[str, Any] = {"rows": rows, "rounds": rounds, "load_before": os.getloadavg()[0]}
    with (
        tempfile.TemporaryDirectory() as folder,
        _server() as url,
        open_cache(Path(folder) / "home") as cache,
    ):
        os.environ |= _SETTINGS | {"TICKREEL_LLM_BASE_URL": url}
        made = write_day(Path(folder), rows)
        for file in (made.book, made.trades):
            cache.import_file(file.path, type=file.key.type)
        key = made.book.key
        for speed in (1000.0, None):
            found: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
            for number in range(rounds + 1):
                for is_analysed in (False, True):
                    work = _play(
                        cache,
                        (key.exchange, key.symbol),
                        f"{made.book.day}",
                        speed,
                        seconds,
                        is_analysed=is_analysed,
                    )
                    told = asyncio.run(work)
                    if number:  # the first warms caches and compiles
                        found[is_analysed].append(told)
            sums = {
                name: {key: median(one[key] for one in found[is_so]) for key in found[is_so][0]}
                for name, is_so in (("without", False), ("with", True))
            }
            ratios = {key: sums["with"][key] / value for key, value in sums["without"].items() if value}
            report["max" if speed is None else f"{speed:g}x"] = sums | {"with_over_without": ratios}
    return report | {"load_after": os.getloadavg()[0]}


def main() -> int:
    """Run it, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        with FakeChat(_reply) as fake:
            print(fake.url, flush=True)
            sys.stdin.read()
        return 0
    print(json.dumps(_run(args.rows, args.rounds, args.seconds), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
