"""The command line of the desktop."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tickreel import __version__
from tickreel.errors import UsageError
from tickreel_desktop.theme import ThemeMode
from tickreel_desktop.wish import Wish, wish_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_DIGITS = 5
"""Of a side of the window in pixels; Qt knows no larger ones."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    home: str | None
    wish: Wish
    """What is to be opened."""
    theme: str | None
    size_px: tuple[int, int] | None
    """Of the window, instead of the size that it had last."""
    screenshot: Path | None
    play_s: float
    exits: bool

    @property
    def is_check(self) -> bool:
        """Whether the program drives itself, for a check; such a run goes beside a window that is open."""
        return self.screenshot is not None or self.exits


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; ``--help`` and ``--version`` end the program.

    Raises:
        UsageError: an option or a value is not accepted.
    """
    given = _parser().parse_args(arguments)
    return Options(
        home=given.home,
        wish=wish_of(given.targets, given.open),
        theme=given.theme,
        size_px=None if given.size is None else _size(given.size),
        screenshot=given.screenshot,
        play_s=given.play,
        exits=given.exit,
    )


def asks_for_check(arguments: Sequence[str]) -> bool:
    """Tell whether a check is meant, of a command line that may be wrong otherwise."""
    return any(argument.partition("=")[0] in ("--screenshot", "--exit") for argument in arguments)


class _Parser(argparse.ArgumentParser):
    """Lets what is wrong be told like everything else: not everybody has a terminal."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; tickreel-desktop --help names all options")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(allow_abbrev=False, prog="tickreel-desktop", description="The Tickreel desktop.")
    parser.add_argument(
        "targets", metavar="LINK|FILE", nargs="*", help="a tickreel:// link, or files and folders to import"
    )
    parser.add_argument("--version", action="version", version=f"tickreel-desktop {__version__}")
    parser.add_argument("--home", metavar="DIR", help="folder that holds all data and settings")
    parser.add_argument(
        "--open",
        metavar="LINK",
        help="tickreel://data, tickreel://replay/EXCHANGE/SYMBOL?..., tickreel://backtest or tickreel://run/ID",
    )
    parser.add_argument("--theme", choices=[str(mode) for mode in ThemeMode], help="colours of this run")
    parser.add_argument("--size", metavar="WxH", help="size of the window, instead of the one it had last")
    checks = parser.add_argument_group("for checks")
    checks.add_argument(
        "--screenshot", metavar="DIR", type=Path, help="play what was opened and save pictures to DIR"
    )
    checks.add_argument(
        "--play",
        metavar="SECONDS",
        type=float,
        default=4.0,
        help="how long to play before the picture; 0 plays to the end (default 4)",
    )
    checks.add_argument("--exit", action="store_true", help="leave when that is done, with a line of JSON")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    is_written_well = all(
        side.isascii() and side.isdecimal() and len(side) <= _MOST_DIGITS for side in (width, height)
    )
    if not is_written_well or 0 in (size_px := (int(width), int(height))):
        raise UsageError(f"{text!r} is not a size: write it as 1280x800")
    return size_px
