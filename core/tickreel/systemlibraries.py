"""Which libraries of a Linux system are missing: ``python -m tickreel.systemlibraries NAME...`` prints them.

A process of its own, so that nothing is loaded into the program just to see that it is there.
"""

from __future__ import annotations

import ctypes
import sys


def main() -> None:
    """Print the names of those that cannot be loaded."""
    for name in sys.argv[1:]:
        try:
            ctypes.CDLL(name)
        except OSError:
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
