"""Takes a picture of every screen in every state, for people to judge.

Each combination of theme and size is a process of its own; all of them show the real window over a home
with the sample, and one over an empty home. The pictures go to ``build/screens``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from scenes import EMPTY, FULL, Scenes

from tickreel import logs
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.settings import Settings
from tickreel.store import open_cache
from tickreel_desktop.camera import settled_picture
from tickreel_desktop.desk import Desk
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtGui import QPixmap

    Keep = Callable[[str, QPixmap], None]
    """Takes the name of a scene, and its picture."""

ROOT = Path(__file__).resolve().parent.parent
SIZES = ("1280x800", "1920x1080", "2560x1440")
THEMES = ("dark", "light")


async def _take(
    home: Path, names: tuple[str, ...], theme: Theme, size: str, keep: Keep, prefix: str, *, is_quiet: bool
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    width, _, height = size.partition("x")
    with open_cache(home) as cache, tempfile.TemporaryDirectory() as scratch:
        ring = logs.configure(home, "info")
        desk = Desk(cache, theme, DisplayZone(), Settings(), ring)
        scenes = Scenes(desk, Path(scratch))
        try:
            await desk.begin((int(width), int(height)))
            for name in names:
                act: Callable[[], Awaitable[None]] = getattr(scenes, name)
                await act()
                if is_quiet:
                    scenes.quieten()
                keep(f"{prefix}{name.replace('_', '-')}", await settled_picture(desk.window))
                await scenes.tidy()
        finally:
            await desk.close()
            scenes.close_chat()
            logs.release()


def take_all(
    theme_name: str, size: str, keep: Keep, is_wanted: Callable[[str], bool], *, is_quiet: bool = False
) -> None:
    """Take the wanted pictures of one theme and size, and hand each to *keep* with its name.

    With *is_quiet* none has messages or jobs beside what it is about. Scenes over an empty home have
    ``empty-`` before their names. It makes the application, so a process calls it once.
    """
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode(theme_name))
    theme.apply(app)
    with tempfile.TemporaryDirectory() as scratch:
        # Those of a first start come first: others set keys and servers.
        for prefix, names in (("empty-", EMPTY), ("", FULL)):
            wanted = tuple(name for name in names if is_wanted(f"{prefix}{name.replace('_', '-')}"))
            if not wanted:
                continue
            home = Path(scratch) / f"home{prefix}"
            if not prefix:
                with open_cache(home) as cache:
                    store_sample(cache, UNWATCHED)
            with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
                runner.run(_take(home, wanted, theme, size, keep, prefix, is_quiet=is_quiet))


def _take_to_folder(theme_name: str, size: str, folder: Path, only: str) -> None:
    def keep(name: str, picture: QPixmap) -> None:
        target = folder / f"{name}-{size}-{theme_name}.png"
        if not picture.save(str(target)):
            sys.exit(f"{target} cannot be written")

    take_all(theme_name, size, keep, lambda name: only in name)


def main() -> None:
    """Take the pictures that were asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", choices=THEMES, action="append")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--only", metavar="TEXT", help="screens whose names hold this")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "screens")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    themes, sizes = args.theme or THEMES, args.size or SIZES
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.one:
        _take_to_folder(themes[0], sizes[0], args.folder, args.only or "")
        return
    if args.only is None and args.theme is None and args.size is None:
        shutil.rmtree(args.folder)
        args.folder.mkdir(parents=True)
    for theme in themes:
        for size in sizes:
            command = [sys.executable, __file__, "--one", "--theme", theme, "--size", size]
            command += ["--folder", str(args.folder)]
            command += [] if args.only is None else ["--only", args.only]
            subprocess.run(command, check=True)
    print(f"{len(list(args.folder.glob('*.png')))} pictures in {args.folder}")


if __name__ == "__main__":
    main()
