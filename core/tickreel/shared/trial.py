"""A test of the way to a shared server, step by step: each with its outcome, and what to do where it fails.

Nothing that is there is touched: values of its own, under a name of its own, go there and are taken away.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from tickreel.market.units import format_duration_s
from tickreel.shared.naming import CHANNEL, FORMAT
from tickreel.shared.server import look_at
from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.shared.clients import Client
    from tickreel.shared.line import Line

_LIVES_S = 60
_LEASE = """
redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('DEL', KEYS[1])
"""


class TrialStep(StrEnum):
    """What is tried, in this order."""

    REACHED = "reached"
    ENCRYPTED = "encrypted"
    SIGNED_IN = "signed in"
    ANSWERS = "answers"
    WRITES = "takes days"
    READS = "gives days"
    LEASES = "grants leases"
    MESSAGES = "tells of changes"
    ROOM = "has room"


class TrialOutcome(StrEnum):
    """What came of a step."""

    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not tried, as an earlier one failed, or not needed."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One step, and what came of it."""

    step: TrialStep
    outcome: TrialOutcome
    told: str = ""
    """What was found, or what is wrong; a sentence or less."""
    advice: str = ""
    """What to do; empty where nothing is to be done."""
    took_s: float | None = None


_FAILS_AT = {
    Trouble.UNREACHABLE: TrialStep.REACHED,
    Trouble.SILENT: TrialStep.REACHED,
    Trouble.CUT: TrialStep.REACHED,
    Trouble.NOT_REDIS: TrialStep.REACHED,
    Trouble.SEVERAL_SERVERS: TrialStep.REACHED,
    Trouble.TLS: TrialStep.ENCRYPTED,
    Trouble.NO_AUTH: TrialStep.SIGNED_IN,
    Trouble.WRONG_PASSWORD: TrialStep.SIGNED_IN,
}
"""The step that a trouble of the first call belongs to; any other is one of answering."""


def try_out(line: Line) -> list[Tried]:
    """Try a line that nothing else uses, each step within a deadline; give all steps in their order.

    The first step that fails ends it, as far as the later ones rest on it.
    """
    began_s = perf_counter()
    try:
        latency_s = line.ping_s()
    except LineFailed as failed:
        return _all_steps(_up_to(line, _FAILS_AT.get(failed.trouble, TrialStep.ANSWERS), failed))
    done = _up_to(line, None, None)
    took_s = perf_counter() - began_s
    done.append(
        Tried(TrialStep.ANSWERS, TrialOutcome.GOOD, f"in {format_duration_s(latency_s)}", took_s=took_s)
    )
    name = f"tickreel:{FORMAT}:{{trial:{os.urandom(8).hex()}}}"
    try:
        done.append(_tried(TrialStep.WRITES, lambda: line.write(lambda client: _put(client, name))))
        if done[-1].outcome is TrialOutcome.GOOD:
            done.append(_tried(TrialStep.READS, lambda: line.read(lambda client: _get(client, name))))
            done.append(_tried(TrialStep.LEASES, lambda: line.write(lambda client: _lease(client, name))))
        done.append(_tried(TrialStep.MESSAGES, lambda: _heard(line)))
    finally:
        _remove(line, name)
    done.append(_room(line))
    return _all_steps(done)


def _up_to(line: Line, failing: TrialStep | None, failed: LineFailed | None) -> list[Tried]:
    """Tell of the steps before the server answered, up to the one that failed."""
    done = []
    for step in (TrialStep.REACHED, TrialStep.ENCRYPTED, TrialStep.SIGNED_IN, TrialStep.ANSWERS):
        if failed is not None and step is failing:
            done.append(Tried(step, TrialOutcome.FAILED, failed.trouble.value, str(failed)))
            break
        if step is TrialStep.ANSWERS:
            break
        if step is TrialStep.ENCRYPTED and not line.address.is_tls:
            done.append(Tried(step, TrialOutcome.SKIPPED, "the address asks for none"))
        else:
            told = str(line.address) if step is TrialStep.REACHED else ""
            done.append(Tried(step, TrialOutcome.GOOD, told))
    return done


