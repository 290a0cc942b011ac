"""What there is of a run while it goes on, kept every few seconds, so that a kill takes only what came after.

    <run>.unfinished/checkpoints/0, 1    tables of the run so far, in turn
    <run>.unfinished/checkpoints/0.json  what its card would say of them, with the SHA-256 of each file

The JSON is written when all else is there, and removed before anything is written anew: of two checkpoints
one is always whole. Written by the child, taken by the program when the child is dead, or by the next one
when the program itself was killed.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.folder import file_digests

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.outcome import Outcome
    from tickreel.backtest.request import BacktestRequest

_LOGGER = logging.getLogger(__name__)
_FOLDER = "checkpoints"
_PLACES = ("0", "1")
_EVERY_S = 5.0
_MOST_SHARE = 0.02
"""Of the time of a run goes at most so much into its checkpoints."""


class Checkpoints:
    """Keeps what there is of one run; used by the thread that simulates."""

    def __init__(self, folder: Path, request: BacktestRequest, every_s: float = _EVERY_S) -> None:
        """Keep it below the unfinished *folder* of the run, no more often than *every_s* seconds."""
        self._folder = folder / _FOLDER
        self._request = request
        self._every_s = every_s
        self._began_s = time.monotonic()
        self._next_s = self._began_s + every_s
        self._count = 0

    def is_due(self) -> bool:
        """Tell whether it is time for the next."""
        return time.monotonic() >= self._next_s

    def keep(self, outcome: Outcome) -> None:
        """Keep an outcome in place of the last but one. A disk that is full is no reason to end a run."""
        # Here and not above: a window takes checkpoints at its start, and waits for no table library.
        from tickreel.backtest.runs.keeping import keep

        began_s = time.monotonic()
        place = _PLACES[self._count % len(_PLACES)]
        folder, told = self._folder / place, self._folder / f"{place}.json"
        try:
            told.unlink(missing_ok=True)
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
            summary = keep(folder, self._request, outcome, began_s - self._began_s)
            form = {"number": self._count, "summary": summary, "files": file_digests(folder)}
            unfinished = told.with_suffix(".part")
            unfinished.write_text(json.dumps(form, allow_nan=False), encoding="utf-8")
            unfinished.replace(told)
        except OSError as error:
            _LOGGER.warning("a checkpoint could not be kept: %s", error)
        self._count += 1
        ended_s = time.monotonic()
        self._next_s = ended_s + max(self._every_s, (ended_s - began_s) / _MOST_SHARE)


def take(folder: Path) -> dict[str, Any] | None:
    """Make the newest whole checkpoint of a run its result, and give what its card says of it.

    None where there is none; what is left of checkpoints is removed either way.

    Raises:
        OSError: files cannot be moved.
    """
    for place, form in sorted(_whole(folder / _FOLDER).items(), key=lambda one: -one[1]["number"]):
        files = folder / _FOLDER / place
        for name in form["files"]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (files / name).replace(folder / name)
        summary: dict[str, Any] = form["summary"]
        remove(folder)
        return summary
    remove(folder)
    return None


def are_there(folder: Path) -> bool:
    """Tell whether a run left any."""
    return (folder / _FOLDER).exists()


def remove(folder: Path) -> None:
    """Remove the checkpoints of a run, if there are any; raises OSError."""
    if are_there(folder):
        shutil.rmtree(folder / _FOLDER)


def _whole(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the checkpoints of which each file is as it was written."""
    found = {}
    for place in _PLACES:
        try:
            form = json.loads((folder / f"{place}.json").read_text(encoding="utf-8"))
            if file_digests(folder / place) != form["files"]:
                raise ValueError("a file of it is not what was written")
            if not isinstance(form["number"], int) or not isinstance(form["summary"], dict):
                raise TypeError("it is no checkpoint")
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            _LOGGER.warning("checkpoint %s in %s cannot be used: %s", place, folder, error)
            continue
        found[place] = form
    return found
