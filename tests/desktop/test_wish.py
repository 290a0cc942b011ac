"""What a start was asked to open: links and files from command lines, file managers and other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.errors import UsageError
from tickreel_desktop.wish import MOST_FILES, Wish, wish_of, wish_of_line

if TYPE_CHECKING:
    from pathlib import Path

LINK = "tickreel://replay/tickreel-sim/BTCUSDT?at=2025-03-14T15:45:00.000000Z"


@pytest.mark.parametrize(
    "text", ["", "data", "tickreel://data\n", "javascript:x", "tickreel://" + "x" * 2000]
)
def test_links_from_outside_pass_one_door(text: str) -> None:
    with pytest.raises(UsageError):
        wish_of([], text)
    with pytest.raises(UsageError):
        wish_of_line(f"open {text}")
    assert wish_of([], LINK) == wish_of_line(f"open {LINK}") == Wish(LINK)


def test_a_link_is_taken_by_option_and_by_place(tmp_path: Path) -> None:
    assert wish_of([LINK]) == wish_of([], LINK) == Wish(LINK)
    assert wish_of([]) == Wish()
    for targets, link in (([LINK], LINK), ([LINK, str(tmp_path)], None)):
        with pytest.raises(UsageError, match="at a time"):
            wish_of(targets, link)


def test_files_come_as_paths_and_as_addresses_with_any_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ein Tag, 100 % für alle.CSV.gz"
    file.touch()
    monkeypatch.chdir(tmp_path)
    assert wish_of([file.name, file.as_uri(), str(tmp_path)]) == Wish(files=(file, file, tmp_path))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nowhere.csv", "is not there"),
        ("", "is no file"),
        ("a\nb.csv", "is no file"),
        ("https://host/a.csv", "neither a Tickreel link nor a file"),
        ("file://host/a.csv", "on another machine"),
        (__file__, "cannot be imported"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        wish_of([text])


def test_a_folder_says_many_files_in_one_word(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name their folder"):
        wish_of([str(tmp_path)] * (MOST_FILES + 1))


def test_a_wish_is_the_same_after_its_way_as_a_line(tmp_path: Path) -> None:
    file = tmp_path / "a b%20c.csv"
    file.touch()
    for wish in (Wish(), Wish(LINK), Wish(files=(file, tmp_path))):
        assert wish_of_line(wish.line()) == wish
    assert Wish(files=(file,)).words() == f"was given {file}"
    assert Wish(files=(file, file)).words() == "was given 2 files"
