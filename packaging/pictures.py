"""Take the pictures of the guides anew, dark and light, into the pages of help.

Run by ``make pictures`` after what they show has changed. Each is a scene of ``packaging/scenes`` by its
name; a page names the dark one, and Help shows that of its theme.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from screens import THEMES, take_all

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "tickreel_resources" / "docs" / "pictures"
SCENES = (
    "empty-welcome",
    "data",
    "data-book",
    "replay",
    "replay-setup-filled",
    "analysis-rules",
    "import-preview",
    "fetch-filled",
    "backtest-form",
    "backtest-run",
    "backtest-compared",
    "sweep",
    "why-filled",
)
"""In no order: that of :data:`scenes.FULL` holds."""
_SIZE = "1120x720"
"""Small enough to be read at the width of a page of help."""
_QUALITY = 82
_MOST_BYTES = 150_000


def main() -> None:
    """Take all pictures, each theme in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", choices=THEMES, help="only those of this theme")
    parser.add_argument("--only", metavar="SCENE", action="append", choices=SCENES, help="only this one")
    args = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    if args.theme:
        _take(args.theme, args.only or SCENES)
        return
    only = [word for name in args.only or () for word in ("--only", name)]
    for theme in THEMES:
        subprocess.run([sys.executable, __file__, "--theme", theme, *only], check=True)
    if not args.only:
        known = {f"{name}-{theme}.webp" for name in SCENES for theme in THEMES}
        for path in FOLDER.iterdir():
            if path.name not in known:
                path.unlink()
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(list(FOLDER.iterdir()))} pictures, {total / 1e6:.1f} MB, in {FOLDER}")


def _take(theme_name: str, names: tuple[str, ...] | list[str]) -> None:
    def keep(name: str, picture: QPixmap) -> None:
        target = FOLDER / f"{name}-{theme_name}.webp"
        if not picture.save(str(target), "webp", _QUALITY):
            sys.exit(f"{target} cannot be written")
        if target.stat().st_size > _MOST_BYTES:
            sys.exit(f"{target} has {target.stat().st_size:,} bytes, over {_MOST_BYTES:,}")

    take_all(theme_name, _SIZE, keep, lambda name: name in names, is_quiet=True)


if __name__ == "__main__":
    main()
