"""Numbers of an answer are links to figures, those without a source are marked, nothing else is a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCharFormat, QTextCursor
from support.snapshots import snapshot

from tickreel.analysis import check_text
from tickreel_desktop.analysis.figure_text import FigureText
from tickreel_desktop.analysis.marking import marked, unchecked

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

SEEN = snapshot(spread_mean=0.42, trades=12, grade="good")


def shown(text: str) -> str:
    return marked(text, check_text(text, SEEN))


def test_a_number_is_a_link_to_its_figure_and_the_id_behind_it_goes() -> None:
    assert shown("A spread of 0.42 bps [f007].") == "A spread of [0.42 bps](fig:f007)."
    assert shown("Graded good [f061], 12 trades [f028].") == (
        "Graded good [f061](fig:f061), [12](fig:f028) trades [f028](fig:f028)."
    )


def test_a_number_without_a_source_is_marked_also_where_it_cites_a_figure() -> None:
    assert shown("It is 7.2 today.") == "It is [7.2](odd:0) today."
    assert shown("A spread of 0.5 bps [f007].") == "A spread of [0.5 bps](odd:0)."


@pytest.mark.parametrize(
    "text",
    [
        "[press](https://example.org)",
        "![](https://example.org/a.png)",
        "<a href='https://example.org'>x</a>",
        "[no source](fig:f007)",
        "`[x](fig:f007)`",
        "&lt;b&gt;",
    ],
)
def test_what_else_looks_like_a_link_is_shown_as_it_is_written(qtbot: QtBot, theme: Theme, text: str) -> None:
    for is_checked in (True, False):
        view = FigureText(theme, "text")
        qtbot.addWidget(view)
        if is_checked:
            view.show_checked(text, check_text(text, SEEN), SEEN)
        else:
            view.show_unchecked(text)
        assert not [link for link in view.links() if not link.startswith("odd:")]
        assert view.toPlainText().strip() == text.replace("`", "")


def test_markdown_is_kept_and_so_are_the_looks_of_figures(qtbot: QtBot, theme: Theme) -> None:
    text = "The **spread** is 0.42 bps [f007]:\n- it was 9 before"
    view = FigureText(theme, "text")
    qtbot.addWidget(view)
    view.resize(300, 100)
    view.show_checked(text, check_text(text, SEEN), SEEN)
    assert view.toPlainText() == "The spread is 0.42 bps:\nit was 9 before"
    assert view.links() == ["fig:f007", "odd:1"]
    cursor = QTextCursor(view.document())
    looks = {}
    for start, length, link in view._links():
        cursor.setPosition(start + length)
        form = cursor.charFormat()
        looks[link] = (form.underlineStyle(), form.foreground().color())
    style = QTextCharFormat.UnderlineStyle
    assert looks["fig:f007"] == (style.SingleUnderline, theme.colour("accent"))
    assert looks["odd:1"] == (style.WaveUnderline, theme.colour("warning"))
    assert "f007 spread_mean: 0.42 bps" in view.note_of("fig:f007")
    assert view.note_of("odd:1") == "9 has no source: it cites no figure"
    with qtbot.waitSignal(view.figure_chosen) as told:
        view.anchorClicked.emit(QUrl("fig:f007"))
    assert told.args == ["f007"]


def test_what_is_still_coming_has_no_links_and_a_caret() -> None:
    assert unchecked("It is 0.42 [f007] `so`") == "It is 0.42  so"
