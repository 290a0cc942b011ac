"""The decorator of kernels: Numba's, with Tickreel's cache and processes that take turns.

Numba writes each file of its cache in one step, but first the index and then the code, and two
processes that compile one function for different types at once can leave an index that points to
the other's code. So everything that fills or reads the folder of a module holds its lock. Whoever
comes second thereby waits for the first and loads what it left, instead of compiling the same.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem
from tickreel.kernels.cache import KernelCache
from tickreel.kernels.modules import ROOT, KernelModule
from tickreel.kernels.slowness import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOGGER = logging.getLogger(__name__)
_LONGEST_TURN_S = 300.0
"""Longer than any kernel compiles on a busy machine; then its holder is taken to be stopped."""

_placing = Lock()


class _Manners:
    """How this process goes about compiling."""

    uses_children = False


def njit(signatures: object = None, *, cache: bool = False, **options: Any) -> Any:
    """Compile a kernel as :func:`numba.njit` does; with *cache* it is kept in Tickreel's own folder.

    Where that folder cannot be used, or what it holds is damaged, the kernel is compiled for this
    process alone. Without *cache* it is Numba's decorator: for what only kernels of the same file
    call, which is kept as a part of them.

    Raises:
        TypeError: *cache* without signatures, which would have somebody wait at the first call.
    """
    import numba

    config: Any = numba.config
    if not cache or config.DISABLE_JIT:
        return numba.njit(signatures, **options)
    if signatures is None:
        raise TypeError("a kernel that is kept must spell out its signatures")
    wanted = signatures if isinstance(signatures, list) else [signatures]

    def compiled(function: Callable[..., object]) -> Any:
        with watched() as note_compiled:
            place = _place(Path(function.__code__.co_filename).resolve())
            kernel = None if place is None else _kept(function, place, wanted, options)
            if kernel is None:
                kernel = numba.njit(wanted, **options)(function)
                note_compiled()
            elif any(kernel.stats.cache_misses.values()):
                note_compiled()
            return kernel

    return compiled


def _kept(
    function: Callable[..., object], place: _Place, signatures: list[Any], options: dict[str, Any]
) -> Any | None:
    """Load a kernel from its folder, or compile it and leave it there; None where that fails."""
    import numba
    from numba.core.errors import NumbaError

    with _turn(place) as is_ours:
        if not is_ours:
            place.is_kept = False
            return None
        try:
            kernel = numba.njit(**options)(function)
            _enable_caching(kernel, place)
            for signature in signatures:
                kernel.compile(signature)
            kernel.disable_compile()
        except NumbaError:  # the kernel itself is wrong
            raise
        except Exception:
            # A disk that is full, a file that is damaged: unpickling raises whatever it likes.
            _LOGGER.warning("compiled kernels of %s cannot be kept", place.module.name, exc_info=True)
            place.give_up()
            return None
        return kernel


def compile_in_children() -> None:
    """Have every module that is not compiled yet compiled by a process of its own.

    For a process with a window, where a compiler even on a thread shows as gaps of a sixth of a
    second. Whoever imports the module waits for that process, so not on the window's own thread.
    """
    _Manners.uses_children = True


def is_kept(module: KernelModule) -> bool:
    """Tell whether this process has left all that it compiled of a module, if anything, in the cache."""
    place = _place(module.path)
    return place is not None and place.is_kept


class _Place:
    """The folder of one module that this process may use."""

    def __init__(self, kernels: KernelCache, module: KernelModule) -> None:
        self.cache = kernels
        self.module = module
        self.folder = kernels.prepare(module)
        self.is_kept = True

    def give_up(self) -> None:
        """Remove what is damaged; the next process fills the folder again."""
        self.is_kept = False
        self.cache.forget(self.module)


@cache
def _cache_of_user() -> KernelCache:
    return KernelCache.of_user()


@cache
def _place(path: Path) -> _Place | None:
    """Find where a module's kernels are kept, once for each module; None where nothing can be kept."""
    kernels = _cache_of_user()
    try:
        place = _Place(kernels, KernelModule(path))
    except EnvironmentProblem as problem:
        _tell_once(str(problem))
        return None
    if _Manners.uses_children and not kernels.is_filled(place.module) and path.is_relative_to(ROOT):
        # Whatever becomes of it, what it has not left behind is compiled here.
        subprocess.run(
            [sys.executable, "-m", "tickreel.kernels", place.module.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    return place


@cache
def _tell_once(problem: str) -> None:
    _LOGGER.warning("kernels are compiled anew at each start: %s", problem)


def _enable_caching(dispatcher: Any, place: _Place) -> None:
    """Have one kernel cached in our folder, and leave Numba's own setting to all others."""
    import numba

    config: Any = numba.config
    with _placing:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(place.folder)
        try:
            dispatcher.enable_caching()
        finally:
            config.CACHE_DIR = before


@contextmanager
def _turn(place: _Place) -> Iterator[bool]:
    """Hold a module's lock; False where it is not to be had."""
    from filelock import FileLock, Timeout

    lock = FileLock(place.cache.lock_path(place.module))
    try:
        lock.acquire(timeout=_LONGEST_TURN_S)
    except (Timeout, OSError, NotImplementedError):  # the last: a file system that knows no locks
        _LOGGER.warning("no turn at the compiled kernels of %s", place.module.name, exc_info=True)
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
