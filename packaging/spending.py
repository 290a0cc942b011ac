"""Ten thousand windows analysed by several programs at once, under a cap that is too small for them.

A stand-in for a model's server answers over a socket, and a share of its answers goes wrong. The programs
share one home and its cap for a day, and one of them is ended by kill -9. At the end the ledger must lie
within the cap, and so must what the server itself would bill: for every request that it took, whatever
became of the answer.
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
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

_TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(0, str(_TESTS))

from support.fakechat import FakeChat, answer_of  # noqa: E402
from support.snapshots import snapshot  # noqa: E402

from tickreel.analysis import CallFailed, CapReached, opened_service  # noqa: E402
from tickreel.analysis.calls import CallState  # noqa: E402
from tickreel.analysis.caps import Caps  # noqa: E402
from tickreel.analysis.ledger import Ledger  # noqa: E402
from tickreel.analysis.prices import BUILT_IN, NANO  # noqa: E402
from tickreel.store import open_cache  # noqa: E402

if TYPE_CHECKING:
    from support.fakechat import Request, Wire

_MODEL = "gpt-4.1"
_PER_CALL = 4
_AT_ONCE = 16
_ROUND = _PER_CALL * _AT_ONCE
_PROGRAMS = 4


class Server:
    """Answers, fails, and keeps the books that a vendor would keep."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self.billed_nano_usd = 0
        self.answers: Counter[str] = Counter()

    async def reply(self, request: Request, wire: Wire) -> None:
        """Answer one request in one of the ways there are."""
        (kind,) = self._chance.choices(("good", "busy", "broken", "cut", "uncounted"), (80, 8, 4, 4, 4))
        self.answers[kind] += 1
        if kind in ("busy", "broken"):
            await wire.head(429 if kind == "busy" else 500, "text/plain", Retry_After="0")
            await wire.end()
            return
        text = answer_of(request)
        if kind == "cut":
            text = text[: len(text) // 2]
        tokens = len(request.raw) // 4, len(text) // 4
        self.billed_nano_usd += BUILT_IN[_MODEL].nano_usd(*tokens)
        await wire.head()
        await wire.text(text)
        if kind == "cut":
            wire.cut()
            return
        await wire.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        if kind == "good":
            await wire.event({"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}})
        await wire.event("[DONE]")
        await wire.end()


async def _analyse(first: int, last: int) -> Counter[str]:
    """Analyse some windows as one of the programs; a refused round does not keep it from the next."""
    became: Counter[str] = Counter()
    with open_cache() as cache:
        async with opened_service(cache) as service:
            for start in range(first, last, _ROUND):
                numbers = range(start, min(start + _ROUND, last))
                seen = (snapshot(number, spread_mean=number / 8, trades=number) for number in numbers)
                came = 0
                try:
                    async for _ in service.batch(seen, per_call=_PER_CALL):
                        came += 1
                except (CapReached, CallFailed) as error:
                    became[type(error).__name__] += 1
                became["windows"] += came
    return became


def _run(windows: int, cap_usd: float) -> dict[str, Any]:
    server = Server(7)
    share = -(-windows // _PROGRAMS)
    with tempfile.TemporaryDirectory() as folder, FakeChat(server.reply) as fake:
        home = Path(folder) / "home"
        environ = os.environ | {
            "TICKREEL_HOME": str(home),
            "TICKREEL_LLM_BASE_URL": fake.url,
            "TICKREEL_LLM_MODEL": _MODEL,
            "TICKREEL_LLM_CAP_DAY_USD": str(cap_usd),
            "TICKREEL_LLM_CAP_SESSION_USD": "1000",
            "TICKREEL_LLM_ANSWER_TOKENS": "100",
            "TICKREEL_LLM_CONCURRENCY": str(_AT_ONCE),
            "TICKREEL_LLM_CALLS_PER_MINUTE": "6000",
        }
        with open_cache(home):
            pass
        began_s = time.monotonic()
        programs = [
            subprocess.Popen(
                [sys.executable, __file__, "--part", str(n * share), str(min((n + 1) * share, windows))],
                env=environ,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(_PROGRAMS)
        ]
        while len(fake.requests) < windows // _PER_CALL // 8:
            time.sleep(0.01)
        programs[0].kill()
        told = [program.communicate()[0] for program in programs[1:]]
        became = sum((Counter(json.loads(text)) for text in told), Counter())
        with open_cache(home) as cache:
            database = cache.connect()
            ledger = Ledger(database, Caps(NANO, NANO, NANO), cache.disk.now_us)
            spent, calls = ledger.spend().day, ledger.calls(limit=windows * 10)
            database.close()
    states = Counter(call.state for call in calls)
    return {
        "windows": windows,
        "windows_of_living_programs": became["windows"],
        "requests": len(fake.requests),
        "answers": dict(server.answers),
        "calls": {state.value: states[state] for state in CallState},
        "rounds_refused": became["CapReached"],
        "cap_usd": cap_usd,
        "ledger_usd": spent / NANO,
        "billed_usd": server.billed_nano_usd / NANO,
        "seconds": round(time.monotonic() - began_s, 1),
        "is_kept": server.billed_nano_usd <= spent <= cap_usd * NANO,
        "is_reached": became["CapReached"] > 0,
    }


def main() -> int:
    """Run it, and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=10_000)
    parser.add_argument("--cap-usd", type=float, default=8.0)
    parser.add_argument("--part", type=int, nargs=2, metavar=("FIRST", "LAST"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        print(json.dumps(asyncio.run(_analyse(*args.part))))
        return 0
    report = _run(args.windows, args.cap_usd)
    print(json.dumps(report, indent=2))
    return 0 if report["is_kept"] and report["is_reached"] else 1


if __name__ == "__main__":
    sys.exit(main())
