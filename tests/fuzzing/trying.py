"""Tries a target for a while in this process, and tells how it goes; started by ``packaging/fuzz.py``.

    python -m fuzzing.trying TARGET SEED FIRST SECONDS FOLDER

Each line of output is JSON: ``{"at": N}`` before a try that may be the last, ``{"find": N, ...}`` for what
was found, and at the end ``{"done": ...}``.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from fuzzing import desktopfiles, readers, stored
from fuzzing.target import NoSentence, Trial

ALL = {target.name: target for target in (*readers.TARGETS, *stored.TARGETS, *desktopfiles.TARGETS)}
SLOW_S = 10.0
"""A try that takes longer is a find: nothing of these is that large."""
MOST_BYTES = 6 << 30
"""Of address space, in which what grows without bound ends as a find."""


def _say(**told: object) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def main() -> int:
    """Try until the time is over, or something was found that ends the process."""
    name, seed, first, seconds, folder = sys.argv[1:]
    faulthandler.enable()
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    trial = Trial(ALL[name], Path(folder))
    _say(ready=len(trial.seeds))
    for valid in trial.seeds if int(first) == 0 else ():
        with suppress(Exception):
            trial.attempt(valid)
    ends_s = time.monotonic() + float(seconds)
    number, told_s, begun_s = int(first), 0.0, time.monotonic()
    while (now_s := time.monotonic()) < ends_s:
        if now_s - told_s > 0.2:
            _say(at=number)
            told_s = now_s
        data = trial.input_of(int(seed), number)
        try:
            trial.attempt(data)
        except BaseException as error:  # noqa: BLE001 - whatever is raised is what is looked for
            why = "".join(traceback.format_exception(error, limit=-6))
            _say(find=number, kind=_kind(error), told=why[-3000:])
        if (took_s := time.monotonic() - now_s) > SLOW_S:
            _say(find=number, kind="a try that took too long", told=f"{took_s:.1f} s")
        number += 1
    _say(
        done=number - int(first), seconds=time.monotonic() - begun_s, taken=trial.taken, refused=trial.refused
    )
    return 0


def _kind(error: BaseException) -> str:
    """Name what was found by its type and the place in the program where it was raised."""
    first = error.__context__ if isinstance(error, NoSentence) and error.__context__ else error
    frames = traceback.extract_tb(first.__traceback__)
    own = [
        frame for frame in frames if "/tests/" not in frame.filename and "/tickreel" in frame.filename
    ] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "nowhere"
    words = f": {str(error)[:60]}" if type(error) is AssertionError else ""
    return f"{type(error).__name__} at {place}{words}"


if __name__ == "__main__":
    sys.exit(main())
