from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from support.accessibility import nameless_controls
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.store import open_cache
from tickreel_desktop.help import CONTEXTS, HelpWindow
from tickreel_desktop.help.lists import HitModel, PageModel
from tickreel_desktop.help.pages import GROUPS, load_pages, make_page
from tickreel_desktop.help.search import search
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.tokens import LIGHT
from tickreel_resources import page_names

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def window(theme: Theme, qtbot: QtBot, opened: list[str]) -> HelpWindow:
    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return "broken" not in url.toString()

    made = HelpWindow(theme, load_pages(), open_url=open_url)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    made.open_page("desktop")
    return made


def show(window: HelpWindow, markdown: str) -> None:
    window.view.show_page(make_page("test", "Using it", markdown))


def test_it_opens_on_the_first_guide_with_the_keyboard_in_the_search(window: HelpWindow) -> None:
    window.open_context("")
    assert window.page.name == "analyst"
    assert window.windowTitle() == "Analyst's guide - Tickreel help"
    assert window.contents.search_field.hasFocus()


def test_every_control_has_an_accessible_name(window: HelpWindow) -> None:
    assert nameless_controls(window) == []


@pytest.mark.parametrize("name", [name for _, names in GROUPS for name in names])
def test_every_page_is_shown_in_the_width_there_is(window: HelpWindow, name: str) -> None:
    window.open_page(name)
    assert window.page.title in window.view.toPlainText()
    width = window.view.viewport().width()
    assert window.view.document().textWidth() <= width
    over = max(0, round(window.view.document().size().width()) - width)
    assert window.view.horizontalScrollBar().maximum() == over
    assert over <= 1  # a table whose words need a pixel more


def test_running_text_keeps_a_readable_measure(window: HelpWindow) -> None:
    window.open_page("fetch")
    window.resize(1600, 1000)
    longest = 0
    block = window.view.document().begin()
    while block.isValid():
        if block.blockFormat().rightMargin() and block.layout().lineCount() > 1:
            lines = (block.layout().lineAt(index) for index in range(block.layout().lineCount()))
            longest = max(longest, *(line.textLength() for line in lines))
        block = block.next()
    assert 70 <= longest <= 92


def test_the_list_opens_pages_and_shows_which_one_is_read(window: HelpWindow) -> None:
    model, view = window.contents.page_model, window.contents.page_list
    fetch = next(page for page in load_pages() if page.name == "fetch")
    row = view.visualRect(model.index_of(fetch))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    assert window.page.name == "fetch"
    window.go_back()
    assert window.page.name == "desktop"
    assert model.page_at(view.currentIndex()) == window.page


def test_back_and_forward_go_through_pages_and_keep_the_place(window: HelpWindow) -> None:
    window.open_page("segment-format")
    window.view.verticalScrollBar().setValue(300)
    window.open_page("replay", "the-plan")
    assert not window.forward_button.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (window.page.name, window.view.verticalScrollBar().value()) == ("segment-format", 300)
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.page.name == "replay"
    window.go_back()
    window.go_back()
    assert window.page.name == "desktop"
    assert not window.back_button.isEnabled()
    window.go_back()
    assert window.page.name == "desktop"
    window.open_page("health")
    assert not window.forward_button.isEnabled()


def test_an_anchor_brings_its_heading_to_the_top(window: HelpWindow) -> None:
    window.open_page("segment-format", "keyframes")
    top = window.view.cursorForPosition(window.view.viewport().rect().topLeft()).block()
    assert "Keyframes" in (top.text(), top.next().text())


def test_links_between_pages_are_followed_here_and_others_in_the_browser(
    window: HelpWindow, opened: list[str]
) -> None:
    window.view.anchorClicked.emit(QUrl("python.md#rows"))
    assert window.page.name == "python"
    window.view.anchorClicked.emit(QUrl("#the-cache"))
    assert window.page.name == "python"
    assert opened == []
    window.view.anchorClicked.emit(QUrl("https://example.org/a"))
    assert opened == ["https://example.org/a"]
    assert window.page.name == "python"


def test_a_link_that_leads_nowhere_is_told(window: HelpWindow, opened: list[str]) -> None:
    window.view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert window.status() == "There is no page file:///etc/passwd"
    window.view.anchorClicked.emit(QUrl("https://broken.example"))
    assert window.status() == "The system opened no browser for https://broken.example"


def test_where_a_link_leads_is_said_before_it_is_followed(window: HelpWindow) -> None:
    hint = window.status()
    window.view.highlighted.emit(QUrl("https://example.org/a"))
    assert window.status() == "Open in the browser: https://example.org/a"
    window.view.highlighted.emit(QUrl())
    assert window.status() == hint


def test_the_keyboard_reaches_links_and_follows_them(window: HelpWindow) -> None:
    window.view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.view, Qt.Key.Key_Tab)
    first = window.status().removeprefix("Go to ").removesuffix(".md")
    assert first in page_names()
    QTest.keyClick(window.view, Qt.Key.Key_Return)
    assert window.page.name == first != "desktop"


def test_code_is_copied_by_its_link(window: HelpWindow) -> None:
    show(window, "# A\n\n    first\n    more\n\nwords\n\n```\nsecond\n```\n")
    window.view.anchorClicked.emit(QUrl("copy:0"))
    assert QGuiApplication.clipboard().text() == "first\nmore"
    assert window.status() == "Copied 2 lines"
    window.view.anchorClicked.emit(QUrl("copy:1"))
    assert QGuiApplication.clipboard().text() == "second"


