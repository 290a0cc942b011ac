"""The way of the analyst's guide can be gone by mouse and keys, and shows what the page says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "analyst_journey.py"


@pytest.mark.long
def test_the_guide_leads_from_the_first_start_to_a_sweep() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("TICKREEL_HOME")
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    last = ran.stdout.splitlines()[-1]
    assert last.endswith(" actions")
    assert int(last.split()[0]) <= 30
