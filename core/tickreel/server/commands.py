"""What a client may say on a WebSocket while it is being played to; tardis-machine's clients say nothing."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from tickreel.errors import UsageError

_MOST_STEPS = 1_000_000


class _Tagged(msgspec.Struct, tag_field="op", forbid_unknown_fields=True):
    pass


class Pause(_Tagged, tag="pause"):
    """Send nothing more for now."""


class Resume(_Tagged, tag="resume"):
    """Go on."""


class SetSpeed(_Tagged, tag="speed"):
    """Go on at another speed."""

    speed: float | str


class Step(_Tagged, tag="step"):
    """Send some messages, and pause."""

    messages: int = 1


class Seek(_Tagged, tag="seek"):
    """Go on from an instant."""

    at: str | int


class Hash(_Tagged, tag="hash"):
    """Tell the state hash of the books."""


class Status(_Tagged, tag="status"):
    """Tell where it stands."""


Command: TypeAlias = Pause | Resume | SetSpeed | Step | Seek | Hash | Status
_COMMAND = msgspec.json.Decoder(Command)


def read_command(text: str | bytes) -> Command:
    """Read what a client says.

    Raises:
        UsageError: it is none of the commands.
    """
    try:
        command: Command = _COMMAND.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UsageError(f"this is no command: {error}") from None
    if isinstance(command, Step) and not 1 <= command.messages <= _MOST_STEPS:
        raise UsageError(f"a step is 1 to {_MOST_STEPS} messages")
    return command
