"""Looks at the machine and the home and says what is wrong and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.filesystem import file_system_of, is_network_file_system
from tickreel.kernels import KernelCache, kernel_modules
from tickreel.market.units import format_bytes, format_full
from tickreel.program import child_command
from tickreel.settings import load
from tickreel.store.home import Home
from tickreel.store.model import DayState
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database

LIBRARIES = (
    "aiohttp",
    "numpy",
    "pandas",
    "pyarrow",
    "numba",
    "isal",
    "zstandard",
    "msgpack",
    "msgspec",
    "filelock",
    "httpx",
    "keyring",
    "platformdirs",
    "psutil",
    "redis",
    "circuitbreaker",
    "tzdata",
)
"""What the program needs, by the names of their distributions."""
_DESKTOP_PACKAGES = ("PySide6", "pyqtgraph", "qasync")
_REBUILD = "Remake it from the segments with: tickreel cache rebuild"
_OWN_KERNELS = "Set NUMBA_CACHE_DIR to a folder that you alone can write, or put this one right."
_NOTHING = "nothing is held yet"
_LOW_DISK_BYTES = 5 * 10**9
_VERY_LOW_DISK_BYTES = 10**9

QT_SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Libraries that Qt takes from a Linux system, with the Debian package of each."""


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; *advice* is empty when nothing need be done."""

    name: str
    status: Status
    detail: str
    advice: str = ""


def check_form(check: Check) -> dict[str, str | None]:
    """Give the JSON form of a check."""
    return {
        "name": check.name,
        "status": check.status.value,
        "detail": check.detail,
        "advice": check.advice or None,
    }


@dataclass(frozen=True, slots=True)
class Report:
    """All checks, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """The gravest status of all checks."""
        found = {check.status for check in self.checks}
        return next((status for status in (Status.ERROR, Status.WARNING) if status in found), Status.OK)


def examine(home: Path) -> Report:
    """Make every check; nothing is changed, and a home that is not there is not made."""
    checks = [
        _python(),
        Check("platform", Status.OK, f"{platform.platform()}, {os.cpu_count()} processors"),
        _libraries(),
        _home(home),
        _free_space(home),
        _file_system(home),
        *_store(home),
        _settings(home),
        *_shared(home),
        _kernels(),
        _desktop(),
    ]
    if sys.platform.startswith("linux"):
        checks.append(_system_libraries())
    return Report(tuple(checks))


def _python() -> Check:
    return Check("python", Status.OK, f"{platform.python_version()} at {sys.executable}")


def _libraries() -> Check:
    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            "libraries", Status.ERROR, f"missing: {', '.join(missing)}", "Set up again with make setup."
        )
    return Check("libraries", Status.OK, ", ".join(found))


def _home(home: Path) -> Check:
    advice = "Give yourself the right to write there, or set TICKREEL_HOME to another folder."
    if not home.exists():
        folder = _nearest_existing(home)
        if not os.access(folder, os.W_OK | os.X_OK):
            return Check("home", Status.ERROR, f"{home} cannot be made: {folder} is not writable", advice)
        return Check("home", Status.OK, f"{home} does not exist yet and is made at first use")
    if not home.is_dir():
        return Check("home", Status.ERROR, f"{home} is not a folder", "Set TICKREEL_HOME to a folder.")
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        if Home(home, read_only=True, without_catalog=True).has_catalog:
            detail = f"{home} can be read, but not written: {error.strerror}"
            return Check(
                "home",
                Status.WARNING,
                detail,
                f"To store or change anything: {advice[0].lower()}{advice[1:]}",
            )
        return Check("home", Status.ERROR, f"{home} cannot be written: {error.strerror}", advice)
    return Check("home", Status.OK, str(home))


