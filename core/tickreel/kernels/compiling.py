"""The decorator of kernels: Numba's, with Tickreel's cache and processes that take turns.

Numba writes each file of its cache in one step, but first the index and then the code, and two
processes that compile one function for different types at once can leave an index that points to
the other's code. So everything that fills or reads the folder of a module holds its lock. Whoever
comes second thereby waits for the first and loads what it left, instead of compiling the same.
"""

from __future__ import annotations

import errno
import logging
import subprocess
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem
from tickreel.kernels.cache import KernelCache
from tickreel.kernels.modules import ROOT, KernelModule
from tickreel.kernels.slowness import watched
from tickreel.program import child_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOGGER = logging.getLogger(__name__)
_LONGEST_TURN_S = 300.0
"""Longer than any kernel compiles on a busy machine; then its holder is taken to be stopped."""
_LONGEST_CHILD_S = 600.0
"""Longer than a child waits for its turn and then compiles a module by itself."""

_LOCATOR = "tickreel.kernels.locating.KernelLocator"

_placing = Lock()


class _Manners:
    """How this process goes about compiling."""

    uses_children = False
    problem = ""
    """Why nothing can be kept; empty as long as something can."""


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
            return None
        try:
            kernel = numba.njit(**options)(function)
            _enable_caching(kernel, place)
            for signature in signatures:
                kernel.compile(signature)
            kernel.disable_compile()
        except NumbaError:  # the kernel itself is wrong
            raise
        except Exception as error:
            # A disk that is full, a file that is damaged: unpickling raises whatever it likes.
            _LOGGER.warning("compiled kernels of %s cannot be kept", place.module.name, exc_info=True)
            place.give_up(_lost_by(error))
            return None
        return kernel


def compile_in_children() -> None:
    """Have every module that is not compiled yet compiled by a process of its own.

    For a process with a window, where a compiler even on a thread shows as gaps of a sixth of a
    second. Whoever imports the module waits for that process, so not on the window's own thread.
    """
    _Manners.uses_children = True


def why_nothing_is_kept() -> str:
    """Tell why this process can keep no kernels and what to do; empty where it can, or has none yet."""
    return _Manners.problem


def mark_if_kept(module: KernelModule) -> str:
    """Mark a module, imported by now, as filled if the cache has all of it; else tell why it has not."""
    place = _place(module.path)
    if place is None:
        return _Manners.problem
    if not place.problem:
        try:
            place.cache.mark_filled(module)
        except OSError as error:  # the folder may have been removed meanwhile
            place.problem = _lost_by(error)
    return place.problem


class _Place:
    """The folder of one module that this process may use."""

    def __init__(self, kernels: KernelCache, module: KernelModule) -> None:
        self.cache = kernels
        self.module = module
        self.folder = kernels.prepare(module)
        self.problem = ""
        """Why something of the module is not kept, and what to do; empty where all is."""

    def give_up(self, problem: str) -> None:
        """Remove what is damaged; the next process fills the folder again."""
        self.problem = problem
        self.cache.forget(self.module)


def _lost_by(error: Exception) -> str:
    """Say what an error means for who wants kernels kept."""
    if not isinstance(error, OSError):
        return "what lay there was of no use and has been removed: start again"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{error.strerror}: make room on that disk and start again"
    return f"{error.strerror or error}: put that right, or name another folder by NUMBA_CACHE_DIR"


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
        if not _Manners.problem:
            _Manners.problem = str(problem)
            _LOGGER.warning("kernels are compiled anew at each start: %s", problem)
        return None
    if _Manners.uses_children and not kernels.is_filled(place.module) and path.is_relative_to(ROOT):
        _compile_in_child(place.module)
    return place


def _compile_in_child(module: KernelModule) -> None:
    """Have a module compiled by a process; if that fails, what is still missing is compiled here.

    Raises:
        EnvironmentProblem: it did not end; who waits for it would wait for ever.
    """
    try:
        subprocess.run(
            child_command("tickreel.kernels", module.name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_LONGEST_CHILD_S,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProblem(
            f"compiling {module.name} did not end within {_LONGEST_CHILD_S:g} s and was stopped: "
            "see what else keeps this machine busy, then start again"
        ) from error


def _enable_caching(dispatcher: Any, place: _Place) -> None:
    """Have one kernel cached in our folder, and leave Numba's own setting to all others."""
    import numba

    config: Any = numba.config
    with _placing:
        before = config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES
        config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = str(place.folder), _LOCATOR
        try:
            dispatcher.enable_caching()
        finally:
            config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = before


@contextmanager
def _turn(place: _Place) -> Iterator[bool]:
    """Hold a module's lock; False where it is not to be had."""
    from filelock import FileLock, Timeout

    lock = FileLock(place.cache.lock_path(place.module))
    try:
        lock.acquire(timeout=_LONGEST_TURN_S)
    except (Timeout, OSError, NotImplementedError) as error:
        _LOGGER.warning("no turn at the compiled kernels of %s", place.module.name, exc_info=True)
        place.problem = _no_turn_by(error, place)
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _no_turn_by(error: Exception, place: _Place) -> str:
    """Say why a lock was not to be had, and what to do."""
    if isinstance(error, TimeoutError):
        lock_path = place.cache.lock_path(place.module)
        return f"another process has held {lock_path} for {_LONGEST_TURN_S:g} s: end that one and start again"
    if isinstance(error, OSError):
        return _lost_by(error)
    return "its file system knows no locks: name a folder on another by NUMBA_CACHE_DIR"
