"""What the vendor's paths and file names say of the files, and which files a request means.

A claim is only what a name says; whether the rows agree is found out by reading them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.market.types import GROUPS, DataType

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES = (".csv", ".csv.gz", ".csv.zst")
"""Endings, in lower case, of the files that are taken from a folder."""
_EXCHANGE = re.compile(r"[a-z0-9][a-z0-9-]*")
_FLAT = re.compile(
    rf"(?P<exchange>[a-z0-9][a-z0-9-]*)_(?P<type>{'|'.join(DataType)})_(?P<day>\d{{4}}-\d{{2}}-\d{{2}})_"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a file's name or place says of its content; None where it says nothing."""

    exchange: str | None = None
    type: DataType | None = None
    day: date | None = None
    symbol: str | None = None
    """In the spelling of file names, see :func:`vendor_spelling`."""


def claim_of(path: Path) -> Claim:
    """Read what the vendor's naming says of *path*; the file itself is not looked at.

    Known are ``.../{exchange}/{type}/{YYYY}/{MM}/{DD}/{SYMBOL}.csv[.gz|.zst]`` and, at the
    start of the file name, ``{exchange}_{type}_{YYYY-MM-DD}_``; there the symbol is the rest
    of the name up to its suffix, with whatever somebody added to it.
    """
    return _claim_of_place(path) or _claim_of_name(path.name) or Claim()


def group_in(path: Path) -> str | None:
    """Find the group (SPOT, FUTURES, PERPETUALS, OPTIONS) that *path* names as its symbol."""
    symbol = claim_of(path).symbol or _stem(path.name) or ""
    # Names that somebody lengthened, as in ..._OPTIONS_first100.csv, still name the group.
    first_word = symbol.partition("_")[0]
    return first_word if first_word in GROUPS else None


def vendor_spelling(symbol: str) -> str:
    """Spell an exchange's symbol as the vendor's file names do: upper-case, ``/`` and ``:`` as ``-``."""
    return symbol.upper().replace("/", "-").replace(":", "-")


def find_files(paths: Iterable[Path]) -> list[Path]:
    """List the files that *paths* mean: a file itself, a directory's CSV files at any depth.

    Raises:
        UsageError: a path does not exist, or a directory holds no CSV file.
        EnvironmentProblem: a directory cannot be listed.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(_csv_files_below(path))
            if not below:
                raise UsageError(f"{path}: no *.csv, *.csv.gz or *.csv.zst in this directory or below it")
            found += below
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"{path}: there is no such file or directory")
    return found


def _csv_files_below(directory: Path) -> Iterable[Path]:
    def refuse(error: OSError) -> None:
        raise EnvironmentProblem(f"{error.filename}: cannot be listed: {error.strerror}") from error

    # Folders that links lead to are not walked into; of pipes and devices a read would not end.
    for folder, _, names in os.walk(directory, onerror=refuse):
        named = (Path(folder, name) for name in names if name.lower().endswith(SUFFIXES))
        yield from (path for path in named if path.is_file())


def _stem(name: str) -> str | None:
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] or None
    return None


def _claim_of_place(path: Path) -> Claim | None:
    symbol = _stem(path.name)
    # A file named from inside its own folder is still in the vendor's place.
    parts = path.absolute().parts[-6:-1]
    if symbol is None or len(parts) < 5 or parts[1] not in set(DataType):
        return None
    exchange, data_type, *year_month_day = parts
    day = _day("-".join(year_month_day))
    if day is None or not _EXCHANGE.fullmatch(exchange):
        return None
    return Claim(exchange, DataType(data_type), day, symbol)


def _claim_of_name(name: str) -> Claim | None:
    match = _FLAT.match(name)
    day = _day(match["day"]) if match else None
    if match is None or day is None:
        return None
    stem = _stem(name)
    symbol = stem[match.end() :] or None if stem is not None else None
    return Claim(match["exchange"], DataType(match["type"]), day, symbol)


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
