"""The line of the README that drives the window runs as it stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.docpages import README, all_pages, command_lines

from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

LINES = [
    line
    for page, markdown in all_pages().items()
    for line in command_lines(page, markdown, "tickreel-desktop")
]


@pytest.mark.long
@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_line_that_drives_the_window_takes_its_pictures(line: object, home: Path, tmp_path: Path) -> None:
    with open_cache(home) as cache:
        store_sample(cache, UNWATCHED)
    words = shlex.split(str(line).partition("tickreel-desktop ")[2])
    command = [sys.executable, "-m", "tickreel_desktop", *words]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert list((tmp_path / words[words.index("--screenshot") + 1]).glob("*.png"))


def test_the_readme_has_such_a_line() -> None:
    assert [line.page for line in LINES] == [README]
