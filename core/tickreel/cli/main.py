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
from tickreel.kernels import tell_when_slow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANCELLED = 130
_NEAR = 0.7
"""How alike a word must be to what may have been meant; at less, other words are taken for misspelt ones."""

COMMANDS = {
    "import": ("tickreel.cli.import_", "store vendor CSV files in the cache"),
    "datasets": ("tickreel.cli.datasets", "list what the cache holds"),
    "rows": ("tickreel.cli.rows", "print the rows of a range as CSV, JSON, Parquet or Arrow"),
    "book": ("tickreel.cli.book", "print an order book at an instant"),
    "replay": ("tickreel.cli.replay", "play a range, at full speed or paced, and sum it up"),
    "serve": ("tickreel.cli.serve", "answer clients of tardis-machine from the cache"),
    "fetch": ("tickreel.cli.fetch", "fetch days from Tardis.dev, each once"),
    "warm": ("tickreel.cli.warm", "put days into the shared cache of a desk"),
    "jobs": ("tickreel.cli.jobs", "look after what is being fetched and kept complete"),
    "key": ("tickreel.cli.key", "keep the vendor's key in the store of this system"),
    "plan": (
        "tickreel.cli.plan",
        "the vendor's plan: its budget of calls, its price and what the cache saves",
    ),
    "analyze": ("tickreel.cli.analyze", "analyse a range: by rules on this machine, or by a model"),
    "backtest": ("tickreel.cli.backtest", "run a strategy over a range, and keep the run with its card"),
    "sweep": ("tickreel.cli.sweep", "run a strategy over a grid of parameters, symbols and days"),
    "runs": ("tickreel.cli.runs", "runs that are kept: list, show, compare, prove, export, mark, delete"),
    "export": ("tickreel.cli.export", "write a range as another engine reads it"),
    "llm": ("tickreel.cli.llm", "what calls of models cost, and the prices that they are counted with"),
    "instruments": ("tickreel.cli.instruments", "what is known of instruments: tick, lot, contract, fees"),
    "settings": ("tickreel.cli.settings", "what is set, where it comes from, and what it accepts"),
    "sample": ("tickreel.cli.sample", "make a simulated extract to try things on"),
    "cache": ("tickreel.cli.cache", "look after what the cache holds: statistics, pins, eviction, trash"),
    "bench": ("tickreel.cli.bench", "measure how fast this machine stores and reads"),
    "updates": ("tickreel.cli.updates", "ask whether a newer version is there"),
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


class Verbs(Protocol):
    """What a module offers that does several verbs of one command, such as ``tickreel cache``."""

    USAGE: Mapping[str, str]
    """The words after each verb."""
    DESCRIPTION: Mapping[str, str]

    def add_arguments(self, verb: str, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments of one verb."""

    def run(self, verb: str, args: argparse.Namespace) -> int:
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
    module, summary = _chosen("command", args.command, COMMANDS, "tickreel")
    command = import_module(module)
    given = argparse.Namespace(home=args.home, quiet=args.quiet, json=args.json)
    if hasattr(command, "VERBS"):
        return _run_verb(args.command, command.VERBS, args.rest, given)
    single = cast("Command", command)
    parser = _command_parser(args.command, summary, single.USAGE, single.DESCRIPTION)
    single.add_arguments(parser)
    parsed = parser.parse_intermixed_args(args.rest, given)
    _explain_compiling(parsed)
    return single.run(parsed)


def _run_verb(
    command: str,
    verbs: Mapping[str, tuple[str, str]],
    words: Sequence[str],
    given: argparse.Namespace,
) -> int:
    """Find the verb among the words after a command that has several, and do it."""
    chooser = _Parser(
        prog=f"tickreel {command}",
        usage=f"tickreel {command} VERB ...",
        epilog=f"verbs:\n{_listed({verb: summary for verb, (_, summary) in verbs.items()})}\n\n"
        f"`tickreel {command} VERB --help` says more of each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_common(chooser, default=argparse.SUPPRESS)
    _add_choice(chooser, "verb")
    args = chooser.parse_args(words, given)
    module, summary = _chosen("verb", args.verb, verbs, f"tickreel {command}")
    handler = cast("Verbs", import_module(module))
    usage, description = handler.USAGE[args.verb], handler.DESCRIPTION[args.verb]
    parser = _command_parser(f"{command} {args.verb}", summary, usage, description)
    handler.add_arguments(args.verb, parser)
    given = argparse.Namespace(home=args.home, quiet=args.quiet, json=args.json)
    parsed = parser.parse_intermixed_args(args.rest, given)
    _explain_compiling(parsed)
    return handler.run(args.verb, parsed)


def _explain_compiling(args: argparse.Namespace) -> None:
    """Say what takes so long where the first use of a version has to compile, or every use."""
    if not args.quiet:
        tell_when_slow(_tell_of_compiling)


def _tell_of_compiling() -> None:
    from tickreel.kernels import why_nothing_is_kept  # loaded by now, but heavy before

    if problem := why_nothing_is_kept():
        tell(f"preparing the engine for this run alone, which takes up to a minute: {problem}")
    else:
        tell("preparing the engine for this machine, once; this takes up to a minute")


def _chosen(
    what: str, word: str | None, choices: Mapping[str, tuple[str, str]], before: str
) -> tuple[str, str]:
    """Find what a word names, or say what may have been meant; *before* is the line up to the word."""
    if word is None:
        raise UsageError(f"name a {what}: {', '.join(choices)} (see {before} --help)")
    if word in choices:
        return choices[word]
    from difflib import get_close_matches  # of no use to a line that is right

    near = get_close_matches(word.lower(), choices, n=2, cutoff=_NEAR)
    meant = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(choices)}"
    raise UsageError(f"{before} has no {what} {word!r}: {meant} (see {before} --help)")


def _command_parser(name: str, summary: str, usage: str, description: str) -> _Parser:
    parser = _Parser(
        prog=f"tickreel {name}",
        usage=f"tickreel {name} {usage}",
        description=f"{summary[0].upper()}{summary[1:]}. {description}",
        allow_abbrev=False,
    )
    _add_common(parser, default=argparse.SUPPRESS)
    return parser


def _listed(summaries: Mapping[str, str]) -> str:
    width = max(map(len, summaries))
    return "\n".join(f"  {name:{width}}  {summary}" for name, summary in summaries.items())


def _add_choice(parser: argparse.ArgumentParser, name: str) -> None:
    """Add a word to choose, and all that follows it."""
    choice = parser.add_argument(name, metavar=name.upper(), help=argparse.SUPPRESS)
    rest = parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    choice.required = rest.required = False  # the message of the parser names neither well


def _top_parser() -> argparse.ArgumentParser:
    listed = _listed({name: summary for name, (_, summary) in COMMANDS.items()})
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
    _add_choice(parser, "command")
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
