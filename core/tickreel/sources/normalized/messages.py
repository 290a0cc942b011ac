"""The normalized messages of the vendor's open-source client, one JSON object a line.

A field that does not apply is absent, or null where JavaScript had no number to write; keys that
are not known here are passed over. Numbers are the float64 next to their text. Times stay text
until somebody needs them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import msgspec

from tickreel.errors import DataError
from tickreel.market.numbers import ecmascript

_SHOWN_CHARACTERS = 120


class _Tagged(msgspec.Struct, tag_field="type", rename="camel", gc=False):
    """What all have: the type, the exchange, and when it arrived."""

    exchange: str
    local_timestamp: str


class _OfSymbol(_Tagged):
    symbol: str
    timestamp: str
    """The exchange's time; equal to the local one where the exchange gave none."""


class Level(msgspec.Struct, gc=False):
    """A price level; in a snapshot of fixed depth one that does not exist is empty."""

    price: float | None = None
    amount: float | None = None


class Trade(_OfSymbol, tag="trade"):
    """A trade; the side is the taker's."""

    id: str | int | float | None = None
    side: Literal["buy", "sell", "unknown"] | None = None
    price: float | None = None
    amount: float | None = None


class Liquidation(_OfSymbol, tag="liquidation"):
    """A liquidation; buy: a short position was liquidated."""

    id: str | int | float | None = None
    side: Literal["buy", "sell", "unknown"] | None = None
    price: float | None = None
    amount: float | None = None


class BookChange(_OfSymbol, tag="book_change"):
    """Levels of a book by their new amounts, 0 for one that is gone; a snapshot replaces the book."""

    is_snapshot: bool
    bids: list[Level]
    asks: list[Level]


class BookSnapshot(_OfSymbol, tag="book_snapshot"):
    """The best levels of a book, which the vendor's client computed; best first."""

    name: str
    """The data type as it was asked for, such as ``book_snapshot_5_0ms`` or ``quote``."""
    bids: list[Level]
    asks: list[Level]


class BookTicker(_OfSymbol, tag="book_ticker"):
    """The exchange's own best bid and ask."""

    ask_amount: float | None = None
    ask_price: float | None = None
    bid_price: float | None = None
    bid_amount: float | None = None


class DerivativeTicker(_OfSymbol, tag="derivative_ticker"):
    """What an exchange tells of a derivative besides its book and trades."""

    funding_timestamp: str | None = None
    funding_rate: float | None = None
    predicted_funding_rate: float | None = None
    open_interest: float | None = None
    last_price: float | None = None
    index_price: float | None = None
    mark_price: float | None = None


class OptionSummary(_OfSymbol, tag="option_summary"):
    """Prices, volatilities and greeks of an option."""

    option_type: Literal["put", "call"] | None = None
    strike_price: float | None = None
    expiration_date: str | None = None
    open_interest: float | None = None
    last_price: float | None = None
    best_bid_price: float | None = None
    best_bid_amount: float | None = None
    best_bid_iv: float | None = msgspec.field(default=None, name="bestBidIV")
    best_ask_price: float | None = None
    best_ask_amount: float | None = None
    best_ask_iv: float | None = msgspec.field(default=None, name="bestAskIV")
    mark_price: float | None = None
    mark_iv: float | None = msgspec.field(default=None, name="markIV")
    underlying_index: str | None = None
    underlying_price: float | None = None
    delta: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None
    rho: float | None = None


class Disconnect(_Tagged, tag="disconnect"):
    """The recorder's connection broke here; the local time is that of the message before."""


RowMessage: TypeAlias = (
    Trade | Liquidation | BookChange | BookSnapshot | BookTicker | DerivativeTicker | OptionSummary
)
Message: TypeAlias = RowMessage | Disconnect

KINDS: dict[type, str] = {each: each.__struct_config__.tag for each in get_args(Message)}
"""The type that each kind of message carries in its JSON."""


class Unknown(msgspec.Struct, gc=False):
    """A message of a type that is not known here."""

    type: str


class Trouble(msgspec.Struct, gc=False):
    """What the machine writes in place of messages when it fails; never a type, nor an exchange."""

    message: str | None = None
    url: str | None = None
    """What it asked the vendor for; None where it refused the request itself."""
    type: str | None = None
    exchange: str | None = None


class LineError(DataError):
    """Say which line of the machine's answer is wrong; line 1 is the first."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"tardis-machine's answer: line {line}: {problem}")
        self.line = line
        self.problem = problem


class TroubleTold(Exception):
    """Unwind reading: in place of the next message stands what went wrong; the reader's caller words it."""

    def __init__(self, trouble: Trouble, line: int) -> None:
        super().__init__(trouble.message or "")
        self.trouble = trouble
        self.line = line


# One decoder that picks the type by its tag is faster than finding the type first: 0.65 us a message
# of a real feed, against 0.8. A list of lines costs it nothing more than the lines one by one.
_MESSAGE = msgspec.json.Decoder(Message)
_TROUBLE = msgspec.json.Decoder(Trouble)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoders raise for a line that is no message; the last of them where it is nested without end."""


def read_lines(text: bytes, first_line: int) -> list[Message | Unknown]:
    """Read whole lines, each with its line end, of which the first has the number *first_line*.

    Raises:
        LineError: a line is no message.
        TroubleTold: a line tells what went wrong at the machine.
    """
    try:
        messages: list[Message | Unknown] = _MESSAGE.decode_lines(text)
    except _UNREADABLE:
        pass
    else:
        if len(messages) == text.count(b"\n"):
            return messages
    # One of them is not as it should be: the first is found by reading one after the other.
    lines = text.removesuffix(b"\n").split(b"\n")
    return [read_line(line, number) for number, line in enumerate(lines, first_line)]


def read_line(line: bytes, number: int) -> Message | Unknown:
    """Read one line, which has the given number in its answer.

    Raises:
        LineError: it is no message.
        TroubleTold: it tells what went wrong at the machine.
    """
    try:
        message: Message = _MESSAGE.decode(line)
    except _UNREADABLE as error:
        trouble = read_trouble(line)
        if trouble is not None:
            raise TroubleTold(trouble, number) from None
        kind = _type_of(line)
        if kind is not None and kind not in KINDS.values():
            return Unknown(kind)
        raise LineError(number, f"{error}: {shown(line)}") from None
    return message


def read_trouble(text: bytes) -> Trouble | None:
    """Read what the machine says went wrong; None where the text is nothing of the kind."""
    try:
        trouble = _TROUBLE.decode(text)
    except _UNREADABLE:
        return None
    return trouble if trouble.type is None and trouble.exchange is None else None


def _type_of(line: bytes) -> str | None:
    try:
        return _TROUBLE.decode(line).type
    except _UNREADABLE:
        return None


def id_text(given: str | float | None) -> str:
    """Spell an id as it stood in its JSON, whose numbers are as JavaScript prints them."""
    match given:
        case None:
            return ""
        case str():
            return given
        case int():
            return str(given)
    return ecmascript(given)


def shown(line: bytes) -> str:
    """Quote the beginning of a line for a message, whatever bytes it holds."""
    text = line.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")
