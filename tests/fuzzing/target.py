"""What is fuzzed, and what must hold: a right result, or a refusal that tells a person what is wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from fuzzing.containing import contained

from tickreel.errors import TickreelError
from tickreel.settings.places import kernel_cache_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_LONGEST_SENTENCE = 4_500


class NoSentence(AssertionError):
    """A refusal that nobody could act on, or that would drive the terminal on which it is shown."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of what comes from outside."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    """Makes the valid inputs that others are made from."""
    mutate: Callable[[Random, Sequence[bytes]], bytes]
    """Makes an input of a chance and the seeds."""
    read: Callable[[bytes, Path], None]
    """Reads an input, in a folder of its own, and fails where what it reads is wrong."""


class Trial:
    """A target with its seeds made, tried over and over in one folder."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._kernels = kernel_cache_dir()
        self._seeds = target.seeds()
        self.refused = 0
        self.taken = 0

    @property
    def seeds(self) -> Sequence[bytes]:
        """The valid inputs."""
        return self._seeds

    def input_of(self, seed: int, number: int) -> bytes:
        """Make the input of a try."""
        return self._target.mutate(Random(f"{self._target.name}:{seed}:{number}"), self._seeds)

    def attempt(self, data: bytes) -> str | None:
        """Read an input; give the refusal, None where it was taken. All else that is raised is a find."""
        try:
            # Kernels are compiled, and kept, when they are first used.
            with contained(self._folder, self._kernels):
                self._target.read(data, self._folder)
        except TickreelError as error:
            self.refused += 1
            check_sentence(str(error))
            return str(error)
        self.taken += 1
        return None


def check_sentence(text: str) -> None:
    """Fail for a refusal that tells nothing, has no end, or holds what would drive a terminal."""
    if not text.strip():
        raise NoSentence("a refusal without a word")
    if len(text) > _LONGEST_SENTENCE:
        raise NoSentence(f"a refusal of {len(text)} characters: {text[:200]!r}…")
    driving = sorted(
        {
            each
            for each in text
            if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each != "\n"
        }
    )
    if driving:
        raise NoSentence(f"a refusal with {driving[:5]!a}: {text[:300]!a}")
