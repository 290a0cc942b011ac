"""What the tier asks of its server and writes to it, each call counted.

A server that fails raises :class:`~tickreel.shared.trouble.LineFailed` within one deadline.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tickreel.shared.diagnosis import is_of_another_kind
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import Foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel.shared.clients import Client
    from tickreel.shared.line import Line

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the tier did in this process."""

    hits: int = 0
    misses: int = 0
    foreign: int = 0
    """Values that were damaged or not ours, each a miss."""
    lacking: int = 0
    """Reads for which the record was there and a chunk was not: partly evicted."""
    failures: int = 0
    """Calls that came to nothing."""
    bytes_in: int = 0
    """Of chunks that were put on the server."""
    bytes_out: int = 0
    """Of chunks that were brought from it."""


_LARGEST = 512 * 1024 * 1024
"""Of a value that a server can have."""


def begin_of_value(pipe: Client, name: str, most_bytes: int) -> None:
    """Ask for a value of *most_bytes*, and one byte more: of what is larger, and nobody's, no more comes."""
    pipe.getrange(name, 0, min(most_bytes, _LARGEST))


def value_of(answer: Any) -> Any:
    """Give a value as it came, None where nothing is; raises the error that came instead.

    A key of another kind is given as an empty value.
    """
    if is_of_another_kind(answer):
        return b""
    if isinstance(answer, Exception):
        raise answer
    return answer or None


class Calls:
    """The calls of one tier; for any thread."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.counts = Counts()
        self._lock = threading.Lock()

    def gets(self, wanted: Sequence[tuple[str, int]], size: int = 0) -> list[Any]:
        """Give the values of some keys, each with the most bytes it may have; None for what is not there.

        All of them have *size* bytes. What is there and is no value, such as a list, is given as an empty
        one, which is nobody's; so is what is too large, of which no more comes than one byte too many.
        """

        def ask(client: Client) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for name, most_bytes in wanted:
                begin_of_value(pipe, name, most_bytes)
            return [value_of(answer) for answer in pipe.execute(raise_on_error=False)]

        return self.asked(ask, size)

    def asked(self, ask: Callable[[Client], list[Any]], size: int = 0) -> list[Any]:
        """Ask, and give the answers, of *size* bytes in all."""
        try:
            return self.line.read(ask, size)
        except LineFailed:
            self.count(failures=1)
            raise

    def written(self, change: Callable[[Client], Any]) -> Any:
        """Change something there, and give what the server says."""
        try:
            return self.line.write(change)
        except LineFailed:
            self.count(failures=1)
            raise

    def remove(self, name: str) -> None:
        """Remove a value that cannot be used; where that fails it is met again."""
        try:
            self.line.write(lambda client: client.unlink(name))
        except LineFailed as failed:
            _LOGGER.info("a damaged value was not removed from the shared cache: %s", failed)

    def lacks(self, names: Sequence[str]) -> None:
        """Count a read for which values were not there; those that are, and are empty, are removed."""
        self.count(lacking=1)

        def ask(client: Client) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for name in names:
                pipe.exists(name)
            answers: list[Any] = pipe.execute()
            return answers

        for name, is_there in zip(names, self.asked(ask), strict=True):
            if is_there:
                self.put_aside(name, Foreign("it is empty"))

    def put_aside(self, name: str, error: Exception) -> None:
        """Count a value that was damaged or not ours, and remove it where it has a *name*."""
        self.count(foreign=1)
        _LOGGER.info("a value of the shared cache is passed over: %s", error)
        if name:
            self.remove(name)

    def count(self, **more: int) -> None:
        """Add to the counts, by name."""
        with self._lock:
            counts = self.counts
            self.counts = replace(counts, **{name: getattr(counts, name) + add for name, add in more.items()})
