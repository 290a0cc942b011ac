"""Normalized messages for tests: out of the vendor's own samples, as lines, and as books."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Message = dict[str, Any]
"""One message as its JSON says it; fields that are undefined are absent."""

_SNAPSHOT = re.compile(r"^exports\[`(?P<name>.*?)`\] = `\n(?P<value>.*?)\n`;$", re.DOTALL | re.MULTILINE)


def runner_snapshots(path: Path) -> dict[str, Any]:
    """Read a file of a JavaScript test runner's snapshots: values by the names of tests.

    Dates without quotes become text, and what is undefined vanishes.
    """
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return {match["name"]: _value(match["value"]) for match in _SNAPSHOT.finditer(text)}


def _value(text: str) -> Any:
    text = re.sub(r"\b(?:Object|Array) (?=[{\[])", "", text)
    text = re.sub(r'^(\s*"\w+": )(\d{4}-\d\d-\d\dT[\d:.]+Z)(,?)$', r'\1"\2"\3', text, flags=re.MULTILINE)
    text = re.sub(r'^\s*"\w+": undefined,?\n', "", text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def combined_sample(path: Path) -> list[Message]:
    """List the messages of BitMEX and Deribit that the vendor's client merged by local time."""
    (name,) = (name for name in runner_snapshots(path) if "two replayNormalized iterables" in name)
    messages: list[Message] = runner_snapshots(path)[name]
    return messages


def mapped_samples(path: Path) -> list[Message]:
    """List every message that the vendor's mappers were tested with."""
    values = runner_snapshots(path).values()
    listed = [message for value in values if isinstance(value, list) for message in value]
    return [message for message in listed if isinstance(message, dict) and "type" in message]


def json_lines(path: Path) -> list[Message]:
    """Read a gzip file of one message a line; null stands for a field that is undefined."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [
            {key: value for key, value in json.loads(line).items() if value is not None} for line in lines
        ]


def answer_of(messages: Iterable[Message]) -> bytes:
    """Write messages as tardis-machine does."""
    return b"".join(line_of(message).encode() + b"\n" for message in messages)


def line_of(message: Message) -> str:
    """Write one message without its line end, the type first."""
    head = {"type": message["type"]} if "type" in message else {}
    return json.dumps(head | message, separators=(",", ":"), ensure_ascii=False)


@dataclass
class MessageBook:
    """A book on two dicts, fed with messages and knowing nothing of rows."""

    bids: dict[float, float] = field(default_factory=dict)
    asks: dict[float, float] = field(default_factory=dict)
    is_known: bool = False

    def apply(self, message: Message) -> None:
        """Apply one book_change as the vendor does: a snapshot replaces all, before the first is nothing."""
        if message["isSnapshot"]:
            self.bids, self.asks, self.is_known = {}, {}, True
        if not self.is_known:
            return
        for side, levels in ((self.bids, message["bids"]), (self.asks, message["asks"])):
            for level in levels:
                side.pop(level["price"], None)
                if level["amount"] != 0:
                    side[level["price"]] = level["amount"]

    def levels(self) -> tuple[list[list[float]], list[list[float]]]:
        """List [price, amount] of bids and asks, best first."""
        bids = [list(level) for level in sorted(self.bids.items(), reverse=True)]
        return bids, [list(level) for level in sorted(self.asks.items())]
