"""What the vendor's client computes, written down anew and plainly: to compare the server's kernels with.

Messages are those of its JSON; times of the exchange are read to whole milliseconds, as a Date has them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Message = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SAFE = 2**53 - 1


def milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def spelled(ms: float) -> str:
    moment = _EPOCH + timedelta(milliseconds=int(ms))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


@dataclass
class PlainSnapshots:
    """One book, and the snapshots of it at a depth."""

    name: str
    depth: int
    interval: int
    grouping: float | None = None
    places: int = 0
    bids: dict[float, float] = field(default_factory=dict)
    asks: dict[float, float] = field(default_factory=dict)
    is_known: bool = False
    is_begun: bool = False
    changed: bool = False
    updated: str = ""

    def __post_init__(self) -> None:
        self.told: dict[str, list[tuple[float, float] | None]] = {
            side: [None] * self.depth for side in ("bids", "asks")
        }

    def compute(self, message: Message) -> list[Message]:
        made = []
        if self._is_due(message["timestamp"]):
            made.append(self._snapshot(message))
        self._update(message)
        if self._is_due(message["timestamp"]):
            made.append(self._snapshot(message))
            self.is_begun = True
        return made

    def _is_due(self, timestamp: str) -> bool:
        if not self.changed:
            return False
        if self.interval == 0 or not self.is_begun:
            return True
        told = milliseconds(self.updated) // self.interval
        if milliseconds(timestamp) // self.interval > told:
            self.updated = spelled((told + 1) * self.interval)
            return True
        return False

    def _update(self, message: Message) -> None:
        if message["isSnapshot"]:
            self.bids, self.asks, self.is_known = {}, {}, True
        if self.is_known:
            for side, levels in ((self.asks, message["asks"]), (self.bids, message["bids"])):
                for level in levels:
                    side.pop(level["price"], None)
                    if level["amount"]:
                        side[level["price"]] = level["amount"]
            self._uncross(message)
        for name, side, sign in (("bids", self.bids, -1), ("asks", self.asks, 1)):
            levels = sorted(side.items(), key=lambda level: sign * level[0])
            if self.grouping is not None:
                self._tell_grouped(name, levels)
            else:
                for place in range(self.depth):
                    self._tell(name, place, levels[place] if place < len(levels) else None)
        self.updated = message["timestamp"]

    def _uncross(self, message: Message) -> None:
        if not self.bids or not self.asks or max(self.bids) < min(self.asks):
            return
        best = min(self.asks)
        drops_bids = any(level["price"] == best for level in message["asks"])
        while self.bids and self.asks and max(self.bids) >= min(self.asks):
            if drops_bids:
                del self.bids[max(self.bids)]
            else:
                del self.asks[min(self.asks)]

    def _tell(self, name: str, place: int, level: tuple[float, float] | None) -> None:
        if self.told[name][place] != level:
            self.told[name][place] = level
            self.changed = True

    def _tell_grouped(self, name: str, levels: list[tuple[float, float]]) -> None:
        assert self.grouping is not None
        scale = 10.0**self.places
        groups: list[tuple[float, float]] = []
        for price, amount in levels:
            scaled, step = price * scale, self.grouping * scale
            remainder = math.fmod(scaled, step) / scale
            up = step if name == "asks" and remainder > 0 else 0
            group = (scaled - remainder * scale + up) / scale
            if groups and groups[-1][0] == group:
                groups[-1] = (group, groups[-1][1] + amount)
            else:
                groups.append((group, amount))
        for place, level in enumerate(groups[: self.depth]):
            self._tell(name, place, level)

    def _snapshot(self, message: Message) -> Message:
        self.changed = False
        made = {
            "type": "book_snapshot",
            "symbol": message["symbol"],
            "exchange": message["exchange"],
            "name": self.name,
            "depth": self.depth,
            "interval": self.interval,
            "grouping": self.grouping,
            **{
                side: [{} if level is None else {"price": level[0], "amount": level[1]} for level in told]
                for side, told in self.told.items()
            },
            "timestamp": self.updated,
            "localTimestamp": message["localTimestamp"],
        }
        return {key: value for key, value in made.items() if value is not None}


@dataclass
class PlainBars:
    """Trades of one instrument, and the bars that they make."""

    name: str
    kind: str
    interval: int
    bar: Message = field(default_factory=dict)

    def compute(self, trade: Message) -> list[Message]:
        made = []
        if self._is_over(trade["timestamp"]):
            made.append(self._told(trade))
        self._update(trade)
        if self._is_over(trade["timestamp"]):
            made.append(self._told(trade))
        return made

    def _is_over(self, timestamp: str) -> bool:
        if not self.bar:
            return False
        if self.kind != "time":
            return bool(self.bar["volume" if self.kind == "volume" else "trades"] >= self.interval)
        opened = milliseconds(self.bar["openTimestamp"]) // self.interval
        if milliseconds(timestamp) // self.interval > opened:
            self.bar["timestamp"] = spelled((opened + 1) * self.interval)
            return True
        return False

    def _update(self, trade: Message) -> None:
        price, amount, stamp = trade["price"], trade["amount"], trade["timestamp"]
        if not self.bar:
            self.bar = {"open": price, "high": -_SAFE, "low": _SAFE, "openTimestamp": stamp}
            self.bar |= dict.fromkeys(("volume", "buyVolume", "sellVolume", "trades", "vwap"), 0)
        bar = self.bar
        bar["high"], bar["low"] = max(bar["high"], price), min(bar["low"], price)
        bar["close"], bar["closeTimestamp"], bar["timestamp"] = price, stamp, stamp
        bar["buyVolume"] += amount if trade["side"] == "buy" else 0
        bar["sellVolume"] += amount if trade["side"] == "sell" else 0
        bar["trades"] += 1
        bar["vwap"] = (bar["vwap"] * bar["volume"] + price * amount) / (bar["volume"] + amount)
        bar["volume"] += amount

    def _told(self, trade: Message) -> Message:
        told = self.bar | {
            "type": "trade_bar",
            "name": self.name,
            "kind": self.kind,
            "interval": self.interval,
        }
        told |= {key: trade[key] for key in ("symbol", "exchange", "localTimestamp")}
        self.bar = {}
        return told
