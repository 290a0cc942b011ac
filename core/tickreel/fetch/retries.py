"""What follows from an answer of the vendor: the day is here, is tried again, or has failed.

Which trouble is worth how many tries is one table. Waits grow as 2^n seconds up to two minutes,
with some chance in them so that many programs do not come back at one moment, unless the vendor
says how long to wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.fetch.states import FetchState
from tickreel.sources.answers import LaterKind
from tickreel.sources.metadata import Coverage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.errors import EnvironmentProblem
    from tickreel.sources.answers import Later
    from tickreel.sources.normalized import ReplayFailed

DISK = "disk"
MACHINE = "machine"
NOT_THERE = "not there"
UNREACHABLE = "unreachable"
WRONG_DATA = "wrong data"
"""Kinds of trouble beside those of :class:`LaterKind`, each counted by itself."""

TRIES: Mapping[LaterKind, int | None] = {
    LaterKind.RATE: None,
    LaterKind.QUOTA: None,
    LaterKind.BLOCKED: 30,
    LaterKind.SERVER: 10,
    LaterKind.TRANSIENT: 10,
    LaterKind.CONNECTION: 1_000,  # a line that is down over a weekend
    LaterKind.STALLED: 10,
    LaterKind.SHORT: 10,
}
"""Tries of one day before it has failed; None = as long as it takes."""
TRIES_OF_WRONG_DATA = 3
"""For files that come whole and are no good."""
TRIES_OF_NOT_THERE = 3
"""For a day that the vendor declares and does not find."""
TRIES_OF_MACHINE = 5
TRIES_OF_UNREACHABLE = 6
"""For a certificate that does not hold or a proxy that refuses: it may be the page of a hotel."""
TRIES_OF_DISK = 30
"""For a disk that is full or gone: an hour, in which somebody may make room."""
LONGEST_WAIT_S = 120.0
_RATE_EXTRA_S = 60.0
"""Beyond the usual wait where the vendor limits without saying for how long."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a day next."""

    state: FetchState
    reason: str
    wait_s: float | None = None
    """How long to wait, for a day that is tried again."""


def wait_s(attempts: int, chance: float) -> float:
    """Give the wait after *attempts* failures; *chance* is a random number from 0 to 1."""
    return min(2.0 ** min(attempts, 30), LONGEST_WAIT_S) + 0.5 * chance


def after_trouble(answer: Later, attempts: int, chance: float) -> Step:
    """Decide after an answer that time may cure.

    Here and below *attempts* counts the failures of that kind, this one as well.
    """
    tries = TRIES[answer.kind]
    if tries is not None and attempts >= tries:
        return Step(FetchState.FAILED, f"{answer.reason}; given up after {attempts} tries")
    wait = wait_s(attempts, chance)
    if answer.after_s is not None:
        wait = answer.after_s + 0.5 * chance
    elif answer.kind is LaterKind.RATE:
        wait += _RATE_EXTRA_S
    return Step(FetchState.WAITING, answer.reason, wait)


def after_wrong_data(reason: str, attempts: int, chance: float) -> Step:
    """Decide after a file that is not what it must be."""
    if attempts >= TRIES_OF_WRONG_DATA:
        return Step(FetchState.FAILED, f"{reason}; fetched {attempts} times, never right")
    return Step(FetchState.WAITING, reason, wait_s(attempts, chance))


def after_disk(problem: EnvironmentProblem, attempts: int, chance: float) -> Step:
    """Decide after the machine was in the way of writing a file or storing its rows."""
    if attempts >= TRIES_OF_DISK:
        return Step(FetchState.FAILED, f"{problem}; given up after {attempts} tries")
    return Step(FetchState.WAITING, str(problem), wait_s(attempts, chance))


def after_unreachable(reason: str, attempts: int, chance: float) -> Step:
    """Decide after what seldom passes by itself."""
    if attempts >= TRIES_OF_UNREACHABLE:
        return Step(FetchState.FAILED, reason)
    return Step(FetchState.WAITING, reason, wait_s(attempts, chance))


def after_machine(problem: ReplayFailed, attempts: int, chance: float) -> Step:
    """Decide after a tardis-machine did not give the whole range."""
    if not problem.may_pass or attempts >= TRIES_OF_MACHINE:
        return Step(FetchState.FAILED, str(problem))
    return Step(FetchState.WAITING, str(problem), wait_s(attempts, chance))


def after_not_there(coverage: Coverage, attempts: int, chance: float) -> Step:
    """Decide after "not found": only what the vendor does not declare is absent."""
    if coverage is Coverage.OUTSIDE:
        return Step(FetchState.ABSENT, "the vendor has none")
    if coverage is Coverage.UNPUBLISHED:
        return Step(FetchState.PENDING, "not published yet")
    if coverage is Coverage.INSIDE:
        why = "the vendor does not find it, although it lies inside what it declares to have"
    else:
        why = "the vendor does not find it, and what it has could not be read"
    if attempts >= TRIES_OF_NOT_THERE:
        return Step(FetchState.FAILED, f"{why}; asked {attempts} times: try again later, or ask the vendor")
    return Step(FetchState.WAITING, why, wait_s(attempts, chance))
