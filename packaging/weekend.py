"""A weekend of fetching in minutes: thousands of days, faults of every kind, and a fetcher that is killed.

A stand-in for the vendor serves made-up days over a socket. A share of its answers goes wrong, in
every way there is; some days it declares and does not have, some are never right, some are empty.
The program `tickreel jobs run` works the queue off and is ended by kill -9 every few seconds. At
the end every day must be right to the last byte, or honestly named, and none that came whole may
have been asked for twice. What was on its last way from the socket to the disk when the fetcher was
killed had not come whole, and may: it is told how many those were.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.faketardis import Request

_TESTS = Path(__file__).resolve().parents[1] / "tests"
_PROGRAM = [sys.executable, "-m", "tickreel"]
_FIRST = date(2023, 1, 1)
_EXCHANGE = "binance-futures"
_SYMBOLS = 10
_LANDING_S = 0.5
"""From the last byte handed to the system to the file on the disk, on a machine under load."""
_LATER_S = 400.0
"""Nothing takes so long: a weekend that is not over by then hangs."""


@dataclass(frozen=True)
class Weekend:
    """What is served: good days, and those that must end with another name."""

    good: dict[str, bytes]
    """CSV text by path."""
    gone: frozenset[str]
    """Declared, and not there."""
    wrong: frozenset[str]
    """There, and never right."""

    def body(self, path: str) -> bytes | None:
        """Give the file of a path."""
        if path in self.gone:
            return None
        if path in self.wrong:
            return gzip.compress(b"exchange,symbol\nno,data\n", mtime=0)
        return gzip.compress(self.good[path], compresslevel=1, mtime=0)


def make_weekend(days: int, seed: int) -> Weekend:
    """Make up *days* dataset-days: trades and books of ten symbols, one in a hundred empty, gone or wrong."""
    dice = Random(seed)
    good: dict[str, bytes] = {}
    gone, wrong = set(), set()
    for number in range(days):
        symbol = f"S{number % _SYMBOLS}USDT"
        data_type = ("trades", "incremental_book_L2")[number // _SYMBOLS % 2]
        day = _FIRST + timedelta(days=number // (2 * _SYMBOLS))
        path = f"{_EXCHANGE}/{data_type}/{day:%Y/%m/%d}/{symbol}.csv.gz"
        fate = dice.random()
        if fate < 0.005:
            gone.add(path)
        elif fate < 0.01:
            wrong.add(path)
        else:
            good[path] = _text(data_type, symbol, day, 0 if fate < 0.02 else 400, dice)
    return Weekend(good, frozenset(gone), frozenset(wrong))


def _text(data_type: str, symbol: str, day: date, rows: int, dice: Random) -> bytes:
    from tickreel.market.types import SCHEMAS, DataType

    start_us = (day - date(1970, 1, 1)).days * 86_400_000_000
    lines = [SCHEMAS[DataType(data_type)].header]
    local_us = start_us + 1_000
    for row in range(rows):
        local_us += dice.randrange(1, 2 * 86_000_000_000 // rows)
        local_us = min(local_us, start_us + 86_400_000_000 - rows + row)
        head = f"{_EXCHANGE},{symbol},{local_us - 500},{local_us}"
        price = 60_000 + dice.randrange(-100, 100) / 10
        price_text = f"{price:.1f}".removesuffix(".0")
        if data_type == "trades":
            lines.append(
                f"{head},{row},{dice.choice(['buy', 'sell'])},{price_text},0.{dice.randrange(1, 10)}"
            )
        else:
            side = "bid" if row % 2 else "ask"
            flag = "true" if row < 2 else "false"
            lines.append(f"{head},{flag},{side},{price_text},{dice.randrange(0, 9)}.5")
    return ("\n".join(lines) + "\n").encode()


def main() -> int:
    """Run it and give 1 when anything is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=2_000, help="dataset-days to fetch (default 2000)")
    parser.add_argument("--faults", type=float, default=0.05, help="share of answers that go wrong")
    parser.add_argument("--kill-every", type=float, default=6.0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    sys.path.insert(0, str(_TESTS))
    from support.faketardis import CURABLE, FakeTardis, Fault, Kind, MadeSource

    weekend = make_weekend(args.days, args.seed)
    paths = [*weekend.good, *weekend.gone, *weekend.wrong]
    kinds = [kind for kind in CURABLE if kind is not Kind.TOO_MANY]
    # Where the vendor names no wait a program waits a minute, which is not what is tried here.
    faults = [*kinds, Fault(Kind.TOO_MANY, retry_after_s=1)]
    with tempfile.TemporaryDirectory(prefix="tickreel-weekend-") as folder:
        source = MadeSource(paths, weekend.body)
        with FakeTardis(source) as fake:
            fake.faulty(args.faults, faults, seed=args.seed)
            environ = {
                **os.environ,
                "TICKREEL_HOME": str(Path(folder) / "home"),
                "TICKREEL_TARDIS_API_URL": fake.api_url,
                "TICKREEL_TARDIS_DATASETS_URL": fake.datasets_url,
                "TICKREEL_SILENCE_TIMEOUT_S": "2",
                "TARDIS_API_KEY": "secret",
            }
            run = _Run(environ, args.kill_every, Random(args.seed))
            run.submit(args.days)
            run.work()
            twice, in_flight = _sent_twice(fake.requests, weekend, run.killed_s)
            problems = twice + _look(weekend, run)
            answers = Counter(str(request.fault) for request in fake.requests if request.fault)
    _report(args, run, weekend, answers, problems, in_flight)
    return 1 if problems else 0


class _Run:
    """The program under test, started and killed again and again."""

    def __init__(self, environ: dict[str, str], kill_every_s: float, dice: Random) -> None:
        self._environ = environ
        self._kill_every_s = kill_every_s
        self._dice = dice
        self.killed_s: list[float] = []
        """When it was killed, in seconds since the epoch."""
        self.peaks: list[int] = []
        """Greatest memory of each life of the program, in bytes."""
        self.seconds = 0.0

    def tickreel(self, *words: str, good: Sequence[int] = (0,)) -> str:
        """Run one command to its end."""
        done = subprocess.run(
            [*_PROGRAM, *words], env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode not in good:
            raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def submit(self, days: int) -> None:
        """Queue everything, by a fetch that is killed as soon as its job is there."""
        last = _FIRST + timedelta(days=(days - 1) // (2 * _SYMBOLS) + 1)
        symbols = ",".join(f"S{number}USDT" for number in range(_SYMBOLS))
        words = ("fetch", _EXCHANGE, symbols, "trades,incremental_book_L2", str(_FIRST), str(last), "--quiet")
        fetcher = subprocess.Popen([*_PROGRAM, *words], env=self._environ, stdout=subprocess.DEVNULL)
        while not json.loads(self.tickreel("jobs", "list", "--json")):
            time.sleep(0.2)
        self._kill(fetcher)

    def work(self) -> None:
        """Let the queue be worked off, killing whoever does it."""
        began_s = time.monotonic()
        while True:
            fetcher = subprocess.Popen([*_PROGRAM, "jobs", "run", "--quiet"], env=self._environ)
            until_s = time.monotonic() + self._kill_every_s * self._dice.uniform(0.5, 1.5)
            peak = 0
            while fetcher.poll() is None and time.monotonic() < until_s:
                try:
                    peak = max(peak, psutil.Process(fetcher.pid).memory_info().rss)
                except psutil.NoSuchProcess:
                    break
                time.sleep(0.05)
            self.peaks.append(peak)
            self.seconds = time.monotonic() - began_s
            if fetcher.poll() is not None:
                if fetcher.returncode not in (0, 1):  # 1: some days failed, as they must
                    raise RuntimeError(f"jobs run ended with {fetcher.returncode}")
                return
            if self.seconds > _LATER_S:
                self._kill(fetcher)
                raise RuntimeError(f"it is not over after {self.seconds:.0f} s")
            self._kill(fetcher)

    def _kill(self, fetcher: subprocess.Popen[Any]) -> None:
        fetcher.send_signal(signal.SIGKILL)
        fetcher.wait()
        self.killed_s.append(time.time())


def _sent_twice(
    requests: Sequence[Request], weekend: Weekend, killed_s: Sequence[float]
) -> tuple[list[str], int]:
    """List the good days that were sent whole again after they had come; count those that were in flight."""
    ends: dict[str, list[float]] = {}
    for request in requests:
        if request.is_complete and request.ended_s is not None and request.name in weekend.good:
            ends.setdefault(request.name, []).append(request.ended_s)
    problems, in_flight = [], 0
    for path, times in ends.items():
        for end_s in sorted(times)[:-1]:
            if any(0 <= kill_s - end_s <= _LANDING_S for kill_s in killed_s):
                in_flight += 1
            else:
                problems.append(f"{path}: came whole, and was asked for again")
    return problems, in_flight


def _look(weekend: Weekend, run: _Run) -> list[str]:
    """Hold what is stored against what was served."""
    problems = []
    held = {_path(day): day for day in json.loads(run.tickreel("datasets", "--days", "--json"))}
    for path, text in weekend.good.items():
        day = held.get(path)
        if day is None or day["state"] != "present":
            problems.append(f"{path}: {None if day is None else day['state']}")
            continue
        if day["rows"] != text.count(b"\n") - 1:
            problems.append(f"{path}: {day['rows']} rows")
    problems += _compare_rows(weekend, run)
    (job,) = json.loads(run.tickreel("jobs", "list", "--json"))
    shown = json.loads(run.tickreel("jobs", "show", str(job["id"]), "--json"))
    failed = {_path(item): item for item in shown["items"] if item["state"] != "done"}
    for path in weekend.gone | weekend.wrong:
        item = failed.pop(path, None)
        if item is None or item["state"] != "failed" or not item["reason"]:
            problems.append(f"{path}: not named as failed")
        elif path in weekend.wrong and not (item["evidence"] and Path(item["evidence"]).exists()):
            problems.append(f"{path}: no evidence kept")
    problems += [f"{path}: {item['state']}: {item['reason']}" for path, item in failed.items()]
    run.tickreel("cache", "verify", "--json")
    return problems


def _compare_rows(weekend: Weekend, run: _Run) -> list[str]:
    """Read every dataset as CSV and compare it with the files, day after day."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for path in sorted(weekend.good):
        _, data_type, *_, name = path.split("/")
        wanted.setdefault((name.removesuffix(".csv.gz"), data_type), []).append(path)
    problems = []
    for (symbol, data_type), paths in wanted.items():
        words = ("rows", _EXCHANGE, symbol, data_type, "2023-01-01", "2024-01-01", "--allow-missing")
        got = run.tickreel(*words).splitlines()
        expected = [line for path in paths for line in weekend.good[path].decode().splitlines()[1:]]
        if got[1:] != expected:
            problems.append(f"{symbol} {data_type}: the rows differ from those that were served")
    return problems


def _path(day: dict[str, Any]) -> str:
    return f"{day['exchange']}/{day['type']}/{day['day'].replace('-', '/')}/{day['symbol']}.csv.gz"


def _report(
    args: argparse.Namespace,
    run: _Run,
    weekend: Weekend,
    answers: Counter[str],
    problems: list[str],
    in_flight: int,
) -> None:
    peaks = sorted(peak for peak in run.peaks if peak)
    print(f"{args.days} dataset-days in {run.seconds:.0f} s, the fetcher killed {len(run.killed_s)} times")
    print(
        f"{len(weekend.good)} good, {len(weekend.gone)} declared and gone, {len(weekend.wrong)} never right"
    )
    print(
        f"{sum(answers.values())} answers went wrong: "
        + ", ".join(f"{n} {k}" for k, n in answers.most_common())
    )
    if peaks:
        mebibytes = [peak / 2**20 for peak in peaks]
        print(f"greatest memory of its lives: {mebibytes[0]:.0f} to {mebibytes[-1]:.0f} MiB")
    print(f"{in_flight} files were on their way from the socket to the disk at a kill, and came again")
    print(
        "\n".join(problems[:50])
        or "every day is right or honestly named, and none that had come was asked for again"
    )


if __name__ == "__main__":
    sys.exit(main())
