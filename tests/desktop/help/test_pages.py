from __future__ import annotations

import pytest
from PySide6.QtGui import QTextTable

from tickreel_desktop.help.document import make_document
from tickreel_desktop.help.pages import (
    CONTEXTS,
    FIRST_PAGE,
    GROUPS,
    load_pages,
    make_page,
    number_anchors,
    target_of,
    unknown_links,
)
from tickreel_desktop.help.search import find_spans, search, words_of
from tickreel_desktop.theme import FontRole, Theme
from tickreel_resources import page_names

NAMES = page_names()
WIDTH_PX = 700


def test_every_page_that_ships_has_its_place_in_the_list() -> None:
    assert sorted(name for _, names in GROUPS for name in names) == NAMES


def test_no_page_links_to_nowhere() -> None:
    assert unknown_links(load_pages()) == []


def test_a_link_to_no_page_no_heading_or_by_another_scheme_is_found() -> None:
    markdown = "# A\n\n[1](b.md) [2](#a) [3](#b) [4](https://example.org/x) [5](file:///etc) [6](a.md#a)\n\n"
    page = make_page("a", "Using it", markdown + "    [7](code.md)\n\nand `[8](code.md)`\n")
    assert unknown_links([page]) == ["a: b.md", "a: #b", "a: file:///etc"]


def test_every_context_leads_to_a_heading_that_is_there() -> None:
    anchors = {page.name: {section.anchor for section in page.sections} for page in load_pages()}
    assert FIRST_PAGE in anchors
    for context, (name, anchor) in CONTEXTS.items():
        assert anchor in anchors[name] | {""}, context


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_dressed_with_all_its_headings_and_code(theme: Theme, name: str) -> None:
    page = next(page for page in load_pages() if page.name == name)
    made = make_document(theme, page.markdown, WIDTH_PX)
    assert list(made.anchors) == [section.anchor for section in page.sections]
    text = made.document.toPlainText()
    assert text.count("Copy") >= len(made.codes)
    for code in made.codes:
        assert code in text


def test_code_comes_whole_with_its_empty_lines(theme: Theme) -> None:
    made = make_document(
        theme, "# A\n\n```python\nif x:\n\n\n    y()\n```\n\nwords\n\n    one line\n", WIDTH_PX
    )
    assert made.codes == ("if x:\n\n\n    y()", "one line")


def test_headings_go_by_the_type_scale(theme: Theme) -> None:
    made = make_document(theme, "# One\n\n## Two\n\n### Three\n\nwords\n", WIDTH_PX)
    sizes = []
    block = made.document.begin()
    while block.isValid():
        sizes.append(block.begin().fragment().charFormat().font().pixelSize())
        block = block.next()
    roles = (FontRole.METRIC, FontRole.TITLE, FontRole.HEADING, FontRole.HEADING)
    assert sizes == [theme.font(role).pixelSize() for role in roles]


def test_a_table_right_after_code_keeps_its_first_cell(theme: Theme) -> None:
    made = make_document(theme, "words\n\n    code\n\n| a | b |\n|---|---|\n| c | d |\n", WIDTH_PX)
    tables = [each for each in made.document.rootFrame().childFrames() if isinstance(each, QTextTable)]
    cell = tables[-1].cellAt(0, 0)
    assert cell.firstCursorPosition().block() == cell.lastCursorPosition().block()
    assert cell.firstCursorPosition().block().text() == "a"


def test_anchors_are_made_as_other_readers_of_markdown_make_them() -> None:
    headings = ["During: a queue that outlives the program", "On your machine: tickreel bench", "A", "A"]
    assert number_anchors(headings) == [
        "during-a-queue-that-outlives-the-program",
        "on-your-machine-tickreel-bench",
        "a",
        "a-1",
    ]


def test_a_link_is_taken_apart_into_page_and_heading() -> None:
    assert target_of("python.md", "replay") == ("python", "")
    assert target_of("python.md#rows", "replay") == ("python", "rows")
    assert target_of("#the-clock", "replay") == ("replay", "the-clock")


PAGES = (
    make_page("a", "G", "# First\n\nthe **quota** of the `trash`, a quota\n\n## Quota\n\nnothing\n"),
    make_page("b", "G", "# Second\n\n| key | meaning |\n|---|---|\n| quota | most bytes in the trash |\n"),
)


def test_a_search_finds_sections_that_have_all_words() -> None:
    hits = search(PAGES, "TRASH quota")
    assert [(hit.page.name, hit.anchor, hit.count) for hit in hits] == [("a", "first", 3), ("b", "second", 2)]


def test_titles_come_first_and_then_those_that_have_the_words_most_often() -> None:
    assert [(hit.anchor, hit.count) for hit in search(PAGES, "quota")] == [
        ("quota", 1),
        ("first", 2),
        ("second", 1),
    ]


def test_snippets_are_plain_text_around_the_first_word() -> None:
    assert search(PAGES, "bytes")[0].snippet == "key meaning quota most bytes in the trash"
    choice = make_page("d", "G", "# D\n\n| key | values |\n|---|---|\n| mode | `one \\| two` |\n")
    assert search((choice,), "mode")[0].snippet == "key values mode one | two"
    long = make_page("c", "G", "# C\n\n" + "lead " * 40 + "needle " + "tail " * 40)
    snippet = search((long,), "needle")[0].snippet
    assert snippet.startswith("… lead")
    assert 0 < snippet.index("needle") < 40
    assert snippet.endswith("…")


def test_signs_of_patterns_are_words_like_others() -> None:
    assert find_spans("a.b (c)", words_of("(c) a.b")) == [(0, 3), (4, 7)]
    assert search(PAGES, "   ") == ()
