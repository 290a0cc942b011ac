"""Work of a measure that is done by another process, which is ended with this one's wish."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tickreel.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.progress import Monitor

_LOOK_EVERY_S = 0.1
REFUSED = 3
"""Exit code that comes with a message for people; any other but 0 is a bug."""


def run_elsewhere(words: Sequence[str], what: str, monitor: Monitor) -> str:
    """Run a command to its end, and give what it printed; *what* it was to do is told with a bug.

    Raises:
        DataError: it refused; the message is its own.
        Cancelled: the monitor said so; the process is gone.
        RuntimeError: it has a bug; the message is its traceback.
    """
    # Ctrl-C is for this process, which then ends the other.
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            while True:
                try:
                    out, err = child.communicate(timeout=_LOOK_EVERY_S)
                    break
                except subprocess.TimeoutExpired:
                    monitor.report(0, None)
        finally:
            if child.poll() is None:
                child.kill()
    if child.returncode == REFUSED:
        raise DataError(err.strip())
    if child.returncode:
        raise RuntimeError(f"the process that was to {what} ended with {child.returncode}:\n{err}")
    return out