def _free_space(home: Path) -> Check:
    free_bytes = shutil.disk_usage(_nearest_existing(home)).free
    detail = f"{format_bytes(free_bytes)} free"
    advice = "Free some space, or set TICKREEL_HOME to a folder on a larger disk."
    if free_bytes < _VERY_LOW_DISK_BYTES:
        return Check("disk", Status.ERROR, detail, advice)
    if free_bytes < _LOW_DISK_BYTES:
        return Check("disk", Status.WARNING, detail, advice)
    return Check("disk", Status.OK, detail)


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _file_system(home: Path) -> Check:
    kind = file_system_of(home)
    if not kind:
        return Check(
            "file system",
            Status.WARNING,
            "the system does not tell what lies under the home",
            "Make sure that TICKREEL_HOME is on a disk of this machine.",
        )
    if is_network_file_system(kind):
        return Check(
            "file system",
            Status.ERROR,
            f"the home lies on a network file system ({kind}), where the store is not safe",
            "Set TICKREEL_HOME to a folder on a disk of this machine.",
        )
    return Check("file system", Status.OK, kind)


def _store(home: Path) -> list[Check]:
    """Look through the catalog's pages, and if they are sound at what it lists."""
    if not home.is_dir():
        return []  # what that means, the check of the home tells
    try:
        place = Home(home, read_only=True, without_catalog=True)
        if not place.has_catalog:
            return [_without_catalog(place)]
        with closing(Database(place.catalog, read_only=True)) as database:
            ((found,),) = database.tuples("PRAGMA quick_check(1)")
            if found != "ok":
                return [Check("catalog", Status.ERROR, f"it is damaged: {found}", _REBUILD)]
            return [Check("catalog", Status.OK, "sound"), _holdings(place, Catalog(database))]
    except TickreelError as error:  # the message says what to do first
        advice = (
            "If that does not help, restore the home from a backup, or set TICKREEL_HOME to another folder."
        )
        return [Check("catalog", Status.ERROR, str(error), advice)]


def _without_catalog(place: Home) -> Check:
    if next(place.segment_ids(), None) is not None:
        return Check("catalog", Status.ERROR, "it is gone, and the segments are there", _REBUILD)
    return Check("store", Status.OK, _NOTHING)


def _holdings(place: Home, catalog: Catalog) -> Check:
    """Count what is held, what of it is damaged, and what the catalog does not know."""
    datasets = catalog.datasets()
    damaged = sum(dataset.days[DayState.DAMAGED] for dataset in datasets)
    unknown = len(place.orphans(catalog.held_segments))
    details, advice = [_NOTHING], []
    if datasets:
        rows = format_full(sum(dataset.rows for dataset in datasets))
        size = format_bytes(sum(dataset.bytes for dataset in datasets))
        details = [_counted(len(datasets), "dataset"), f"{rows} rows", size]
    if damaged:
        details.append(f"{_counted(damaged, 'day')} damaged")
        advice.append("`tickreel datasets --days` lists them: import or fetch what is damaged again.")
    if unknown:
        details.append(f"{_counted(unknown, 'sealed segment')} not in the catalog")
        advice.append("`tickreel cache rebuild` takes in what the catalog does not know.")
    status = Status.WARNING if advice else Status.OK
    return Check("store", status, ", ".join(details), " ".join(advice))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _settings(home: Path) -> Check:
    try:
        loaded = load(home)
    except TickreelError as error:
        return Check("settings", Status.ERROR, str(error), "Correct the value that is named.")
    if loaded.unread:
        advice = "Until then nothing connects, for the way to the vendor may be set there."
        return Check("settings", Status.ERROR, loaded.unread, advice)
    ca_file = loaded.values.network.ca_file
    if ca_file is not None and not Path(ca_file).expanduser().is_file():
        detail = f"network.ca_file names {ca_file}, where there is no file"
        return Check("settings", Status.ERROR, detail, "Until it is there nothing connects: correct it.")
    if loaded.problems:
        return Check("settings", Status.WARNING, "; ".join(loaded.problems), "Correct the settings file.")
    locked = [key for key in loaded.origins if loaded.is_locked(key)]
    if not locked:
        return Check("settings", Status.OK, "understood")
    policy, keys = loaded.origin(locked[0]).where, _counted(len(locked), "key")
    return Check("settings", Status.OK, f"understood; the policy {policy} locks {keys}")


