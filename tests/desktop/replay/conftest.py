from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shiboken6

from tickreel_desktop.theme import Theme, ThemeMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(ThemeMode.DARK)
    made.apply(qapp)
    yield made
    shiboken6.delete(made)
