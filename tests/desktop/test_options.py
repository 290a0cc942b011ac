"""What the command line of the desktop accepts."""

from __future__ import annotations

import pytest

from tickreel.errors import UsageError
from tickreel_desktop import options


@pytest.mark.parametrize(
    "text", ["", "x", "12", "²x3", "٣x٤", "0x800", "1280x0", "-1x5", "1x2x3", "9" * 5000 + "x1"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 1280x800"):
        options.parse([f"--size={text}"])
    assert options.parse(["--size", "1280x800"]).size_px == (1280, 800)
