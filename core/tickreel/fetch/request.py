"""What is asked to be fetched, as one value that is kept with the job."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from tickreel.errors import UsageError
from tickreel.market.time import day_start_us, days_touched, format_us
from tickreel.market.types import DatasetKey, DataType


class Origin(StrEnum):
    """What serves the rows."""

    DATASETS = "datasets"
    """The vendor's files, a UTC day each."""
    MACHINE = "machine"
    """A tardis-machine, which serves any range."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Datasets and a range of local time.

    Of *datasets* every UTC day that the range touches is meant; of *machine* exactly [from_us, to_us).
    """

    instruments: tuple[tuple[str, str], ...]
    """Pairs of exchange and symbol."""
    types: tuple[DataType, ...]
    from_us: int
    to_us: int
    origin: Origin = Origin.DATASETS
    refetch: bool = False
    """Ask again for days that are held, or of which the vendor is known to have none."""
    leave_out_bad: bool = False
    """Leave out days that are known to be bad before they are asked for."""
    keep_partial: bool = False
    """Leave days alone that are held in part."""
    pin: bool = False
    """Pin every day of the range that is held, at once or as soon as it has come."""

    def __post_init__(self) -> None:
        """Refuse what asks for nothing."""
        if not self.instruments or not self.types:
            raise UsageError("name at least one symbol and one data type to fetch")

    def datasets(self) -> list[DatasetKey]:
        """List the datasets, sorted."""
        named = {
            DatasetKey(exchange, symbol, data_type)
            for exchange, symbol in self.instruments
            for data_type in self.types
        }
        return sorted(named)

    def spans(self) -> list[tuple[int, int]]:
        """Give what is asked of each UTC day, as local time [start, end) in microseconds."""
        days = [day_start_us(day) for day in days_touched(self.from_us, self.to_us)]
        whole = [(start, start + 86_400_000_000) for start in days]
        if self.origin is Origin.DATASETS:
            return whole
        return [(max(start, self.from_us), min(end, self.to_us)) for start, end in whole]

    def __str__(self) -> str:
        symbols = ",".join(symbol for _, symbol in self.instruments)
        exchanges = ",".join(dict.fromkeys(exchange for exchange, _ in self.instruments))
        span = f"{format_us(self.from_us)} to {format_us(self.to_us)}"
        return f"{exchanges} {symbols} {','.join(self.types)}, {span}"

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> FetchRequest:
        """Read what :meth:`to_json` wrote."""
        said = json.loads(text)
        return cls(
            instruments=tuple((exchange, symbol) for exchange, symbol in said["instruments"]),
            types=tuple(map(DataType, said["types"])),
            from_us=int(said["from_us"]),
            to_us=int(said["to_us"]),
            origin=Origin(said["origin"]),
            refetch=bool(said["refetch"]),
            leave_out_bad=bool(said.get("leave_out_bad")),  # jobs of earlier versions do not say
            keep_partial=bool(said.get("keep_partial")),
            pin=bool(said.get("pin")),
        )
