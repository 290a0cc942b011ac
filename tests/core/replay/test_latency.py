"""Models as values: what is refused, how they are written down, and what they say of times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tickreel.errors import DataError, RowError, UsageError
from tickreel.replay.latency import (
    LONGEST_US,
    ConstantLatency,
    DistributionLatency,
    FileLatency,
    LatencyModel,
    MeasuredLatency,
    read_model,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_US = 1_721_692_800_000_000
HEADER = "time_us,latency_us\n"


def times(*offsets_us: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return START_US + np.array(offsets_us, np.int64)


def known(model: LatencyModel, *published_us: int, local_us: tuple[int, ...], shift_us: int = 0) -> list[int]:
    found = model.known_us(times(*local_us), times(*published_us), shift_us)
    assert found.dtype == np.int64
    return [int(value) for value in found - START_US]


def test_every_model_is_written_down_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "latency.csv"
    path.write_text(f"{HEADER}{START_US},5\n")
    models: list[LatencyModel] = [
        MeasuredLatency(),
        MeasuredLatency(floor_us=250),
        ConstantLatency(5_000),
        DistributionLatency(3_000, 20_000, floor_us=500, seed=9),
        FileLatency.of(path),
    ]
    for model in models:
        written = json.loads(json.dumps(model.as_dict()))
        assert read_model(written) == model
        assert hash(read_model(written)) == hash(model)
    assert models[1].as_dict() == {"kind": "measured", "floor_us": 250}
    assert len(set(models)) == len(models)


def test_a_model_never_changes() -> None:
    with pytest.raises(AttributeError):
        ConstantLatency(5).latency_us = 6  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"kind": "constant", "latency_us": 5, "latency_ms": 5}, "latency_ms"),
        ({"kind": "constant"}, "latency_us"),
        ({"kind": "constant", "latency_us": "5"}, "latency_us"),
        ({"kind": "constant", "latency_us": 0.5}, "latency_us"),
        ({"kind": "constant", "latency_us": -1}, "latency_us -1 is no latency"),
        ({"kind": "quick"}, "quick"),
        ({"latency_us": 5}, "kind"),
    ],
)
def test_what_is_no_model_is_refused_by_name(written: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_model(written)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConstantLatency(-1),
        lambda: ConstantLatency(LONGEST_US + 1),
        lambda: ConstantLatency(True),
        lambda: ConstantLatency(1.5),  # type: ignore[arg-type]
        lambda: MeasuredLatency(floor_us=-1),
        lambda: DistributionLatency(0, 5),
        lambda: DistributionLatency(6, 5),
        lambda: DistributionLatency(5, 6, floor_us=5),
        lambda: DistributionLatency(5, 6, seed=-1),
        lambda: DistributionLatency(5, 6, seed=2**63),
    ],
)
def test_values_that_cannot_be_are_refused(make: Callable[[], LatencyModel]) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_constant_is_added_to_the_time_of_publication() -> None:
    assert known(ConstantLatency(7), 10, 10, 25, local_us=(90, 91, 92), shift_us=0) == [17, 17, 32]


def test_a_measured_latency_is_the_shifted_local_time_but_never_below_the_floor() -> None:
    model = MeasuredLatency(floor_us=3)
    assert known(model, 100, 110, 120, local_us=(5, 14, 40), shift_us=100) == [105, 114, 140]
    assert known(model, 100, 110, 120, local_us=(2, 14, 22), shift_us=100) == [103, 114, 123]


def test_a_message_without_exchange_time_is_known_a_floor_after_its_local_time_or_later() -> None:
    model = MeasuredLatency(floor_us=3)
    assert known(model, 100, 110, local_us=(100, 110), shift_us=-20) == [103, 113]
    assert known(model, 100, 110, local_us=(100, 110), shift_us=20) == [120, 130]


def test_a_distribution_has_its_median_its_99th_percentile_and_its_floor() -> None:
    model = DistributionLatency(3_000, 20_000, floor_us=1_000, seed=4)
    published_us = START_US + np.arange(200_000) * 37
    latency_us = model.known_us(published_us, published_us, 0) - published_us
    assert abs(np.median(latency_us) - 3_000) < 30
    assert abs(np.quantile(latency_us, 0.99) - 20_000) < 800
    assert 1_000 < latency_us.min() < 1_200
    assert latency_us.max() <= model.margin_us <= LONGEST_US


def test_draws_hang_on_seed_and_local_time_alone() -> None:
    model = DistributionLatency(3_000, 20_000, seed=4)
    local_us = START_US + np.arange(1_000) * 11
    whole = model.known_us(local_us, local_us, 0) - local_us
    parted = [model.known_us(own, own + 5, 0) - own - 5 for own in np.split(local_us, [1, 7, 500])]
    assert np.array_equal(np.concatenate(parted), whole)
    other = DistributionLatency(3_000, 20_000, seed=5)
    assert np.mean(other.known_us(local_us, local_us, 0) - local_us == whole) < 0.01


def test_draws_in_whole_microseconds_are_the_same_everywhere() -> None:
    model = DistributionLatency(3_000, 20_000, floor_us=500, seed=11)
    assert known(model, 0, 0, 0, 0, 0, local_us=(0, 1, 2, 3, 1_000_000)) == [
        3_106,
        4_657,
        9_624,
        2_412,
        4_675,
    ]


def test_no_draw_is_above_an_hour() -> None:
    model = DistributionLatency(1, LONGEST_US)
    assert model.margin_us == LONGEST_US
    local_us = START_US + np.arange(10_000)
    assert (model.known_us(local_us, local_us, 0) - local_us).max() == LONGEST_US


def test_a_file_holds_from_each_row_to_the_next_on_the_exchange_clock(tmp_path: Path) -> None:
    path = tmp_path / "latency.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + f"{HEADER}{START_US + 10},5\n{START_US + 20},0\n".replace("\n", "\r\n").encode()
    )
    model = FileLatency.of(path)
    assert model.margin_us == 5
    assert known(model, 0, 9, 10, 19, 20, 90, local_us=(0,) * 6) == [5, 14, 15, 24, 20, 90]


@pytest.mark.parametrize(
    ("rows", "row", "told"),
    [
        (f"{START_US},5\n{START_US},6\n", 2, "not after the row before"),
        (f"{START_US},5\n{START_US + 1}\n", 2, "1 cells"),
        (f"{START_US},5\n\n", 2, "1 cells"),
        (f"{START_US},5,6\n", 1, "3 cells"),
        (f"{START_US},-5\n", 1, "latency_us '-5'"),
        (f"{START_US},5.5\n", 1, "latency_us '5.5'"),
        (f"{START_US},{LONGEST_US + 1}\n", 1, "above an hour"),
        (f"{START_US // 1_000},5\n", 1, "milliseconds"),
        ("2024-07-23,5\n", 1, "time_us '2024-07-23'"),
    ],
)
def test_a_bad_row_of_a_file_is_named(tmp_path: Path, rows: str, row: int, told: str) -> None:
    path = tmp_path / "latency.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(RowError, match=told) as caught:
        FileLatency.of(path)
    assert (caught.value.file, caught.value.row) == (str(path), row)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "first line"),
        (b"time,latency\n1,2\n", "first line"),
        (HEADER.encode(), "no row"),
        (b"\xff\xfe", "no text"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "latency.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        FileLatency.of(path)


def test_a_file_that_is_gone_or_changed_is_not_taken_for_the_model(tmp_path: Path) -> None:
    path = tmp_path / "latency.csv"
    with pytest.raises(DataError, match="cannot be read"):
        FileLatency.of(path)
    path.write_text(f"{HEADER}{START_US},5\n")
    written = FileLatency.of(path).as_dict()
    path.write_text(f"{HEADER}{START_US},6\n")
    other = read_model(written | {"sha256": "0" * 64})
    with pytest.raises(DataError, match="not those that the model was made with"):
        known(other, 0, local_us=(0,))
