"""Filling the cache ahead of use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.kernels.cache import KernelCache
from tickreel.kernels.compiling import mark_if_kept
from tickreel.kernels.modules import kernel_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel.kernels.modules import KernelModule


def missing_modules() -> tuple[KernelModule, ...]:
    """Find the modules whose kernels are not all compiled; takes milliseconds, without Numba.

    Raises:
        EnvironmentProblem: the cache is not the user's alone; the message says what to do.
    """
    kernels = KernelCache.of_user()
    kernels.check()
    return tuple(module for module in kernel_modules() if not kernels.is_filled(module))


def load(*packages: str) -> None:
    """Import all modules of kernels inside some packages, so that no first use has to.

    What has to be compiled for that counts as filled from then on.
    """
    for module in kernel_modules():
        if module.name.startswith(tuple(f"{package}." for package in packages)):
            import_module(module.name)
            mark_if_kept(module)


def fill(modules: Sequence[KernelModule], tell: Callable[[int, int], None]) -> None:
    """Compile the kernels of *modules*, in their order, where that has not been done.

    Any number of processes may do so at once: each kernel is compiled by one of them. *tell* gets
    how many modules are done and how many there are, at the beginning and after each.

    Raises:
        EnvironmentProblem: they cannot be kept, or not all of them; the message says what to do.
    """
    kernels = KernelCache.of_user()
    lost: dict[str, str] = {}
    tell(0, len(modules))
    for done, module in enumerate(modules, start=1):
        kernels.prepare(module)
        import_module(module.name)  # all signatures are spelled out: importing compiles
        if problem := mark_if_kept(module):
            lost[module.name] = problem
        tell(done, len(modules))
    kernels.prune()
    if lost:
        raise EnvironmentProblem(
            f"compiled kernels could not be kept in {kernels.root} ({', '.join(lost)}): "
            f"{'; '.join(dict.fromkeys(lost.values()))}"
        )
