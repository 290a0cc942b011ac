"""What the command line of the desktop accepts."""

from __future__ import annotations

import pytest

from tickreel.errors import UsageError
from tickreel_desktop import options


@pytest.mark.parametrize("arguments", [["--theme", "pink"], ["--nothing"], ["--play", "x"], ["--exi"]])
def test_what_is_wrong_is_told_like_everything_else(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="--help"):
        options.parse(arguments)


@pytest.mark.parametrize(
    ("arguments", "is_check"),
    [([], False), (["--theme", "pink"], False), (["--exit", "--nothing"], True), (["--screenshot=a"], True)],
)
def test_a_check_is_known_as_one_though_the_line_is_wrong(arguments: list[str], is_check: bool) -> None:
    assert options.asks_for_check(arguments) == is_check


@pytest.mark.parametrize(
    "text", ["", "x", "12", "²x3", "٣x٤", "0x800", "1280x0", "-1x5", "1x2x3", "9" * 5000 + "x1"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 1280x800"):
        options.parse([f"--size={text}"])
    assert options.parse(["--size", "1280x800"]).size_px == (1280, 800)
