"""The three streams: data on stdout, one line per error on stderr, and what to do when a reader leaves."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def prepare_streams() -> None:
    """Let no character stop a line: one that the terminal's encoding lacks is printed as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def tell(message: str) -> None:
    """Say what is wrong, in one line on stderr."""
    print(f"tickreel: {' '.join(message.split())}", file=sys.stderr, flush=True)


def binary_output() -> BinaryIO:
    """Give stdout as bytes, with everything printed so far before them."""
    sys.stdout.flush()
    return sys.stdout.buffer


def flush_output() -> None:
    """Write out what was printed; raises OSError when that is not possible."""
    sys.stdout.flush()


def abandon_output() -> None:
    """Let what was printed go nowhere, so that the end of the program does not fail on it again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def print_json(value: object) -> None:
    """Print one JSON value."""
    print(json.dumps(value, indent=2, allow_nan=False))


def print_table(header: Sequence[str], rows: Collection[Sequence[str]], right: Collection[str] = ()) -> None:
    """Print aligned columns; those named in *right* are figures and stand to the right."""
    lines = [header, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    for line in lines:
        cells = (
            f"{cell:>{width}}" if name in right else f"{cell:<{width}}"
            for name, cell, width in zip(header, line, widths, strict=True)
        )
        print("  ".join(cells).rstrip())
