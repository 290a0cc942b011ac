"""What the window reads from outside itself: a line of another start, and the files that it keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from fuzzing.mutation import json_text, mutated, mutated_value
from fuzzing.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

_LINES = (
    b"raise",
    b"open tickreel://replay/binance-futures/BTCUSDT?from=2024-07-23&to=2024-07-24",
    b"import file:///tmp",
    b"import file:///tmp file:///",
)
_WORDS = (
    b"import ",
    b"open ",
    b"file://",
    b"file://host/x",
    b"http://x/a.csv",
    b"%00",
    b"%2e%2e/",
    b"~root",
    b"javascript:x",
)


def _mutate_line(chance: Random, seeds: Sequence[bytes]) -> bytes:
    return mutated(chance.choice(seeds), chance, seeds, _WORDS)


def _read_line(data: bytes, _folder: Path) -> None:
    from tickreel_desktop.wish import wish_of_line

    wish = wish_of_line(data.partition(b"\n")[0].decode("utf-8", "replace"))
    assert all(path.is_absolute() and path.exists() for path in wish.files)
    assert wish.words()


class Kept(msgspec.Struct, frozen=True):
    """What such a file may hold."""

    version: int
    widths: dict[str, int]


def _mutate_kept(chance: Random, seeds: Sequence[bytes]) -> bytes:
    text = json_text(mutated_value(json.loads(seeds[0]), chance))
    return mutated(text, chance, seeds) if chance.random() < 0.3 else text


def _read_kept(data: bytes, folder: Path) -> None:
    from tickreel_desktop.keeping import KeptFile

    path = folder / "kept.json"
    for old in folder.glob("kept.json*"):
        old.unlink()
    path.write_bytes(data)
    kept, reason = KeptFile(path, Kept, 2).read()
    assert (kept is None) == bool(reason)


TARGETS = (
    Target("instance-line", lambda: _LINES, _mutate_line, _read_line),
    Target(
        "kept-file",
        lambda: [json.dumps({"version": 2, "widths": {"a": 5}}).encode()],
        _mutate_kept,
        _read_kept,
    ),
)
