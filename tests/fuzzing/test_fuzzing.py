"""What fuzzing found, once more, and a little of it anew; ``make fuzz`` does it for minutes."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard
from fuzzing import desktopfiles, readers, stored
from fuzzing.containing import Escaped, contained
from fuzzing.target import NoSentence, Trial, check_sentence

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from fuzzing.target import Target

TARGETS = (*readers.TARGETS, *stored.TARGETS, *desktopfiles.TARGETS)
CASES = Path(__file__).parent / "cases"
TRIES = 25
SEED = 7


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@pytest.mark.logs_warnings
def test_what_is_wrong_is_refused_in_words_and_nothing_else_happens(target: Target, tmp_path: Path) -> None:
    logging.disable(logging.CRITICAL)  # of what is refused, a program may warn
    try:
        trial = Trial(target, tmp_path)
        for valid in trial.seeds:
            trial.attempt(valid)
        assert trial.taken or target.name in ("shared-value",), "no valid input was taken"
        for number in range(TRIES):
            trial.attempt(trial.input_of(SEED, number))
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(path.parent.name, path, id=f"{path.parent.name}/{path.name}")
        for path in sorted(CASES.glob("*/*"))
    ],
)
@pytest.mark.logs_warnings
def test_what_was_found_before_is_not_found_again(name: str, case: Path, tmp_path: Path) -> None:
    (target,) = (one for one in TARGETS if one.name == name)
    data = case.read_bytes()
    if case.suffix == ".zst":  # those that are large
        data = zstandard.ZstdDecompressor().decompress(data)
    Trial(target, tmp_path).attempt(data)


def test_an_input_follows_from_its_number(tmp_path: Path) -> None:
    trial = Trial(next(one for one in TARGETS if one.name == "link"), tmp_path)
    assert trial.input_of(1, 5) == trial.input_of(1, 5) != trial.input_of(1, 6)


@pytest.mark.parametrize("text", ["", "  ", "a\x1b[2Jb", "a\u202eb", "x" * 5_000])
def test_a_refusal_that_helps_nobody_is_a_find(text: str) -> None:
    with pytest.raises(NoSentence):
        check_sentence(text)


def test_what_an_error_quotes_is_spelled_out_and_kept_short() -> None:
    told = str(UsageError(f"no \x1b[2J and \ud800 of 1\u2009000\n{'x' * 9_000} at the end"))
    check_sentence(told)
    assert told.startswith("no \\x1b[2J and \\ud800 of 1\u2009000\n")
    assert told.endswith("x at the end")
    assert len(told) < 2_100


def test_nothing_is_changed_outside_the_folder_of_a_trial(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a").write_text("mine")
    (inside / "way-out").symlink_to(outside)
    changes = (
        lambda folder: (folder / "a").unlink(),
        lambda folder: (folder / "a").write_text("yours"),
        lambda folder: (folder / "a").rename(inside / "b"),
        lambda folder: (inside / "a").replace(folder / "b"),
        lambda folder: (folder / "new").mkdir(),
        lambda folder: (folder / "a").chmod(0o777),
        lambda folder: os.truncate(folder / "a", 0),
        lambda folder: os.open(folder / "c", os.O_CREAT | os.O_WRONLY),
    )
    for folder in (outside, inside / "way-out", inside / ".." / "outside"):
        for change in changes:
            with pytest.raises(Escaped), contained(inside):
                change(folder)
    with pytest.raises(Escaped), contained(inside):
        os.system(sys.executable)
    assert (outside / "a").read_text() == "mine"
    assert os.listdir(outside) == ["a"]
    with contained(inside):
        (inside / "a").unlink()
        assert (outside / "a").read_text() == "mine"
