"""An unexpected error as text: what happened in a sentence, and all that helps to find out why."""

from __future__ import annotations

import platform
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion

from tickreel import __version__

if TYPE_CHECKING:
    from tickreel.diagnostics import Redaction

_LONGEST_SENTENCE = 300
_LONGEST_DETAILS = 60_000


@dataclass(frozen=True, slots=True)
class CrashReport:
    """One error, as it may be shown, copied and sent."""

    sentence: str
    details: str
    """Versions and traceback."""
    place: str
    """Kind of the error and line of the program: the same for repeats."""


def report_of(error: BaseException, redaction: Redaction) -> CrashReport:
    """Describe an error; the error itself, with all that hangs on it, is not kept."""
    kind = type(error).__name__
    words = " ".join(str(error).split())
    sentence = redaction.text(f"{kind}: {words}" if words else kind)
    if len(sentence) > _LONGEST_SENTENCE:
        sentence = f"{sentence[:_LONGEST_SENTENCE]}…"
    trace = "".join(traceback.format_exception(error))
    left_out = len(trace) - _LONGEST_DETAILS
    if left_out > 0:
        trace = f"(the first {left_out} characters are left out)\n{trace[left_out:]}"
    versions = (
        f"Tickreel {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    )
    return CrashReport(sentence, f"{versions}\n\n{redaction.text(trace)}", _place(error, kind))


def _place(error: BaseException, kind: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{kind} {frames[-1].filename}:{frames[-1].lineno}" if frames else f"{kind} {error}"
