"""Leaves a server that fails alone for a while, and then tries it by a single call.

Opening, the count of failures and the clock are the library circuitbreaker's; added here are that slowness
counts as failure, that of all who call when the time is over only one tries, and what to tell of it. Nothing
runs in between: it closes again by whoever calls next.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from circuitbreaker import CircuitBreaker
from redis import exceptions

from tickreel.shared.diagnosis import diagnose
from tickreel.shared.trouble import LineFailed, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")

_FAILURES = (LineFailed, exceptions.RedisError, exceptions.RedisClusterException, OSError)
"""What a client raises when a call fails; anything else is an error of ours."""


class BreakerState(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerView:
    """How a breaker stands."""

    state: BreakerState
    trouble: Trouble | None
    """What the last failure was; None when the last call went well."""
    failures: int
    """In a row."""
    tries_in_s: float
    """Seconds until an open one lets a call through; 0 otherwise."""


class _Slow(Exception):
    """The call went well, and took too long."""


class Breaker:
    """Lets calls through to one server, or does not; for any thread."""

    def __init__(self, failures: int, recovery_s: float, slow_s: float) -> None:
        self._circuit = CircuitBreaker(failure_threshold=failures, recovery_timeout=recovery_s)
        self._recovery_s = recovery_s
        self._slow_s = slow_s
        self._probing = threading.Lock()
        self._trouble: Trouble | None = None
        self._opened_s = 0.0

    def view(self) -> BreakerView:
        """Tell how it stands."""
        circuit = self._circuit
        state = BreakerState(circuit.state.replace("_", "-"))
        is_open = state is BreakerState.OPEN
        left_s = max(self._opened_s + self._recovery_s - monotonic(), 0.0) if is_open else 0.0
        return BreakerView(state, self._trouble, circuit.failure_count, left_s)

    def refuse_when_open(self) -> None:
        """Raise LineFailed while nothing is let through, in next to no time."""
        if self._circuit.opened:
            raise LineFailed(self._trouble or Trouble.UNREACHABLE, was_asked=False)

    def call(self, work: Callable[[], _Answer], counts: Callable[[Trouble], bool]) -> _Answer:
        """Do *work* if it is let through; what fails by a trouble that *counts* is counted.

        Raises:
            LineFailed: it was not let through, or failed.
        """
        self.refuse_when_open()
        is_probe = self._circuit.state != "closed"
        if is_probe and not self._probing.acquire(blocking=False):
            raise LineFailed(self._trouble or Trouble.UNREACHABLE, was_asked=False)
        try:
            return self._through(work, counts)
        finally:
            if is_probe:
                self._probing.release()

    def _through(self, work: Callable[[], _Answer], counts: Callable[[Trouble], bool]) -> _Answer:
        answers: list[_Answer] = []
        failure: LineFailed | None = None
        try:
            with self._circuit:
                began_s = monotonic()
                try:
                    answers.append(work())
                except _FAILURES as error:
                    failure = _as_failure(error)
                    if counts(failure.trouble):
                        self._trouble = failure.trouble
                        raise failure from error
                    # What the server refuses it has answered: the line is good.
                if answers and monotonic() - began_s > self._slow_s:
                    self._trouble = Trouble.SLOW
                    raise _Slow
                self._trouble = None
        except _Slow:
            self._opened_s = monotonic()
        except LineFailed:
            self._opened_s = monotonic()
            raise
        if failure is not None:
            raise failure
        return answers[0]


def _as_failure(error: Exception) -> LineFailed:
    return error if isinstance(error, LineFailed) else LineFailed(diagnose(error), str(error))
