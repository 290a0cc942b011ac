"""``tickreel import``: vendor files into the cache, each whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.cli.console import print_json, tell
from tickreel.cli.jsonform import ahead_form, failed_form, import_order, ingested_form
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress
from tickreel.cli.words import instrument
from tickreel.errors import Cancelled, EnvironmentProblem, TickreelError, UsageError
from tickreel.market.time import parse_day
from tickreel.market.units import format_full
from tickreel.store import CHECKED_ROWS, ImportRequest, as_type
from tickreel.vendorcsv import claim_of, find_files

if TYPE_CHECKING:
    import argparse

    from tickreel.store import Cache, DayAhead, FileAhead

USAGE = (
    "PATH... [--exchange E] [--symbol S] [--type T] [--day D] [--replace] [--complete] [--check] "
    "[--json] [--home DIR] [--quiet]"
)
DESCRIPTION = (
    "A PATH is a file (plain, gzip or zstd CSV) or a directory, of which every *.csv, *.csv.gz and "
    "*.csv.zst below it is taken. What the options do not say is found from the file. --check stores "
    f"nothing: it reads the first {CHECKED_ROWS} rows of each file and tells what an import would do."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="file or directory")
    parser.add_argument("--exchange", metavar="E", help="refuse rows of another exchange")
    parser.add_argument(
        "--symbol", metavar="S", help="refuse rows of another symbol, or name the group of many symbols"
    )
    parser.add_argument("--type", metavar="T", help="data type, where the header fits more than one")
    parser.add_argument("--day", metavar="D", help="refuse rows outside this UTC day (YYYY-MM-DD)")
    parser.add_argument(
        "--replace", action="store_true", help="swap days that differ; the old ones go to the trash"
    )
    parser.add_argument(
        "--complete", action="store_true", help="take the days as whole however early or late their rows end"
    )
    parser.add_argument(
        "--check", action="store_true", help="only check the first rows, and tell what an import would do"
    )


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    request = _request(args)
    is_single = len(args.paths) == 1 and not Path(args.paths[0]).is_dir()
    files, entries = _files(args.paths)
    act = _check if args.check else _import
    with opened_cache(args, only_reads=args.check) as cache, Progress(quiet=args.quiet) as progress:
        for number, path in enumerate(files, 1):
            progress.begin(path.name if len(files) == 1 else f"{number} of {len(files)}  {path.name}")
            try:
                new = act(cache, replace(request, path=path), progress)
            except Cancelled:
                raise
            except UsageError as error:
                if is_single:
                    raise
                new = [_failure(request, path, error)]
            except TickreelError as error:
                new = [_failure(request, path, error)]
            except OSError as error:
                did_not = "not checked against" if args.check else "not stored in"
                why = f"{path}: {did_not} {cache.home}: {error.strerror or error}"
                new = [_failure(request, path, EnvironmentProblem(why))]
            progress.clear()
            _show(new, as_json=args.json)
            entries += new
    if args.json:
        print_json(sorted(entries, key=import_order))
    return 1 if any(entry["error"] for entry in entries) else 0


def _import(cache: Cache, request: ImportRequest, progress: Progress) -> list[dict[str, Any]]:
    return [ingested_form(str(request.path), one) for one in cache.import_path(request, progress)]


def _check(cache: Cache, request: ImportRequest, progress: Progress) -> list[dict[str, Any]]:
    ahead = cache.look_ahead(request, progress)
    return [ahead_form(ahead, one, _refusal(ahead, one)) for one in ahead.days]


def _refusal(ahead: FileAhead, one: DayAhead) -> str | None:
    if not one.prospect.is_refused:
        return None
    return (
        f"{ahead.path}: {ahead.key} {one.day}: rows of the same time are held from another file; unless "
        "they are equal the import is refused: use --replace to swap the day (the old one goes to the trash)"
    )


def _request(args: argparse.Namespace) -> ImportRequest:
    """Read the options; the path is filled in for each file."""
    exchange, symbol = args.exchange, args.symbol
    if symbol is not None and ":" in symbol and exchange is None:
        exchange, symbol = instrument(None, symbol)
    return ImportRequest(
        path=Path(),
        exchange=exchange,
        symbol=symbol,
        type=None if args.type is None else as_type(args.type),
        day=None if args.day is None else parse_day(args.day),
        replace=args.replace,
        complete=args.complete,
    )


def _files(paths: list[str]) -> tuple[list[Path], list[dict[str, Any]]]:
    """List the files meant, and a failed entry for each of several paths that means none."""
    files: list[Path] = []
    failed: list[dict[str, Any]] = []
    for path in paths:
        try:
            files += find_files([Path(path)])
        except TickreelError as error:
            if len(paths) == 1:
                raise
            failed.append(failed_form(path, None, None, None, str(error)))
            tell(str(error))
    return files, failed


def _failure(request: ImportRequest, path: Path, error: TickreelError) -> dict[str, Any]:
    claim = claim_of(path)
    data_type = request.type or claim.type
    return failed_form(
        str(path),
        request.exchange or claim.exchange,
        request.symbol,  # file names spell it otherwise than the rows do
        data_type.value if data_type else None,
        str(error),
    )


def _show(entries: list[dict[str, Any]], *, as_json: bool) -> None:
    """Tell of one file as soon as it is done: its days on stdout, its failure on stderr."""
    for entry in entries:
        if entry["error"]:
            tell(entry["error"])
        elif not as_json:
            print(
                f"{entry['result'].replace('_', ' '):12}  {entry['exchange']} {entry['symbol']} "
                f"{entry['type']}  {entry['day']}  {_found(entry)}",
                flush=True,
            )


def _found(entry: dict[str, Any]) -> str:
    """Say how many rows there are, and of a file that was only checked how many were."""
    count = entry["rows"] if "rows_checked" not in entry else entry["rows_checked"]
    rows = f"{format_full(count)} row{'s' if count != 1 else ''}"
    if "rows_checked" not in entry:
        return f"{entry['state']}, {rows}"
    return f"first {rows} checked" if entry["rows"] is None else f"all {rows} checked"