def test_a_search_shows_findings_and_goes_through_them_over_the_pages(window: HelpWindow) -> None:
    QTest.keyClicks(window.contents.search_field, "keyframes")
    hits = window.contents.hits
    names = list(dict.fromkeys(hit.page.name for hit in hits))
    assert len(names) > 1
    assert window.page.name == "desktop"
    assert window.match_words() == "not on this page"
    QTest.keyClick(window.contents.search_field, Qt.Key.Key_Return)
    assert window.page == hits[0].page
    left = window.view.match_count - window.view.current_match
    for _ in range(left):
        assert window.page == hits[0].page
        QTest.keyClick(window, Qt.Key.Key_F3)
    assert (window.page.name, window.view.current_match) == (names[1], 0)
    QTest.keyClick(window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert window.page == hits[0].page
    count = window.view.match_count
    assert window.match_words() == f"{count} of {count} on this page"


def test_previous_undoes_next_also_from_page_to_page(window: HelpWindow) -> None:
    window.contents.search_field.setText("keyframes")
    window.find_next()
    places: list[tuple[str, int]] = []
    while len({name for name, _ in places}) < 2:
        places.append((window.page.name, window.view.current_match))
        window.find_next()
    for place in reversed(places):
        window.find_previous()
        assert (window.page.name, window.view.current_match) == place


def test_from_a_page_without_the_words_it_goes_to_the_first_or_the_last(window: HelpWindow) -> None:
    window.contents.search_field.setText("keyframes")
    names = list(dict.fromkeys(hit.page.name for hit in window.contents.hits))
    assert "desktop" not in names
    window.find_next()
    assert (window.page.name, window.view.current_match) == (names[0], 0)
    window.open_page("desktop")
    window.find_previous()
    assert (window.page.name, window.view.current_match) == (names[-1], window.view.match_count - 1)


def test_matches_are_marked_and_the_current_one_differs(window: HelpWindow, theme: Theme) -> None:
    show(window, "# A\n\nneedle and Needle\n")
    window.contents.search_field.setText("needle")
    window.view.go_to_match(1)
    grounds = [mark.format.background().color() for mark in window.view.extraSelections()]
    assert grounds == [theme.colour("selected"), theme.colour("accent")]


def test_escape_empties_the_search_and_then_closes(window: HelpWindow) -> None:
    window.contents.search_field.setText("zzyx")
    assert window.contents.nothing_found.isVisible()
    assert window.match_words() == "not on this page"
    QTest.keyClick(window.contents.search_field, Qt.Key.Key_Escape)
    assert window.contents.page_list.isVisible()
    assert window.match_words() == ""
    QTest.keyClick(window.contents.search_field, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_down_goes_on_into_the_findings(window: HelpWindow) -> None:
    QTest.keyClicks(window.contents.search_field, "trash")
    QTest.keyClick(window.contents.search_field, Qt.Key.Key_Down)
    assert window.contents.hit_list.hasFocus()
    QTest.keyClick(window.contents.hit_list, Qt.Key.Key_Down)
    assert window.page == window.contents.hits[1].page


def test_help_for_a_part_of_the_window_opens_its_page(window: HelpWindow) -> None:
    window.open_context("jobs")
    assert window.page.name == "fetch"
    assert window.view.verticalScrollBar().value() > 0
    window.open_context("something without a page")
    assert window.page.name == "analyst"


def test_the_list_comes_to_the_page_that_is_read(window: HelpWindow) -> None:
    window.resize(800, 420)
    pages = window.contents.page_list
    for name in (GROUPS[-1][1][-1], GROUPS[0][1][0]):
        window.open_page(name)
        assert pages.currentIndex().data() == window.page.title
        assert pages.viewport().rect().contains(pages.visualRect(pages.currentIndex()).center())


def test_another_theme_dresses_the_page_anew_where_it_is_read(window: HelpWindow, theme: Theme) -> None:
    window.open_page("fetch")
    window.contents.search_field.setText("queue")
    window.find_next()
    window.view.verticalScrollBar().setValue(200)
    matches = window.view.current_match
    theme.set_mode(ThemeMode.LIGHT)
    assert window.view.verticalScrollBar().value() == 200
    assert window.view.current_match == matches
    first = window.view.document().begin().begin().fragment().charFormat()
    assert first.foreground().color() == QColor(LIGHT.text)
    image = window.view.viewport().grab().toImage()
    assert image.pixelColor(image.width() - 4, image.height() - 4) == QColor(LIGHT.panel)


def test_the_lists_are_sound_models(qtbot: QtBot) -> None:
    pages = load_pages()
    model = PageModel(pages)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [model.index(row).data() for row in range(model.rowCount())]
    assert rows == [line for group, names in GROUPS for line in (group, *_titles(names))]
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.rowCount(model.index(1)) == 0
    assert model.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags
    found = HitModel()
    QAbstractItemModelTester(found, QAbstractItemModelTester.FailureReportingMode.Fatal)
    hits = search(pages, "quota")
    found.show_hits(hits, ("quota",))
    assert found.rowCount() == len(hits)
    found.show_hits((), ())


def _titles(names: tuple[str, ...]) -> list[str]:
    titles = {page.name: page.title for page in load_pages()}
    return [titles[name] for name in names]


def test_the_key_of_help_opens_it_on_what_is_in_view(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                desk.window.go_to("replay")
                desk.actions["help.contents"].trigger()
                desk.actions["help.contents"].trigger()
                await until(lambda: any(each.isVisible() and each.windowTitle() for each in help_windows()))
                (opened,) = help_windows()
                await until(lambda: opened.page.name == CONTEXTS["replay"][0])

    def help_windows() -> list[HelpWindow]:
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, HelpWindow)]

    run_on_qt(qapp, journey())
