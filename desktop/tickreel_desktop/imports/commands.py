"""What an import of files would be as command lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.store import ImportRequest


def import_commands(requests: Iterable[ImportRequest]) -> str:
    """Spell a command line for all files that are asked for alike, one a line."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for request in requests:
        words: list[str] = []
        if request.type is not None:
            words += ["--type", request.type.value]
        if request.symbol is not None:
            words += ["--symbol", shlex.quote(request.symbol)]
        words += ["--replace"] if request.replace else []
        words += ["--complete"] if request.complete else []
        alike.setdefault(tuple(words), []).append(shlex.quote(str(request.path)))
    return "\n".join(" ".join(("tickreel import", *files, *words)) for words, files in alike.items())
