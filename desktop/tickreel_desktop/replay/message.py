"""What a view says in place of figures: a heading that names the state, and why it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, Qt

from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel.market.zone import Zone
    from tickreel.replay import SymbolFrame
    from tickreel_desktop.theme import Theme

_WRAPPED = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)


class Message(NamedTuple):
    """A state in words."""

    heading: str
    reason: str


def reason_without_book(symbol: SymbolFrame | None, zone: Zone, *, is_open: bool) -> Message:
    """Say why no book of a symbol can be shown."""
    if not is_open:
        return Message("No replay open", "Open a replay to see its order book.")
    if symbol is None:
        return Message("Opening", "Waiting for the first moment of the replay.")
    if symbol.book is None:
        return Message(
            "No order book played", f"This replay plays no order book of {symbol.exchange} {symbol.symbol}."
        )
    if symbol.gap_since_us is not None:
        return Message(
            "Book not known",
            f"A day that is not held began at {moment_text(zone, symbol.gap_since_us)}, "
            "and no snapshot has come since.",
        )
    if symbol.book.message_us is None:
        return Message("No order book yet", "Waiting for the first snapshot.")
    return Message("The book is empty", "Both sides have no level now.")


def paint_message(painter: QPainter, theme: Theme, rect: QRectF, message: Message) -> None:
    """Draw a message into the middle of a rectangle."""
    inner = rect.adjusted(theme.px(12), 0, -theme.px(12), 0)
    heading, reason = theme.font(FontRole.HEADING), theme.font(FontRole.BODY)
    painter.setFont(heading)
    top = painter.boundingRect(inner, _WRAPPED, message.heading)
    painter.setFont(reason)
    below = painter.boundingRect(inner, _WRAPPED, message.reason)
    gap = theme.px(8)
    start = rect.center().y() - (top.height() + gap + below.height()) / 2
    painter.setFont(heading)
    painter.setPen(theme.colour("text"))
    painter.drawText(QRectF(inner.left(), start, inner.width(), top.height()), _WRAPPED, message.heading)
    painter.setFont(reason)
    painter.setPen(theme.colour("text_2"))
    begin = start + top.height() + gap
    painter.drawText(QRectF(inner.left(), begin, inner.width(), below.height()), _WRAPPED, message.reason)
