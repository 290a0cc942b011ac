"""What the vendor's host can answer to a request for a file, as values with a reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Delivered:
    """The file has come whole, as far as its length tells."""

    path: Path
    bytes: int
    sha256: str
    seconds: float
    content_type: str | None


@dataclass(frozen=True, slots=True)
class NotThere:
    """404: there is no such file."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The key is missing, not valid or does not include it, or the request is wrong: no retry cures that."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """What is in the way does not pass by itself: a certificate that does not hold, a proxy that refuses."""

    reason: str
    is_sent: bool = True
    """Whether the request may have reached the vendor."""


class LaterKind(StrEnum):
    """Why a request is worth repeating."""

    RATE = "rate"
    """429."""
    QUOTA = "quota"
    """429 with a wait of more than five minutes: the allowance of the day or month is used up."""
    BLOCKED = "blocked"
    """403, which the vendor answers while one key is in use from several addresses."""
    SERVER = "server"
    """5xx."""
    TRANSIENT = "transient"
    """A 400 that is a fault of the delivery network and not of the request."""
    CONNECTION = "connection"
    """Refused, reset, or no address found."""
    STALLED = "stalled"
    """Nothing came for too long."""
    SHORT = "short"
    """The body ended before its announced length."""


@dataclass(frozen=True, slots=True)
class Later:
    """Trouble that time may cure."""

    reason: str
    after_s: float | None
    """How long the vendor asks to wait; None where it does not say."""
    kind: LaterKind
    is_sent: bool = True
    """Whether the request may have reached the vendor."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing was asked: the calls of the plan are spent, or the vendor is to be left alone for a while."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that says it is the file and is not."""

    reason: str
    evidence: Path | None
    """The first bytes of it."""


Answer: TypeAlias = Delivered | NotThere | Denied | Unreachable | Later | Wrong
