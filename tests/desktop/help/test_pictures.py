"""Pictures on the pages of help: those of the theme, in the width there is, and none that no page shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument

from tickreel_desktop.help.document import fit_prose, make_document
from tickreel_desktop.help.pages import load_pages, make_page, unknown_links
from tickreel_desktop.help.pictures import PictureDocument, picture_name
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_resources import picture_bytes, picture_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QTextImageFormat

    from tickreel_desktop.help.document import PageDocument

PICTURES = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", "\n".join(page.markdown for page in load_pages()))
PAGE = "# A\n\nwords\n\n![The data](pictures/data-dark.webp)\n\nwords\n"
_IMAGE = QTextDocument.ResourceType.ImageResource.value


def pictures_of(made: PageDocument) -> Iterator[QTextImageFormat]:
    block = made.document.begin()
    while block.isValid():
        for part in (block.begin(),):
            if not part.atEnd() and part.fragment().charFormat().isImageFormat():
                yield part.fragment().charFormat().toImageFormat()
        block = block.next()


def shown_at(made: PageDocument) -> tuple[str, int, int]:
    (look,) = pictures_of(made)
    name = picture_name(QUrl(look.name()).path())
    assert name is not None
    return name, round(look.width()), round(look.height())


def test_every_picture_that_ships_is_on_a_page_dark_and_light_and_small() -> None:
    shown = {picture_name(target) for _, target in PICTURES}
    assert all(name is not None and name.endswith("-dark.webp") for name in shown)
    assert {str(name) for name in shown} | {str(name).replace("-dark", "-light") for name in shown} == set(
        picture_names()
    )
    assert all(len(picture_bytes(name)) < 150_000 for name in picture_names())


def test_every_picture_says_in_words_what_it_shows() -> None:
    assert [target for words, target in PICTURES if len(words.split()) < 6] == []


def test_a_picture_that_is_not_there_is_found() -> None:
    page = make_page("a", "G", "# A\n\n![x](pictures/data-dark.webp)\n![y](pictures/nothing.webp)\n")
    assert unknown_links([page]) == ["a: pictures/nothing.webp"]


def test_a_picture_is_that_of_the_theme(theme: Theme) -> None:
    names = []
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme.set_mode(mode)
        names.append(shown_at(make_document(theme, PAGE, 800))[0])
    assert names == ["data-dark.webp", "data-light.webp"]


def test_a_picture_has_the_width_of_the_page_and_never_more_than_its_own(theme: Theme) -> None:
    made = make_document(theme, PAGE, 648)
    assert shown_at(made)[1:] == (600, 386)
    fit_prose(theme, made.document, 448)
    assert shown_at(made)[1:] == (400, 257)
    fit_prose(theme, made.document, 5_000)
    assert shown_at(made)[1:] == (1120, 720)


def test_a_block_with_a_picture_is_no_higher_than_it(theme: Theme) -> None:
    made = make_document(theme, PAGE, 648)
    made.document.setTextWidth(648)
    block = made.document.begin()
    while "\ufffc" not in block.text():
        block = block.next()
    assert made.document.documentLayout().blockBoundingRect(block).height() == pytest.approx(386, abs=8)


def test_a_picture_is_read_at_the_width_that_it_is_drawn_at(theme: Theme) -> None:
    (look,) = pictures_of(make_document(theme, PAGE, 648))
    image = PictureDocument(QColor("red")).loadResource(_IMAGE, QUrl(look.name()))
    assert isinstance(image, QImage)
    assert (image.width(), image.height()) == (600, 386)
    assert image.pixelColor(0, 0) == image.pixelColor(599, 385) == QColor("red")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "pictures/../../secret.webp?width=9", "other.png"])
def test_nothing_but_pictures_of_the_pages_is_ever_loaded(target: str) -> None:
    assert PictureDocument(QColor("red")).loadResource(_IMAGE, QUrl(target)) is None
