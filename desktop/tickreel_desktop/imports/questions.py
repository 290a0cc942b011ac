"""What only the user can say of a file: which of two types it is, or which group.

Found out from the file itself, not from the words of an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError, UsageError
from tickreel.market.types import GROUPS, DataType
from tickreel.progress import UNWATCHED
from tickreel.vendorcsv import open_csv

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import ImportRequest


class Ambiguity(StrEnum):
    """Name what a file leaves open."""

    TYPE = "type"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the user must choose before a file can be imported."""

    about: Ambiguity
    choices: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Ask in a few words."""
        if self.about is Ambiguity.GROUP:
            return "Which group is it?"
        first, *others = (choice.replace("_", " ") for choice in self.choices)
        return f"{' or '.join((first.capitalize(), *others))}?"

    @property
    def reason(self) -> str:
        """Say why the file alone does not tell."""
        if self.about is Ambiguity.GROUP:
            return (
                "It holds more than one symbol, and its name does not say which of the vendor's groups it is."
            )
        return "Both have the same columns, and the file's name does not say which of them it is."

    def answered(self, request: ImportRequest, choice: str) -> ImportRequest:
        """Add the answer to what is asked of the cache."""
        if self.about is Ambiguity.GROUP:
            return replace(request, symbol=choice)
        return replace(request, type=DataType(choice))


def question_about(request: ImportRequest) -> Question | None:
    """Find what must be asked before a refused file can be imported; None when no answer would help.

    Reads the head of the file, so call it on a worker thread.
    """
    if request.type is None and (types := _types_that_fit(request.path)):
        return Question(Ambiguity.TYPE, types)
    if request.symbol is None and _has_rows(request):
        return Question(Ambiguity.GROUP, GROUPS)
    return None


def _types_that_fit(path: Path) -> tuple[str, ...]:
    """List the types that share the file's header; empty when its name or header settles it."""
    try:
        open_csv(path).close()
    except UsageError:
        fitting = []
        for data_type in DataType:
            try:
                open_csv(path, type=data_type).close()
            except TickreelError:
                continue
            fitting.append(data_type.value)
        return tuple(fitting)
    return ()


def _has_rows(request: ImportRequest) -> bool:
    with open_csv(request.path, type=request.type) as csv:
        return next(csv.blocks(UNWATCHED), None) is not None
