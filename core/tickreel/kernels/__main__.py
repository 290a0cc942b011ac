"""The helper process: ``python -m tickreel.kernels [--backwards] [MODULE ...]``.

Compiles every kernel that is not in the cache yet, at low priority, and prints how many modules of
how many are done, at the beginning and after each; nothing when there is nothing to do. Modules
that are named are wanted at once, and so at usual priority.
A second helper that works backwards halves the time; they meet in the middle.
"""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from tickreel.errors import TickreelError, UsageError
from tickreel.kernels.filling import fill, missing_modules
from tickreel.kernels.modules import kernel_modules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.kernels.modules import KernelModule


def main(arguments: Sequence[str]) -> int:
    """Run the helper; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tickreel.kernels")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="compile only these (default: all)")
    parser.add_argument("--backwards", action="store_true", help="begin with the last")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if not options.modules:
        _yield_to_others()
    try:
        modules = _wanted(options.modules)
        if modules:
            fill(modules[::-1] if options.backwards else modules, _print_progress)
    except TickreelError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _wanted(names: Sequence[str]) -> Sequence[KernelModule]:
    unknown = set(names).difference(module.name for module in kernel_modules())
    if unknown:
        raise UsageError(f"no module of kernels: {', '.join(sorted(unknown))}")
    return [module for module in missing_modules() if not names or module.name in names]


def _yield_to_others() -> None:
    process = psutil.Process()
    with suppress(psutil.Error):  # at usual priority it does its work as well
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(max(10, process.nice()))


def _print_progress(done: int, total: int) -> None:
    sys.stdout.write(f"{done} {total}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
