"""What every analyst offers: an answer that comes piece by piece, and a word about what it costs so far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tickreel.analysis.prompt import Inquiry


class Trouble(StrEnum):
    """Why a model gave no answer."""

    UNREACHABLE = "unreachable"
    KEY = "key"
    """The server refused the key, or wants one."""
    BUSY = "busy"
    """The server asked to come later, more often than anybody waits."""
    REFUSED = "refused"
    """The server did not take the call for another reason."""
    BROKEN = "broken"
    """The answer broke off, or is not of the protocol."""


class CallFailed(EnvironmentProblem):
    """Say that a model gave no answer, or not all of it, and by which *trouble*.

    *is_taken* tells whether the server may have counted it, *reason* says why without naming who was asked.
    """

    def __init__(
        self, message: str, *, is_taken: bool, trouble: Trouble = Trouble.BROKEN, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.reason = reason or message
        self.is_taken = is_taken
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Sent:
    """The request may have reached the server, which may count it from here on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The server took nothing and is asked again in a while."""

    seconds: float
    reason: str
    next_try: int = 2
    """The number of the try that comes then, of :data:`tickreel.analysis.limits.MOST_TRIES`."""


@dataclass(frozen=True, slots=True)
class Text:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Answering:
    """The server has taken the request and may be at work on it, thinking where nobody sees it."""


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what a model thinks before it answers; it is paid as the answer is, and not read."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server counted."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is over."""

    is_whole: bool
    """False where it was cut at its greatest length."""


Piece: TypeAlias = Sent | Answering | Waiting | Thought | Text | Usage | Ended


class Analyst(Protocol):
    """Who analyses."""

    @property
    def model(self) -> str:
        """Name of the model, by which it has its price."""

    @property
    def place(self) -> str:
        """Address that is asked; empty where nothing leaves this machine."""

    def body(self, inquiry: Inquiry) -> Mapping[str, Any] | None:
        """Give exactly what would be sent; None where nothing is."""

    def ask(self, inquiry: Inquiry) -> AsyncGenerator[Piece]:
        """Answer piece by piece; to close the generator is to stop, on the wire too.

        Raises:
            CallFailed: there is no answer, or it broke off.
            UsageError: the key would be sent where it can be read.
        """
