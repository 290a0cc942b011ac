"""Everything at once for half an hour, while things fail; then store, processes and memory are looked at.

A home holds the sample. Programs of every kind work on it side by side, again and again, and are ended by
kill -9 at random: fetching from a stand-in for the vendor whose answers go wrong, replays with random seeks,
backtests and sweeps, analyses that stream from a stand-in for a model's server, eviction under a quota, days
put into a shared cache that goes away and comes back, and the window, offscreen. Whatever a program was not
killed in ends well, or with one sentence. One reader goes on from start to end: its memory, files and threads
must not grow, and books that it comes to again must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.redisserver import RedisServer
    from weekend import Weekend

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests"), str(Path(__file__).resolve().parent)]

_PROGRAM = (sys.executable, "-m", "tickreel")
_BTC = "tickreel-sim:BTCUSDT"
_FROM, _TO = "2025-03-14T15:00", "2025-03-14T15:02"
_DAYS = 400
_ROOM_BYTES = 500_000
_KILLED = 0.3
"""Of the programs that are started, so many are ended before they end."""
_LONGEST_S = 240.0
"""A program that takes longer hangs."""
_GROWTH_BYTES = 40_000_000
_CLEAR_ENDS = (0, 1)
"""How a program ends that did what it should, or told why it could not; 2 and others are mistakes of ours."""


@dataclass(slots=True)
class Actor:
    """One kind of program, done over and over, and how it ended each time."""

    name: str
    words: Sequence[Sequence[str]]
    pause_s: float = 0.2
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Soak:
    """The programs, the servers around them, and what was seen."""

    def __init__(self, environ: dict[str, str], seed: int, ends_s: float) -> None:
        self._environ = environ
        self._seed = seed
        self._ends_s = ends_s

    def work(self, actor: Actor) -> None:
        """Do what an actor does until the time is over."""
        dice = Random(f"{self._seed}:{actor.name}")
        while time.monotonic() < self._ends_s:
            self._once(actor, dice)
            time.sleep(actor.pause_s * dice.uniform(0.5, 2))

    def _once(self, actor: Actor, dice: Random) -> None:
        words = dice.choice(actor.words)
        is_killed = dice.random() < _KILLED
        # A group of its own: what it started dies with it only as it would at a real kill, by itself.
        with tempfile.TemporaryFile() as said:
            program = subprocess.Popen(
                words, env=self._environ, stdout=subprocess.DEVNULL, stderr=said, stdin=subprocess.DEVNULL
            )
            try:
                code = program.wait(dice.uniform(0.2, 12) if is_killed else _LONGEST_S)
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGKILL)
                program.wait()
                actor.ends["killed" if is_killed else "hung"] += 1
                if not is_killed:
                    actor.wrong.append(f"{' '.join(words[2:])}: took over {_LONGEST_S:.0f} s")
                return
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        if code not in _CLEAR_ENDS or "Traceback" in text:
            actor.wrong.append(f"{' '.join(words[2:])}: exit {code}: {text[-1_500:]}")
        actor.ends["well" if code == 0 else "told" if code == 1 else "wrong"] += 1

    def disturb(self, server: RedisServer) -> int:
        """Let the shared cache go away and come back until the time is over; give how often."""
        dice, times = Random(self._seed), 0
        while time.monotonic() < self._ends_s:
            time.sleep(dice.uniform(4, 12))
            server.kill()
            time.sleep(dice.uniform(0.5, 4))
            server.start()
            times += 1
        return times


def read_on(home: str, seed: int) -> int:
    """Replay the sample with random seeks until stdin ends, and tell what each round left behind."""
    from tickreel import Replay, open_cache
    from tickreel.market.time import parse_instant

    begin_us, end_us = parse_instant("2025-03-14T15:00"), parse_instant("2025-03-14T15:50")
    dice, known = Random(seed), dict[int, str]()
    places = [begin_us + 1_000_000 * dice.randrange(2_900) for _ in range(12)]
    exchange, _, symbol = _BTC.partition(":")
    process = psutil.Process()
    while True:
        wrong = 0
        with (
            open_cache(home) as cache,
            closing(Replay(cache, [(exchange, symbol)], begin_us, end_us)) as session,
        ):
            for _ in range(20):
                at_us = dice.choice(places)
                session.seek(at_us)
                digest = session.book(exchange, symbol).state_hash()
                wrong += known.setdefault(at_us, digest) != digest
                session.advance(min(at_us + 20_000_000, end_us - 1))
        size, files, threads = process.memory_info().rss, process.num_fds(), process.num_threads()
        told = {"rss": size, "files": files, "threads": threads, "wrong": wrong}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
        if _is_over():
            return 0
        time.sleep(0.5)


def _is_over() -> bool:
    """Tell whether whoever started this process wants it to end."""
    import select

    return bool(select.select([sys.stdin], [], [], 0)[0])


def _actors(home: Path, folder: Path) -> list[Actor]:
    def cli(*words: str) -> tuple[str, ...]:
        return (*_PROGRAM, *words, "--quiet")

    span = (_BTC, _FROM, _TO)
    window = (sys.executable, "-m", "tickreel_desktop", "--home", str(home))
    shots = ("--screenshot", str(folder / "shots"), "--play", "3", "--exit")
    link = "tickreel://replay/tickreel-sim/BTCUSDT?at=2025-03-14T15:01&speed=100"
    types, days = "trades,incremental_book_L2", ("2023-01-01", "2023-01-20")
    fetches = [cli("fetch", "binance-futures", f"S{number}USDT", types, *days) for number in range(10)]
    ends = (_TO, "2025-03-14T15:10")
    return [
        Actor("fetch", [cli("jobs", "run"), *fetches]),
        Actor(
            "replay",
            [cli("replay", "tickreel-sim", "BTCUSDT", _FROM, end) for end in ends],
        ),
        Actor("backtest", [cli("backtest", name, *span) for name in ("market_maker", "imbalance_taker")]),
        Actor(
            "sweep", [cli("sweep", "market_maker", *span, "--grid", "amount=0.1,0.2", "--workers", "2")], 4
        ),
        Actor("analyze", [cli("analyze", "tickreel-sim", "BTCUSDT", _FROM, _TO)]),
        Actor("evict", [(*_PROGRAM, "cache", "evict")], 3),
        Actor("warm", [cli("warm", "tickreel-sim", "BTCUSDT", "trades", "2025-03-14", "2025-03-15")], 1),
        Actor("window", [(*window, "--open", link, *shots)], 2),
    ]


def main() -> int:
    """Let it all go on for so long, then look; 1 when anything is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default 30)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", metavar="HOME", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.reader:
        return read_on(args.reader, args.seed)
    from support.fakechat import FakeChat, streams
    from support.faketardis import CURABLE, FakeTardis, Fault, Kind, MadeSource
    from support.redisserver import RedisServer
    from weekend import make_weekend

    weekend = make_weekend(_DAYS, args.seed)
    source = MadeSource([*weekend.good, *weekend.gone, *weekend.wrong], weekend.body)
    faults = [*(kind for kind in CURABLE if kind is not Kind.TOO_MANY), Fault(Kind.TOO_MANY, retry_after_s=1)]
    with (
        tempfile.TemporaryDirectory(prefix="tickreel-soak-") as name,
        FakeTardis(source) as fake,
        FakeChat(streams()) as chat,
        RedisServer() as server,
    ):
        home = Path(name) / "home"
        fake.faulty(0.05, faults, seed=args.seed)
        environ = os.environ | {
            "TICKREEL_HOME": str(home),
            "TICKREEL_TARDIS_API_URL": fake.api_url,
            "TICKREEL_TARDIS_DATASETS_URL": fake.datasets_url,
            "TICKREEL_SILENCE_TIMEOUT_S": "2",
            "TARDIS_API_KEY": "secret",
            "TICKREEL_LLM_BASE_URL": chat.url,
            "TICKREEL_LLM_MODEL": "gpt-4.1",
            "TICKREEL_LLM_API_KEY": "secret",
            "TICKREEL_LLM_CAP_DAY_USD": "1000",
            "TICKREEL_REDIS_URL": server.url,
            "QT_QPA_PLATFORM": "offscreen",
        }
        _run(environ, "sample")
        # Little more than the sample takes: what is fetched has to make room for what is fetched later.
        held_bytes = sum(path.stat().st_size for path in (home / "segments").rglob("*") if path.is_file())
        environ["TICKREEL_QUOTA_BYTES"] = str(held_bytes + _ROOM_BYTES)
        before = {one.pid for one in psutil.Process().children(recursive=True)}
        reader_words = [sys.executable, __file__, "--reader", str(home), "--seed", str(args.seed)]
        with tempfile.TemporaryFile("w+") as told:
            reader = subprocess.Popen(reader_words, env=environ, stdin=subprocess.PIPE, stdout=told)
            soak = Soak(environ, args.seed, time.monotonic() + 60 * args.minutes)
            actors = _actors(home, Path(name))
            threads = [threading.Thread(target=soak.work, args=(actor,)) for actor in actors]
            for thread in threads:
                thread.start()
            outages = soak.disturb(server)
            for thread in threads:
                thread.join()
            reader.communicate(b"\n", timeout=_LONGEST_S)
            told.seek(0)
            rounds = [json.loads(line) for line in told]
        problems = [f"{actor.name}: {one}" for actor in actors for one in actor.wrong]
        problems += _look_at_reader(rounds, reader.returncode)
        problems += _look_at_processes(before)
        problems += _look_at_store(environ, home)
        problems += _look_at_rows(environ, weekend)
        _report(args.minutes, actors, rounds, outages, problems)
    return 1 if problems else 0


