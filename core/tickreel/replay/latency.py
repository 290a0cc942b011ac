"""Models of the time that passes until a strategy knows what the exchange's book has.

A model is a value: it can be compared, written down as a plain dict and read back. It is given the
moment at which each message is in the exchange's book (*published*) and tells when the message is
*known*. No model reorders messages: whoever asks takes the running maximum of what it gives, so
that a later message is known no earlier than one before it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import msgspec
import numpy as np

from tickreel.errors import DataError, RowError, UsageError
from tickreel.market.time import US_PER_SECOND, parse_instant
from tickreel.replay.draws import GREATEST_UNIFORM, lognormal_quantiles, uniforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Times = NDArray[np.int64]

LONGEST_US = 3_600 * US_PER_SECOND
"""No model gives a latency above an hour."""
FILE_HEADER = ("time_us", "latency_us")


class LatencyModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all models have in common; times are int64 microseconds since 1970."""

    @property
    def margin_us(self) -> int:
        """How much later than its local time, and what clocks may differ by, a message can be known."""
        raise NotImplementedError

    def known_us(self, local_us: Times, published_us: Times, shift_us: int) -> Times:
        """Tell when messages are known, message by message, before the running maximum.

        Args:
            local_us: local times, each message's own.
            published_us: when each is in the exchange's book, never going back.
            shift_us: what the local clock is put right by; only a measured latency has any.
        """
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Write the model down as JSON can hold it; :func:`read_model` reads it back."""
        written: dict[str, Any] = msgspec.to_builtins(self)
        return written


class MeasuredLatency(LatencyModel, frozen=True, tag="measured"):
    """The latency that the recorder had: local time less exchange time of each message.

    The two clocks may disagree by more than the latency is. So each UTC day's latencies are shifted
    by one number, such that the 1st percentile of the day is *floor_us*; those below it, the quickest
    hundredth, are lifted to it. A message that has no exchange time of its own (it equals the local
    time) is left out of the percentile. As it is published at its local time, it is known at the later
    of its shifted local time and *floor_us* after its local time.
    """

    floor_us: int = 0

    def __post_init__(self) -> None:
        _check_us("floor_us", self.floor_us)

    @property
    def margin_us(self) -> int:
        """Give it, see :class:`LatencyModel`."""
        return self.floor_us

    def known_us(self, local_us: Times, published_us: Times, shift_us: int) -> Times:
        """Tell it, see :class:`LatencyModel`."""
        return np.maximum(local_us + shift_us, published_us + self.floor_us)


class ConstantLatency(LatencyModel, frozen=True, tag="constant"):
    """The same latency for every message."""

    latency_us: int

    def __post_init__(self) -> None:
        _check_us("latency_us", self.latency_us)

    @property
    def margin_us(self) -> int:
        """Give it, see :class:`LatencyModel`."""
        return self.latency_us

    def known_us(self, local_us: Times, published_us: Times, shift_us: int) -> Times:
        """Tell it, see :class:`LatencyModel`."""
        return published_us + self.latency_us


class DistributionLatency(LatencyModel, frozen=True, tag="distribution"):
    """A random latency: *floor_us*, and on top of it a lognormal distribution.

    Median and 99th percentile are those of the whole latency, floor included. What is drawn for a
    message depends on *seed* and its local time alone: the same on every platform, in every range and
    after every seek. Draws above an hour are cut to an hour.
    """

    median_us: int
    p99_us: int
    floor_us: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("median_us", "p99_us", "floor_us"):
            _check_us(name, getattr(self, name))
        if not self.floor_us < self.median_us <= self.p99_us:
            raise UsageError(
                f"a latency with floor {self.floor_us}, median {self.median_us} and 99th percentile "
                f"{self.p99_us} us cannot be: they must rise in this order, the floor below the median"
            )
        if not _is_integer(self.seed) or not 0 <= self.seed < 2**63:
            raise UsageError(f"{self.seed!r} is no seed: give an integer from 0 to 2**63 - 1")

    @property
    def margin_us(self) -> int:
        """Give it, see :class:`LatencyModel`."""
        return int(self._latencies_us(np.array([GREATEST_UNIFORM]))[0])

    def known_us(self, local_us: Times, published_us: Times, shift_us: int) -> Times:
        """Tell it, see :class:`LatencyModel`."""
        return published_us + self._latencies_us(uniforms(self.seed, local_us))

    def _latencies_us(self, share: NDArray[np.float64]) -> Times:
        above = lognormal_quantiles(share, self.median_us - self.floor_us, self.p99_us - self.floor_us)
        latency: Times = np.minimum(self.floor_us + np.rint(above), LONGEST_US).astype(np.int64)
        return latency


class FileLatency(LatencyModel, frozen=True, tag="file"):
    """Latencies from a file, in steps: from each row's time on, on the exchange's clock, the row's latency.

    Before the first row's time its latency holds as well. The file is read at first use; it must still
    be what it was when :meth:`of` looked at it.
    """

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path | str) -> FileLatency:
        """Read a file: UTF-8 CSV, header ``time_us,latency_us``, times rising, latencies up to an hour.

        Raises:
            DataError: the file cannot be read, or is none of that; a :class:`RowError` names the row.
        """
        place = Path(path).absolute()
        model = cls(str(place), hashlib.sha256(_content(place)).hexdigest())
        file_steps(model)
        return model

    @property
    def margin_us(self) -> int:
        """Give it, see :class:`LatencyModel`."""
        return int(file_steps(self).latency_us.max())

    def known_us(self, local_us: Times, published_us: Times, shift_us: int) -> Times:
        """Tell it, see :class:`LatencyModel`."""
        steps = file_steps(self)
        place = np.searchsorted(steps.time_us, published_us, side="right") - 1
        return published_us + steps.latency_us[np.maximum(place, 0)]


def read_model(written: Mapping[str, Any]) -> LatencyModel:
    """Read what :meth:`LatencyModel.as_dict` wrote.

    Raises:
        UsageError: no such kind, an unknown or missing key, or a value that cannot be.
    """
    try:
        return msgspec.convert(
            dict(written), MeasuredLatency | ConstantLatency | DistributionLatency | FileLatency
        )
    except msgspec.ValidationError as error:
        raise UsageError(
            f"this is no latency model: {error}; kinds are measured, constant, distribution and file"
        ) from None


class _Steps(NamedTuple):
    time_us: Times
    latency_us: Times


@lru_cache(maxsize=16)
def file_steps(model: FileLatency) -> _Steps:
    """Read the steps of a file: its times, and the latency from each on; see :class:`FileLatency`."""
    path = Path(model.path)
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise DataError(
            f"{path}: these latencies are not those that the model was made with: put the file back as it "
            "was, or make the model anew"
        )
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DataError(f"{path}: this is no text: save the latencies as CSV in UTF-8") from None
    if not lines or lines[0] != ",".join(FILE_HEADER):
        raise DataError(f"{path}: the first line must be {','.join(FILE_HEADER)}")
    time_us: list[int] = []
    latency_us: list[int] = []
    for number, line in enumerate(lines[1:], 1):
        row = line.split(",")
        if len(row) != len(FILE_HEADER):
            raise RowError(path, number, f"it has {len(row)} cells, and must have {len(FILE_HEADER)}")
        time, latency = (_whole_us(path, number, *cell) for cell in zip(FILE_HEADER, row, strict=True))
        try:
            parse_instant(time)
        except UsageError as error:
            raise RowError(path, number, f"time_us: {error}") from None
        if time_us and time <= time_us[-1]:
            raise RowError(path, number, f"time_us {time} is not after the row before: sort the rows by time")
        if latency > LONGEST_US:
            raise RowError(path, number, f"latency_us {latency} is above an hour")
        time_us.append(time)
        latency_us.append(latency)
    if not time_us:
        raise DataError(f"{path}: there is no row below the header: give at least one latency")
    return _Steps(np.array(time_us, np.int64), np.array(latency_us, np.int64))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: the latencies cannot be read: {error.strerror or error}") from error


def _whole_us(path: Path, number: int, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise RowError(path, number, f"{name} {text!r} is not a whole number of microseconds from 0 up")
    return int(text)


def _check_us(name: str, value: object) -> None:
    if not _is_integer(value) or not 0 <= value <= LONGEST_US:
        raise UsageError(f"{name} {value!r} is no latency: give whole microseconds from 0 to {LONGEST_US}")


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