def _all_steps(done: list[Tried]) -> list[Tried]:
    """Add the steps that were not tried."""
    by_step = {one.step: one for one in done}
    return [by_step.get(step, Tried(step, TrialOutcome.SKIPPED)) for step in TrialStep]


def _tried(step: TrialStep, work: Callable[[], str]) -> Tried:
    began_s = perf_counter()
    try:
        told = work()
    except LineFailed as failed:
        took_s = perf_counter() - began_s
        return Tried(step, TrialOutcome.FAILED, failed.trouble.value, str(failed), took_s)
    outcome = TrialOutcome.FAILED if told else TrialOutcome.GOOD
    return Tried(step, outcome, told, took_s=perf_counter() - began_s)


def _put(client: Client, name: str) -> str:
    pipe = client.pipeline(transaction=False)
    pipe.set(name, b"tickreel", ex=_LIVES_S)
    pipe.zadd(f"{name}:index", {"1:0": 1})
    pipe.expire(f"{name}:index", _LIVES_S)
    pipe.execute()
    return ""


def _get(client: Client, name: str) -> str:
    pipe = client.pipeline(transaction=False)
    pipe.getrange(name, 0, 100)
    pipe.zrevrangebyscore(f"{name}:index", 1, "-inf", start=0, num=1)
    pipe.zrangebyscore(f"{name}:index", "(0", "(2")
    pipe.exists(name)
    value, last, found, _ = pipe.execute()
    # Where the server drops values at once, what was put a moment ago may have gone.
    return (
        "" if (value, last, found) == (b"tickreel", [b"1:0"], [b"1:0"]) else "what was put there has left it"
    )


def _lease(client: Client, name: str) -> str:
    client.eval(_LEASE, 1, f"{name}:lease", "trial", 1_000 * _LIVES_S)
    return ""


def _heard(line: Line) -> str:
    """Send a message to a channel of its own, and hear it."""
    channel = f"{CHANNEL}:trial:{os.urandom(8).hex()}"

    def ask(client: Client) -> str:
        listener: Any = client.pubsub()
        is_sharded = line.is_cluster
        try:
            (listener.ssubscribe if is_sharded else listener.subscribe)(channel)
            hear = listener.get_sharded_message if is_sharded else listener.get_message
            ends_s = monotonic() + line.timeout_s / 2
            is_sent = False
            while monotonic() < ends_s:
                message = hear(timeout=ends_s - monotonic())
                if message is None:
                    continue
                if message["type"] in ("message", "smessage"):
                    return ""
                if not is_sent:
                    is_sent = True
                    (client.spublish if is_sharded else client.publish)(channel, b"trial")
        finally:
            listener.close()
        return "a message that was sent did not come back"

    return line.read(ask)


def _remove(line: Line, name: str) -> None:
    """Take away what was put there; where that fails it lapses within a minute."""

    def remove(client: Client) -> None:
        pipe = client.pipeline(transaction=False)
        pipe.unlink(name)
        pipe.unlink(f"{name}:index")
        pipe.execute()

    try:
        line.write(remove)
    except LineFailed:
        return


def _room(line: Line) -> Tried:
    facts = look_at(line)
    if facts.trouble is not None:
        return Tried(TrialStep.ROOM, TrialOutcome.FAILED, facts.trouble.value, facts.trouble.advice)
    if facts.version is None and facts.used_bytes is None:
        return Tried(TrialStep.ROOM, TrialOutcome.SKIPPED, "the server keeps its figures to itself")
    outcome = TrialOutcome.WARNING if facts.warnings else TrialOutcome.GOOD
    return Tried(TrialStep.ROOM, outcome, str(facts), " ".join(facts.warnings))
