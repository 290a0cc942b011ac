"""Opens the home that a command works on, with its log."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tickreel import logs
from tickreel.cli.console import tell
from tickreel.errors import TickreelError
from tickreel.settings import home_dir, load
from tickreel.shared.opening import open_cache

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)


@contextmanager
def opened_cache(
    args: argparse.Namespace, *, only_reads: bool = False, listens: bool = False
) -> Iterator[Cache]:
    """Open the cache that the command line means, for as long as the command runs.

    A home that cannot be written is opened all the same by a command that *only_reads*. One that runs until
    it is stopped *listens* to what others change in the shared cache.
    """
    home = home_dir(flag=args.home)
    is_read_only = only_reads and is_unwritable(home)
    with logged(home), open_cache(home, read_only=is_read_only, listens=listens) as cache:
        yield cache


def is_unwritable(home: Path) -> bool:
    """Tell whether there is a home that can only be read."""
    return home.exists() and not os.access(home, os.W_OK)


@contextmanager
def logged(home: Path) -> Iterator[None]:
    """Keep the log of a home while a command works on it, and tell what of its settings is no good."""
    settings = load(home)
    logs.configure(home, settings.values.logs.level)
    try:
        for problem in settings.problems:
            tell(f"warning: {problem}")
            _LOGGER.warning("%s", problem)
        yield
    except (TickreelError, OSError):
        raise
    except Exception:
        _LOGGER.exception("the command failed")
        raise
    finally:
        logs.release()
