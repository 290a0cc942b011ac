"""The files of a run: Parquet tables and its card, in a folder of the home that appears whole or not at all.

    runs/<id>/orders.parquet, fills.parquet, equity.parquet, logs.parquet
    runs/<id>/series/<name>.parquet     what the strategy recorded
    runs/<id>/strategy.py               its code, as it was run
    runs/<id>/beside/...                modules that it imported from its folder
    runs/<id>/card.json                 all that is told of the run when it ended

A run writes to ``runs/<id>.unfinished``, which takes its name when every file was forced to the disk. The
catalog holds the SHA-256 of each file, by which it is told whether one was changed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.filesystem import is_plain_name, is_plain_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from tickreel.filesystem import Disk

TABLES = ("orders", "fills", "equity", "logs")
BESIDE = "beside"
_SERIES = "series"
_UNFINISHED = ".unfinished"
_READ_BYTES = 2**20
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def runs_folder(home: Path) -> Path:
    """Name the folder of all runs of a home."""
    return home / "runs"


def run_folder(home: Path, run_id: str) -> Path:
    """Name the folder of a run that has ended; raises as :func:`checked_id`."""
    return runs_folder(home) / checked_id(run_id)


def checked_id(run_id: str) -> str:
    """Give an id that names a folder of runs and nothing outside it, whatever a card or catalog says.

    Raises:
        DataError: it is none.
    """
    if not is_plain_name(run_id):
        raise DataError(f"{run_id!r} is no id of a run")
    return run_id


def unfinished_folder(home: Path, run_id: str) -> Path:
    """Name the folder to which a run writes; raises as :func:`checked_id`."""
    return runs_folder(home) / f"{checked_id(run_id)}{_UNFINISHED}"


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet; raises OSError."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")


def series_file(number: int, name: str) -> str:
    """Name the file of a recorded series by its place among them and its name, below the folder of a run."""
    return f"{_SERIES}/{number:03}-{_UNSAFE.sub('_', name)[:60]}.parquet"


def file_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file below a folder by its name there; raises OSError."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def seal(disk: Disk, home: Path, run_id: str) -> dict[str, str]:
    """Force the files of a run to the disk and give its folder its name; give the digest of each.

    Raises:
        EnvironmentProblem: the disk is full, or cannot be written.
    """
    unfinished, folder = unfinished_folder(home, run_id), run_folder(home, run_id)
    try:
        digests = file_digests(unfinished)
        for name in digests:
            with (unfinished / name).open("rb+") as file:
                disk.sync(file)
        for inside in (*(path for path in unfinished.rglob("*") if path.is_dir()), unfinished):
            disk.sync_folder(inside)
        disk.move(unfinished, folder)
        disk.sync_folder(folder.parent)
    except OSError as error:
        raise EnvironmentProblem(f"run {run_id} cannot be kept: {error.strerror or error}") from error
    return digests


def clear_tables(folder: Path) -> None:
    """Remove the tables of a run that may not be whole.

    Raises:
        EnvironmentProblem: they cannot be removed.
    """
    try:
        for path in (*folder.glob("*.parquet"), *folder.glob(f"{_SERIES}/*.parquet")):
            path.unlink()
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be cleared: {error.strerror or error}") from error


def set_aside(disk: Disk, home: Path, run_id: str) -> None:
    """Take its name from the folder of a run, so that it is gone whatever happens next; raises OSError."""
    folder = run_folder(home, run_id)
    if folder.exists():
        disk.move(folder, unfinished_folder(home, run_id))


def remove_unfinished(home: Path, run_id: str) -> None:
    """Remove what a run wrote and nobody finished, if there is anything; raises OSError."""
    folder = unfinished_folder(home, run_id)
    if folder.exists():
        shutil.rmtree(folder)


def folders(home: Path) -> tuple[set[str], set[str]]:
    """Name the runs of which there are files, and those of which there are unfinished ones.

    What lies in the trash is none of both: its name has a dot as well.
    """
    folder = runs_folder(home)
    names = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    unfinished = {name.removesuffix(_UNFINISHED) for name in names if name.endswith(_UNFINISHED)}
    ours = {name for name in names if is_plain_name(name)}
    return ours, {name for name in unfinished if is_plain_name(name)}


def checked(home: Path, run_id: str, digests: Mapping[str, str], name: str) -> Path:
    """Give the path of a file of a run that is as it was when the run ended.

    Raises:
        DataError: it is gone, was never written, or was changed.
    """
    path = run_folder(home, run_id) / name
    if name not in digests or not is_plain_path(name):
        raise DataError(f"run {run_id} kept no {name}")
    try:
        is_same = _sha256(path) == digests[name]
    except OSError as error:
        raise DataError(f"{name} of run {run_id} cannot be read: {error.strerror or error}") from error
    if not is_same:
        raise DataError(f"{path} was changed since run {run_id} ended: its checksum is another")
    return path
