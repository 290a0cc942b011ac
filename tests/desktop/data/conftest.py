"""A reader for the tests of the workspace, whose days are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.store import open_cache
from tickreel_desktop.data.detail import DetailReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def reader(home: Path, qtbot: QtBot) -> Iterator[DetailReader]:
    """Read nothing of rows: the days of these tests are made up."""
    with open_cache(home) as cache:
        made = DetailReader(cache, is_ready=False)
        yield made
        made.stop()
        made.close()
