"""What the Data workspace does, as command lines."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel_desktop.data.rows import DatasetRow


def replay_command(row: DatasetRow) -> str:
    """Write the command that replays all of a dataset, over days that are missing where some are."""
    dataset = row.dataset
    end = dataset.last_day + timedelta(days=1)
    words = [
        "tickreel",
        "replay",
        row.key.exchange,
        row.key.symbol,
        dataset.first_day.isoformat(),
        end.isoformat(),
        "--types",
        row.key.type.value,
    ]
    if any(count for state, count in dataset.days.items() if state.is_hole):
        words.append("--allow-missing")
    return shlex.join(words)
