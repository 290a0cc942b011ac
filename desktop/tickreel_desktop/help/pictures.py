"""Pictures on a page of help: those of the theme, as wide as the page lets them, read as they come into view.

A page names the dark picture, ``pictures/data-dark.webp``; the light one lies beside it. A picture gets its
size in the document from its head alone, so that a long page is laid out without decoding any.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, QUrl, QUrlQuery
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QImageReader,
    QPainter,
    QTextDocument,
    QTextImageFormat,
)

from tickreel_desktop.theme.tokens import LIGHT
from tickreel_resources import picture_bytes

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

FOLDER = "pictures/"
_WIDTH = "width"


class PictureDocument(QTextDocument):
    """Hold a page, and read its pictures as they are drawn."""

    def __init__(self, frame: QColor) -> None:
        super().__init__()
        self._frame = frame
        """Of the line around a picture, which else has the ground of the page."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Give a picture at the width that its name asks for; nothing else is ever loaded."""
        url = QUrl(name)
        picture = picture_name(url.path())
        if kind != QTextDocument.ResourceType.ImageResource.value or picture is None:
            return None
        ratio = _device_ratio()
        width = round(int(QUrlQuery(url).queryItemValue(_WIDTH)) * ratio)
        image = QImage.fromData(QByteArray(picture_bytes(picture)))
        image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        painter = QPainter(image)
        painter.setPen(self._frame)
        painter.drawRect(0, 0, image.width() - 1, image.height() - 1)
        painter.end()
        image.setDevicePixelRatio(ratio)
        return image


def picture_name(target: str) -> str | None:
    """Give the name of the picture that a page's target names; None where it names none of ours."""
    name = target.removeprefix(FOLDER)
    return name if name != target and "/" not in name else None


def fitted(theme: Theme, look: QTextImageFormat, room_px: int) -> QTextImageFormat:
    """Give the format of a picture in this theme, at its own size or as wide as there is room."""
    name = picture_name(QUrl(look.name()).path())
    made = QTextImageFormat(look)
    if name is None:
        return made
    suited = name.replace("-dark.", "-light.") if theme.tokens is LIGHT else name
    size = _size(suited)
    width = min(theme.px(size.width()), room_px)
    made.setName(f"{FOLDER}{suited}?{_WIDTH}={width}")
    made.setWidth(width)
    made.setHeight(round(size.height() * width / size.width()))
    return made


@cache
def _size(name: str) -> QSize:
    data = QBuffer()
    data.setData(picture_bytes(name))
    data.open(QIODevice.OpenModeFlag.ReadOnly)
    return QImageReader(data).size()


def _device_ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
