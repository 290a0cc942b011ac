"""A process that is killed loses nothing that was committed and leaves nothing half-visible.

Each act is killed at seeded points of its file operations and SQL statements: before one,
after one, in the middle of a write, and as if the machine lost its power, with everything
that was not forced to the disk. ``make crash`` does the same with many more points.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from faults.acts import ACTS
from support.crashing import broken, crash

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork, and no kill -9"),
]


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """Let one process go through all acts: what it loads and compiles serves all of them."""
    return {one["act"]: one for one in crash(ACTS, seed=20240723, count=10)}


@pytest.mark.parametrize("act", ACTS)
def test_killed_at_ten_points_a_home_is_as_before_or_as_after(
    found: dict[str, dict[str, Any]], act: str
) -> None:
    rounds = found[act]["rounds"]
    assert not broken(found[act]), broken(found[act])
    assert len(rounds) == 10
    assert sum(one["outcome"] == "survived" for one in rounds) <= 1, "the points lie inside the act"
