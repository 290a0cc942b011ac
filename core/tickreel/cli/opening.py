"""Opens the home that a command works on, with its log."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tickreel import logs
from tickreel.errors import TickreelError
from tickreel.settings import home_dir, load
from tickreel.store import open_cache

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)


@contextmanager
def opened_cache(args: argparse.Namespace) -> Iterator[Cache]:
    """Open the cache that the command line means, for as long as the command runs."""
    home = home_dir(flag=args.home)
    settings = load(home)
    with open_cache(home) as cache:
        logs.configure(home, settings.values.logs.level)
        try:
            for problem in settings.problems:
                _LOGGER.warning("%s", problem)
            yield cache
        except (TickreelError, OSError):
            raise
        except Exception:
            _LOGGER.exception("the command failed")
            raise
        finally:
            logs.release()
