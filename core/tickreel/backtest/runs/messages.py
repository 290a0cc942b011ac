"""What a program and its child that simulates say to each other: JSON, a line each.

The child is told on its stdin what to run, and to stop; it tells on its stdout. It keeps that to itself: what
a strategy prints goes elsewhere.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tickreel.backtest.request import BacktestRequest  # noqa: TC001  # read by msgspec

TRACES_FILE = "traces.parquet"


class Task(msgspec.Struct, frozen=True, tag="run"):
    """To the child: run this, and write its files to *folder*."""

    run_id: str
    folder: str
    request: BacktestRequest
    keeps_bytes: int = 0
    """How much of the rows that it reads the child may keep for the next task."""
    traced: tuple[int, ...] = ()
    """Orders, by id, whose way through the queue is to be written as well, to :data:`TRACES_FILE`."""


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """To the child: end the run with what there is."""


class Began(msgspec.Struct, frozen=True, tag="began"):
    """From the child: strategy and data are there, the first message is next."""


class Advanced(msgspec.Struct, frozen=True, tag="advanced"):
    """From the child: how far it is, in microseconds of the range."""

    done_us: int
    total_us: int | None
    note: str
    equity_at_us: int | None = None
    equity: float | None = None
    """The newest sample, where there is one that is not told yet."""


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """From the child: nothing is simulated any more, and what there is will be written."""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """From the child: the files are written, and this is what goes on the card."""

    summary: dict[str, Any]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """From the child: an error that Tickreel raised on purpose, or one of the strategy."""

    kind: str
    message: str
    file: str | None = None
    line: int | None = None
    summary: dict[str, Any] | None = None
    """What was there when it failed, where its files could be written."""


class Interrupted(msgspec.Struct, frozen=True, tag="interrupted"):
    """From the child: what it was doing when it did not heed the wish to stop, and was made to."""

    file: str | None
    line: int | None


class Exiting(msgspec.Struct, frozen=True, tag="exiting"):
    """From the child: code of the strategy ends the process, here."""

    code: int
    file: str
    line: int


ToChild = Task | Stop
FromChild = Began | Advanced | Stopped | Finished | Refused | Interrupted | Exiting

_ENCODER = msgspec.json.Encoder()
_TO_CHILD: msgspec.json.Decoder[ToChild] = msgspec.json.Decoder(ToChild)
_FROM_CHILD: msgspec.json.Decoder[FromChild] = msgspec.json.Decoder(FromChild)


def line_of(message: ToChild | FromChild) -> bytes:
    """Write a message as the line that is sent."""
    return _ENCODER.encode(message) + b"\n"


def to_child(line: bytes) -> ToChild:
    """Read a line that a child was sent; raises msgspec.DecodeError."""
    return _TO_CHILD.decode(line)


def from_child(line: bytes) -> FromChild:
    """Read a line that a child sent; raises msgspec.DecodeError."""
    return _FROM_CHILD.decode(line)
