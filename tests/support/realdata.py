"""Where tests find the real market data that is never part of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(*parts: str) -> Path:
    """Give a path below the folder of real data, or skip the test where it is absent."""
    path = _ROOT.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real market data is absent: {path.name} is not beside the project")
    return path
