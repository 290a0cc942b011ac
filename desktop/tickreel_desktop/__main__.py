"""Start the desktop, or say in one line why it cannot start."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NEEDED = ("PySide6", "pyqtgraph", "qasync")


def main() -> int:
    """Run the program; give the exit code."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        sys.stderr.write(
            f"tickreel-desktop needs {', '.join(absent)}: install it with pip install 'tickreel[desktop]'\n"
        )
        return 1
    from tickreel_desktop.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