def _run(environ: dict[str, str], *words: str, good: Sequence[int] = (0,)) -> str:
    done = subprocess.run([*_PROGRAM, *words], env=environ, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def _look_at_reader(rounds: list[dict[str, int]], code: int) -> list[str]:
    """See that what goes on for long does not grow, and comes to the same books."""
    problems = [f"the reader ended with {code}"] if code else []
    if len(rounds) < 6:
        return [*problems, f"the reader came to {len(rounds)} rounds, too few to tell whether it grows"]
    if wrong := sum(one["wrong"] for one in rounds):
        problems.append(f"{wrong} books differ from what they were before")
    third = len(rounds) // 3
    for what, most in (("rss", _GROWTH_BYTES), ("files", 2), ("threads", 2)):
        parts = (rounds[third:-third], rounds[-third:])
        first, last = (statistics.median(one[what] for one in part) for part in parts)
        if last - first > most:
            problems.append(f"the reader's {what} grew from {first:,.0f} to {last:,.0f}")
    return problems


def _look_at_processes(before: set[int]) -> list[str]:
    """See that every process that was started is gone, also those whose parents were killed."""
    ends_s = time.monotonic() + 20
    while True:
        left = []
        for one in psutil.process_iter(["pid", "cmdline", "environ", "status"]):
            words = " ".join(one.info["cmdline"] or ())
            is_ours = "tickreel-soak-" in ((one.info["environ"] or {}).get("TICKREEL_HOME") or "")
            if is_ours and one.pid not in before and one.info["status"] != psutil.STATUS_ZOMBIE:
                left.append(f"process {one.pid} is left: {words[:150]}")
        if not left or time.monotonic() > ends_s:
            return left
        time.sleep(0.5)


def _look_at_store(environ: dict[str, str], home: Path) -> list[str]:
    """Hold every byte against its checksums, and see that nothing half done is left in the home."""
    problems = []
    environ = environ | {"TICKREEL_TIERS": "local"}
    _run(environ, "datasets")  # the start that clears what the dead left
    words = [*_PROGRAM, "cache", "verify", "--deep", "--json"]
    verified = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    if verified.returncode:
        problems.append(f"the store is not sound: {verified.stdout[-800:]}{verified.stderr[-800:]}")
    problems += [
        f"a run goes on for ever: {one['id']}" for one in _runs(environ) if one["state"] == "running"
    ]
    problems += [f"left behind: {path}" for path in (home / "staging").iterdir()]
    problems += [f"left behind: {path}" for path in (home / "runs").glob("*.unfinished")]
    return problems


def _look_at_rows(environ: dict[str, str], weekend: Weekend) -> list[str]:
    """See that whatever is held of what was fetched is what was served, line by line and day by day."""
    problems = []
    served: dict[tuple[str, str], set[str]] = {}
    for path, text in weekend.good.items():
        _, data_type, *_, name = path.split("/")
        lines = served.setdefault((name.removesuffix(".csv.gz"), data_type), set())
        lines.update(text.decode().splitlines())
    for (symbol, data_type), lines in served.items():
        words = ("rows", "binance-futures", symbol, data_type, "2023-01-01", "2024-01-01", "--allow-missing")
        got = _run(environ, *words, good=(0, 1)).splitlines()
        if wrong := [line for line in got if line not in lines]:
            problems.append(f"{symbol} {data_type}: {len(wrong)} rows were never served, such as {wrong[0]}")
    return problems


def _runs(environ: dict[str, str]) -> list[dict[str, Any]]:
    listed = json.loads(_run(environ, "runs", "list", "--json"))
    return listed if isinstance(listed, list) else listed["runs"]


def _report(
    minutes: float, actors: list[Actor], rounds: list[dict[str, int]], outages: int, problems: list[str]
) -> None:
    kinds = ("well", "told", "killed", "wrong", "hung")
    print(f"\n{minutes:g} minutes; the shared cache went away {outages} times\n")
    print(f"{'program':12}" + "".join(f"{kind:>9}" for kind in kinds))
    for actor in actors:
        print(f"{actor.name:12}" + "".join(f"{actor.ends[kind]:>9}" for kind in kinds))
    if rounds:
        print(f"\n{'the reader':12}{'rounds':>9}{'memory':>12}{'files':>9}{'threads':>9}")
        for word, one in (("first", rounds[0]), ("last", rounds[-1])):
            print(
                f"{word:12}{len(rounds):>9}{one['rss'] // 2**20:>9} MiB{one['files']:>9}{one['threads']:>9}"
            )
    shown = [re.sub(r"\s*\n\s*", " | ", one)[:700] for one in problems]
    print("\n" + ("\n".join(shown) or "the store is sound, nothing is left over, nothing grew"))


if __name__ == "__main__":
    sys.exit(main())
