from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.importdesk import Desk, import_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def desk(qtbot: QtBot, home: Path) -> Iterator[Desk]:
    with import_desk(qtbot, home) as made:
        yield made
