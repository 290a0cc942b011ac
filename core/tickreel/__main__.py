"""``tickreel`` and ``python -m tickreel``."""

from __future__ import annotations

import sys

from tickreel.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
