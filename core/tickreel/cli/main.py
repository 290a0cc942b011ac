"""The program ``tickreel``: finds the command asked for, runs it, and turns errors into exit codes.

Nothing heavy is imported before the command line is understood, and of the commands
only the one that is asked for.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from tickreel.cli.console import abandon_output, flush_output, prepare_streams, tell
from tickreel.errors import TickreelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

CANCELLED = 130

_COMMANDS = {
    "import": ("tickreel.cli.import_", "store vendor CSV files in the cache"),
    "datasets": ("tickreel.cli.datasets", "list what the cache holds"),
    "rows": ("tickreel.cli.rows", "print the rows of a range as CSV, JSON, Parquet or Arrow"),
    "book": ("tickreel.cli.book", "print an order book at an instant"),
    "replay": ("tickreel.cli.replay", "play a range, at full speed or paced, and sum it up"),
    "sample": ("tickreel.cli.sample", "make a simulated extract to try things on"),
    "doctor": ("tickreel.cli.doctor", "look for what is wrong with this machine or the home"),
}


class Command(Protocol):
    """What every command's module offers."""

    USAGE: str
    """The words after the command's name."""
    DESCRIPTION: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and give the exit code; raises TickreelError."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class _ShowVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        version = import_module("importlib.metadata").version("tickreel")
        print(f"tickreel {version}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (default: that of the process) and give its exit code."""
    prepare_streams()
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        flush_output()
    except TickreelError as error:
        tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        abandon_output()
        tell("cancelled")
        return CANCELLED
    except BrokenPipeError:
        abandon_output()  # whoever read the output has seen enough
        return 0
    except OSError as error:
        abandon_output()
        what = f"{error.filename}: " if error.filename else ""
        tell(f"{what}{error.strerror or error}")
        return 1
    return code


def _run(argv: Sequence[str]) -> int:
    args = _top_parser().parse_args(argv)
    if args.command is None:
        raise UsageError(f"name a command: {', '.join(_COMMANDS)} (see tickreel --help)")
    module, summary = _COMMANDS[args.command]
    command = cast("Command", import_module(module))
    parser = _Parser(
        prog=f"tickreel {args.command}",
        usage=f"tickreel {args.command} {command.USAGE}",
        description=f"{summary[0].upper()}{summary[1:]}. {command.DESCRIPTION}",
        allow_abbrev=False,
    )
    _add_common(parser, default=argparse.SUPPRESS)
    command.add_arguments(parser)
    given = argparse.Namespace(home=args.home, quiet=args.quiet, json=args.json)
    return command.run(parser.parse_intermixed_args(args.rest, given))


def _top_parser() -> argparse.ArgumentParser:
    width = max(map(len, _COMMANDS))
    listed = "\n".join(f"  {name:{width}}  {summary}" for name, (_, summary) in _COMMANDS.items())
    parser = _Parser(
        prog="tickreel",
        usage="tickreel [--version] [--home DIR] [--quiet] COMMAND ...",
        description="Keep, replay and backtest tick-level order-book data from Tardis.dev.",
        epilog=f"commands:\n{listed}\n\n`tickreel COMMAND --help` says more of each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version and end")
    _add_common(parser, default=None)
    command = parser.add_argument("command", metavar="COMMAND", choices=_COMMANDS, help=argparse.SUPPRESS)
    rest = parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    command.required = rest.required = False  # the message of the parser names neither well
    return parser


def _add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add the options that stand before or after the command's name."""
    switch = False if default is None else default
    parser.add_argument(
        "--home",
        metavar="DIR",
        default=default,
        help="the folder that holds everything (else TICKREEL_HOME, else the system's place for data)",
    )
    parser.add_argument("--quiet", action="store_true", default=switch, help="show no progress")
    parser.add_argument("--json", action="store_true", default=switch, help="print data as JSON")