def _shared(home: Path) -> list[Check]:
    """Ask the shared server, if one is set, and say what is wrong with it."""
    try:
        loaded = load(home)
        if loaded.values.shared.url is None:
            return []
        if not loaded.values.shared.is_used:
            return [Check("shared cache", Status.OK, "set, and not used: shared.tiers is local")]
        from tickreel.shared.opening import line_of

        line = line_of(loaded.values.shared)
    except TickreelError as error:
        return [Check("shared cache", Status.ERROR, str(error), "Correct shared.url, or TICKREEL_REDIS_URL.")]
    from tickreel.shared.server import look_at

    with closing(line):
        found = look_at(line)
    if found.trouble is not None:
        detail = f"{line.address}: {found.trouble}"
        return [Check("shared cache", Status.ERROR, detail, found.trouble.advice)]
    status = Status.WARNING if found.warnings else Status.OK
    return [Check("shared cache", status, f"{line.address}: {found}", " ".join(found.warnings))]


def _kernels() -> Check:
    """Tell how many modules of kernels are compiled, and where; nothing is compiled for it."""
    try:
        kernels = KernelCache.of_user()
    except PackageNotFoundError:
        return Check("kernels", Status.OK, "not compiled: the compiler is missing")
    try:
        kernels.check()
    except EnvironmentProblem as problem:
        return Check("kernels", Status.WARNING, f"compiled anew at each start: {problem}", _OWN_KERNELS)
    try:
        # Made and removed again: what may be written is not all that can be, such as below /proc.
        with tempfile.TemporaryDirectory(dir=_nearest_existing(kernels.root)):
            pass
    except OSError as error:
        detail = f"compiled anew at each start: {kernels.root} cannot be written ({error.strerror})"
        return Check("kernels", Status.WARNING, detail, _OWN_KERNELS)
    modules = kernel_modules()
    filled = sum(kernels.is_filled(module) for module in modules)
    detail = f"{filled} of {_counted(len(modules), 'module')} compiled, {format_bytes(kernels.size_bytes())}"
    rest = "" if filled == len(modules) else "; the rest at the next start of the desktop, or at first use"
    return Check("kernels", Status.OK, f"{detail} in {kernels.root}{rest}")


def _desktop() -> Check:
    missing = [name for name in _DESKTOP_PACKAGES if find_spec(name) is None]
    if missing:
        return Check(
            "desktop",
            Status.WARNING,
            f"missing: {', '.join(missing)}; the command line works without",
            "Install the desktop with: pip install 'tickreel[desktop]'",
        )
    try:
        qt = version("PySide6-Essentials")
    except PackageNotFoundError:  # from the system's own packages, under whatever name
        return Check("desktop", Status.OK, "installed")
    if sys.version_info < (3, 12) and tuple(int(part) for part in qt.split(".")[:2]) >= (6, 12):
        return Check(
            "desktop",
            Status.ERROR,
            f"PySide6 {qt} stops Python {platform.python_version()} within seconds",
            "Install an older one with: pip install 'PySide6-Essentials<6.12', or use Python 3.12.",
        )
    return Check("desktop", Status.OK, f"PySide6 {qt}")


def _system_libraries() -> Check:
    tried = subprocess.run(
        child_command("tickreel.systemlibraries", *QT_SYSTEM_LIBRARIES),
        capture_output=True,
        text=True,
        check=False,
    )
    missing = tried.stdout.split()
    if tried.returncode != 0:
        advice = (
            "If the window does not open, start tickreel-desktop from a terminal: it names what is missing."
        )
        return Check("system libraries", Status.WARNING, "could not be looked for", advice)
    if missing:
        packages = " ".join(QT_SYSTEM_LIBRARIES[name] for name in missing)
        return Check(
            "system libraries",
            Status.WARNING,
            f"missing: {', '.join(missing)}; the desktop needs them",
            f"On Debian or Ubuntu: sudo apt-get install {packages}",
        )
    return Check("system libraries", Status.OK, "all that Qt needs")
