"""Collects what goes into a bundle, as it is on this machine: nothing here is cleaned yet."""

from __future__ import annotations

import os
import platform
import sys
import time
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

from tickreel.doctor import LIBRARIES, check_form, examine
from tickreel.errors import TickreelError
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.standing import StandingOrders
from tickreel.fetch.states import FetchState
from tickreel.filesystem import file_system_of
from tickreel.logs import CRASH_FILE, LOG_FILE, logs_dir
from tickreel.session import marker_path, previous_marker_path
from tickreel.settings import SETTINGS, load
from tickreel.settings.tree import value_of
from tickreel.store.care.statistics import gather_statistics
from tickreel.store.home import Home
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.doctor import Report
    from tickreel.store.model import Dataset

_DESKTOP_LIBRARIES = ("PySide6-Essentials", "shiboken6", "pyqtgraph", "qasync")
_LOG_BYTES = 200_000
_CRASH_BYTES = 60_000
_SESSION_BYTES = 20_000
_MOST_JOBS = 100
_MOST_FAILED_DAYS = 200
_LOG_FILES = tuple(f"{LOG_FILE}{age}" for age in ("", ".1", ".2", ".3", ".4"))
_CRASH_FILES = (CRASH_FILE, f"{CRASH_FILE}.1")


def gather(home: Path, report: Report | None) -> Iterator[tuple[str, Any]]:
    """Give the files of a bundle one by one: name, and text or what becomes JSON."""
    yield "environment.json", _or_problem(lambda: _environment(home))
    yield "doctor.json", _or_problem(lambda: _checks(report or examine(home)))
    yield "settings.json", _or_problem(lambda: _settings(home))
    yield "catalog.json", _or_problem(lambda: _catalog(home))
    yield "jobs.json", _or_problem(lambda: _jobs(home))
    yield from _ends_of_files(logs_dir(home), _LOG_FILES, _LOG_BYTES)
    yield from _ends_of_files(logs_dir(home), _CRASH_FILES, _CRASH_BYTES)
    for path in (marker_path(home), previous_marker_path(home)):
        yield from _ends_of_files(path.parent, (path.name,), _SESSION_BYTES)


def _or_problem(make: Callable[[], Any]) -> Any:
    """Make a part; what stands in its way is told in its place, and the rest is gathered all the same."""
    try:
        return make()
    except (TickreelError, OSError) as error:
        return {"problem": str(error)}


def _environment(home: Path) -> dict[str, Any]:
    names = ("tickreel", *LIBRARIES, *_DESKTOP_LIBRARIES)
    return {
        "gathered_us": time.time_ns() // 1000,
        "versions": {name: _version(name) for name in names},
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "frozen": bool(getattr(sys, "frozen", False)),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "file_system_encoding": sys.getfilesystemencoding(),
        "home": str(home),
        "home_file_system": file_system_of(home),
        # Their values may be secret, and those that are settings stand among the settings.
        "variables": sorted(name for name in os.environ if name.startswith(("TICKREEL_", "TARDIS_", "QT_"))),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _checks(report: Report) -> list[dict[str, Any]]:
    return [check_form(check) for check in report.checks]


def _settings(home: Path) -> dict[str, Any]:
    loaded = load(home)
    values = []
    for setting in SETTINGS:
        origin = loaded.origin(setting.key)
        value = msgspec.to_builtins(value_of(loaded.values, setting.key))
        values.append(
            {"key": setting.key, "value": value, "source": origin.source.value, "where": origin.where or None}
        )
    return {"settings": values, "problems": list(loaded.problems)}


@contextmanager
def _opened(home: Path) -> Iterator[tuple[Home, Database] | None]:
    """Open the catalog to read; None where there is none, and none is made."""
    place = Home(home, read_only=True, without_catalog=True) if home.is_dir() else None
    if place is None or not place.has_catalog:
        yield None
        return
    database = Database(place.catalog, read_only=True)
    try:
        yield place, database
    finally:
        database.close()


def _catalog(home: Path) -> dict[str, Any]:
    """Sum up what is held; no rows, and nothing that somebody wrote."""
    with _opened(home) as opened:
        if opened is None:
            return {"statistics": None, "datasets": []}
        place, database = opened
        catalog = Catalog(database)
        quota_bytes = load(home).values.store.quota_bytes
        statistics = gather_statistics(place, database, catalog, quota_bytes)
        return {
            "statistics": msgspec.to_builtins(statistics, enc_hook=str),
            "datasets": [_dataset(dataset) for dataset in catalog.datasets()],
        }


def _dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        "dataset": str(dataset.key),
        "first_day": dataset.first_day.isoformat(),
        "last_day": dataset.last_day.isoformat(),
        "days": {state.value: count for state, count in dataset.days.items()},
        "rows": dataset.rows,
        "bytes": dataset.bytes,
        "grade": None if dataset.grade is None else dataset.grade.value,
    }


def _jobs(home: Path) -> dict[str, Any]:
    """Tell of what was asked to be fetched, and why days failed or wait."""
    with _opened(home) as opened:
        if opened is None:
            return {"jobs": [], "failed_days": [], "standing_orders": []}
        place, database = opened
        queue = FetchQueue(database, place.disk.now_us)
        jobs = queue.jobs()
        failed = [
            {
                "job": job.id,
                "day": str(day),
                "state": day.state.value,
                "attempts": day.attempts,
                "reason": day.reason,
                "evidence": None if day.evidence is None else str(day.evidence),
            }
            for job in jobs
            if job.days.get(FetchState.FAILED) or job.days.get(FetchState.WAITING)
            for day in queue.days(job.id)
            if day.reason
        ]
        shown = [
            {
                "id": job.id,
                "what": str(job.request),
                "state": job.state.value,
                "days": {state.value: count for state, count in job.days.items()},
                "bytes": job.bytes,
                "created_us": job.created_us,
            }
            for job in jobs[-_MOST_JOBS:]
        ]
        orders = StandingOrders(database, place.disk.now_us).all()
        return {
            "jobs": shown,
            "jobs_left_out": max(0, len(jobs) - _MOST_JOBS),
            "failed_days": failed[-_MOST_FAILED_DAYS:],
            "failed_days_left_out": max(0, len(failed) - _MOST_FAILED_DAYS),
            "standing_orders": [
                {"what": str(order.key), "first_day": order.first_day.isoformat(), "problem": order.problem}
                for order in orders
            ],
        }


def _ends_of_files(folder: Path, names: tuple[str, ...], limit_bytes: int) -> Iterator[tuple[str, str]]:
    """Give the newest *limit_bytes* of a log whose files are named from the newest to the oldest."""
    for name in names:
        path = folder / name
        try:
            size_bytes = path.stat().st_size
            text = _end_of_file(path, size_bytes, limit_bytes)
        except FileNotFoundError:
            continue
        except OSError as error:
            text = f"it cannot be read: {error}\n"
            size_bytes = 0
        if text:
            yield f"{folder.name}/{name}", text
        limit_bytes -= size_bytes
        if limit_bytes <= 0:
            return


def _end_of_file(path: Path, size_bytes: int, limit_bytes: int) -> str:
    left_out_bytes = max(0, size_bytes - limit_bytes)
    with path.open("rb") as file:
        file.seek(left_out_bytes)
        text = file.read(limit_bytes).decode("utf-8", "replace")
    if not left_out_bytes:
        return text
    # From a whole line on: half a secret would not be known for one.
    return f"({left_out_bytes} bytes before this are left out)\n{text.partition(chr(10))[2]}"
