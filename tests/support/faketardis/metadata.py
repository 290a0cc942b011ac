"""What the vendor says it has, made from the paths of the files there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from support.faketardis.bodies import Place, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GROUPS = {"SPOT": "spot", "FUTURES": "future", "PERPETUALS": "perpetual", "OPTIONS": "option"}
_CHANNELS = {
    "incremental_book_L2": "depth",
    "book_snapshot_5": "depth",
    "book_snapshot_25": "depth",
    "quotes": "depth",
    "trades": "trade",
    "book_ticker": "bookTicker",
    "liquidations": "forceOrder",
}


@dataclass
class Listings:
    """Settings of the metadata that tests may change while the fake runs."""

    given: Mapping[str, Mapping[str, Any]]
    """Keys of ``/exchanges/{exchange}`` in place of what the files say; those of ``datasets`` one by one."""
    exported_until: datetime | None = None
    """Of every exchange; None is the end of the last day there is a file of."""
    symbols: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Keys of one entry of ``datasets.symbols``, by exchange and id."""

    def published_until(self, exchange: str) -> datetime | None:
        """Tell from when on files are not published yet; None where all that exist are."""
        if self.exported_until is not None:
            return self.exported_until
        told = self.given.get(exchange, {}).get("datasets", {}).get("exportedUntil")
        return None if told is None else moment_of(told)


def exchange_details(exchange: str, paths: Iterable[str], listings: Listings) -> dict[str, Any] | None:
    """Answer ``/exchanges/{exchange}``; None for one that nothing is known of."""
    files: defaultdict[str, list[Place]] = defaultdict(list)
    for path in paths:
        place = place_of(path)
        if place is not None and place.exchange == exchange:
            files[place.symbol].append(place)
    extra = {symbol: keys for (name, symbol), keys in listings.symbols.items() if name == exchange}
    if not files and not extra and exchange not in listings.given:
        return None
    entries = [
        _symbol(symbol, files.get(symbol, []), extra.get(symbol, {})) for symbol in sorted({*files, *extra})
    ]
    days = [place.day for places in files.values() for place in places]
    until = listings.published_until(exchange)
    if until is None:
        until = midnight(max(days) + timedelta(days=1)) if days else None
    since = min((entry["availableSince"] for entry in entries), default=None)
    types = sorted({place.type for places in files.values() for place in places})
    channels = sorted({_CHANNELS.get(data_type, "ticker") for data_type in types})
    details: dict[str, Any] = {
        "id": exchange,
        "name": exchange.replace("-", " ").title(),
        "enabled": True,
        "availableSince": since,
        "availableChannels": channels,
        "availableSymbols": [_available(exchange, entry) for entry in entries if entry["id"] not in _GROUPS],
        "incidentReports": [],
        "channelDetails": [
            {
                "name": channel,
                "description": "as the exchange sends it",
                "frequency": "real time",
                "frequencySource": "the exchange",
                "availableSince": since,
            }
            for channel in channels
        ],
        "datasets": {
            "formats": ["csv"],
            "exportedFrom": since,
            "exportedUntil": None if until is None else iso(until),
            "stats": {"trades": 0, "bookChanges": 0},
            "symbols": entries,
        },
    }
    given = dict(listings.given.get(exchange, {}))
    details["datasets"] |= given.pop("datasets", {})
    if listings.exported_until is not None:
        details["datasets"]["exportedUntil"] = iso(listings.exported_until)
    return details | given


def exchange_list(paths: Iterable[str], listings: Listings) -> list[dict[str, Any]]:
    """Answer ``/exchanges``."""
    known = list(paths)
    names = (
        {path.partition("/")[0] for path in known}
        | {*listings.given}
        | {name for name, _ in listings.symbols}
    )
    kept = ("id", "name", "enabled", "delisted", "availableSince", "availableTo", "availableChannels")
    found = []
    for name in sorted(names):
        details = exchange_details(name, known, listings)
        if details is not None:
            found.append({key: details[key] for key in kept if key in details} | {"supportsDatasets": True})
    return found


def instruments(details: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make plausible instruments of an exchange's symbols, for folders that nobody described further."""
    found = []
    for entry in details["datasets"]["symbols"]:
        symbol = entry["id"]
        if symbol in _GROUPS:
            continue
        base, quote = _currencies(symbol)
        instrument = {
            "id": _native(details["id"], symbol),
            "datasetId": symbol,
            "exchange": details["id"],
            "baseCurrency": base,
            "quoteCurrency": quote,
            "type": entry["type"],
            "active": "availableTo" not in entry,
            "availableSince": entry["availableSince"],
            "priceIncrement": 0.1,
            "amountIncrement": 0.001,
            "minTradeAmount": 0.001,
            "makerFee": 0.0002,
            "takerFee": 0.0004,
        }
        if "availableTo" in entry:
            instrument["availableTo"] = entry["availableTo"]
        found.append(instrument)
    return found


def passes(instrument: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Apply the vendor's ``filter`` to one instrument; a list means any of its values."""
    for key, value in wanted.items():
        if key == "availableSince":
            # Instruments that could still be traded then, and those that existed by then.
            if moment_of(instrument.get("availableTo", "9999-12-31")) <= moment_of(value):
                return False
        elif key == "availableTo":
            if moment_of(instrument["availableSince"]) >= moment_of(value):
                return False
        elif instrument.get(key) not in (value if isinstance(value, list) else [value]):
            return False
    return True


def midnight(day: date) -> datetime:
    """Give the first moment of a day."""
    return datetime.combine(day, time(), UTC)


def iso(moment: datetime) -> str:
    """Write a moment as the vendor does, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """Read a date or a moment; without a zone it is UTC.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _symbol(symbol: str, places: list[Place], keys: dict[str, Any]) -> dict[str, Any]:
    first = min((place.day for place in places), default=date(2019, 3, 30))
    entry = {
        "id": symbol,
        "type": _type_of(symbol, places[0].exchange if places else ""),
        "availableSince": iso(midnight(first)),
        "dataTypes": sorted({place.type for place in places}),
    }
    return entry | keys


def _available(exchange: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: entry[key] for key in ("type", "availableSince", "availableTo") if key in entry}
    return {"id": _native(exchange, entry["id"]), **kept}


def _native(exchange: str, symbol: str) -> str:
    return symbol.lower() if exchange.startswith("binance") else symbol


def _type_of(symbol: str, exchange: str) -> str:
    if symbol in _GROUPS:
        return _GROUPS[symbol]
    is_derivative = any(word in exchange for word in ("futures", "swap", "bitmex", "deribit", "delivery"))
    return "perpetual" if is_derivative or "PERP" in symbol else "spot"


def _currencies(symbol: str) -> tuple[str, str]:
    plain = symbol.replace("-", "").replace("_", "").removesuffix("PERPETUAL").removesuffix("SWAP")
    for quote in ("USDT", "USDC", "USD", "EUR", "BTC"):
        if plain.endswith(quote) and plain != quote:
            return plain.removesuffix(quote), quote
    return plain, "USD"
