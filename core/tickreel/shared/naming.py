"""Keys on the server: all of one day share a hash tag, so that one node of a Cluster holds them.

``shared-format.md`` in the documentation lists them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.types import DatasetKey

FORMAT = 1
CHANNELS = 16
"""Of messages on a Cluster, where each is served by the node of its name."""
DATASETS = f"tickreel:{FORMAT}:datasets"
"""The index of datasets of which days lie there."""
CHANNEL = f"tickreel:{FORMAT}:changes"


@dataclass(frozen=True, slots=True)
class DayKeys:
    """The names under which one day of a dataset lies on the server."""

    key: DatasetKey
    day: date

    @property
    def tag(self) -> str:
        """What all names share; no symbol can end it early."""
        parts = (self.key.exchange, self.key.symbol, self.key.type.value, self.day.isoformat())
        return ":".join(quote(part, safe="") for part in parts)

    @property
    def day_name(self) -> str:
        """Of the record that says which version of the day holds."""
        return f"tickreel:{FORMAT}:{{{self.tag}}}"

    @property
    def lease(self) -> str:
        """Of who fetches the day."""
        return f"{self.day_name}:lease"

    @property
    def fence(self) -> str:
        """Of the highest token that was given to any fetcher."""
        return f"{self.day_name}:fence"

    def tail(self, version: str) -> str:
        """Of what a version's segment says of itself."""
        return f"{self.day_name}:{version}:tail"

    @property
    def index(self) -> str:
        """Of the sorted set of the chunks, by their first local time; each member names its version."""
        return f"{self.day_name}:index"

    def chunk(self, version: str, number: int) -> str:
        """Of one chunk of a version."""
        return f"{self.day_name}:{version}:{number}"

    def channel(self, *, is_sharded: bool) -> str:
        """Of messages that tell of changes to the day."""
        return channel_names()[zlib.crc32(self.tag.encode()) % CHANNELS] if is_sharded else CHANNEL


def days_of_dataset(key: DatasetKey) -> str:
    """Name the index of a dataset's days; no symbol can end its hash tag early."""
    tag = ":".join(quote(part, safe="") for part in (key.exchange, key.symbol, key.type.value))
    return f"tickreel:{FORMAT}:{{{tag}}}:days"


def channel_names() -> list[str]:
    """List the channels of a Cluster."""
    return [f"{CHANNEL}:{number}" for number in range(CHANNELS)]
