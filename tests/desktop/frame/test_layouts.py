"""Layouts by name: kept, chosen, dropped, and whole after anything that happens to their file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel_desktop.frame.layouts import DEFAULT, Arrangement, LayoutBook, layout_name

if TYPE_CHECKING:
    from pathlib import Path

WIDE = Arrangement(b"wide\x00\xff", {"layout.split": b"\x01"})
TALL = Arrangement(b"tall")


def test_everything_is_there_after_the_next_start(home: Path) -> None:
    book = LayoutBook(home)
    assert book.read() == ""
    book.note_window(b"geometry", "replay")
    book.note_last("data", TALL)
    book.keep("replay", "Wide", WIDE)
    book.write()
    again = LayoutBook(home)
    assert again.read() == ""
    assert (again.geometry, again.workspace) == (b"geometry", "replay")
    assert again.last("data") == TALL
    assert again.last("replay") == WIDE
    assert (again.names("replay"), again.name("replay"), again.names("data")) == (["Wide"], "Wide", [])


def test_a_layout_is_chosen_by_name_and_the_first_one_by_its_own(home: Path) -> None:
    book = LayoutBook(home)
    book.keep("data", "Wide", WIDE)
    assert book.choose("data", DEFAULT) is None
    assert (book.name("data"), book.last("data")) == (DEFAULT, None)
    assert book.choose("data", "Wide") == WIDE
    assert book.name("data") == "Wide"
    assert book.choose("data", "gone") is None
    assert book.name("data") == DEFAULT


def test_a_dropped_layout_is_given_back_and_no_longer_named(home: Path) -> None:
    book = LayoutBook(home)
    book.keep("data", "Wide", WIDE)
    assert book.forget("data", "Wide") == WIDE
    assert (book.names("data"), book.name("data")) == ([], DEFAULT)
    assert book.last("data") == WIDE, "the panels stay where they are"
    assert book.forget("data", "Wide") is None


def test_nothing_is_written_where_nothing_has_changed(home: Path) -> None:
    book = LayoutBook(home)
    book.write()
    assert not (home / "desktop").exists()


def test_a_broken_file_is_set_aside_and_told(home: Path) -> None:
    (home / "desktop").mkdir(parents=True)
    (home / "desktop" / "layouts.json").write_text('{"version": 1, "geometry": 5}')
    book = LayoutBook(home)
    assert "layouts.json.bad-1" in book.read()
    assert book.last("data") is None
    book.keep("data", "Wide", WIDE)
    book.write()
    assert (home / "desktop" / "layouts.json.bad-1").exists()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("  My   desk ", "My desk"), ("", None), ("   ", None), ("default", None), ("x" * 41, None)],
)
def test_names_are_tidy(typed: str, name: str | None) -> None:
    assert layout_name(typed) == name
