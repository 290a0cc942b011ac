"""Whom the fake lets in: by key, by what the key's plan opens, and on free days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.faketardis.metadata import midnight, moment_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

_RAW_PLANS = frozenset({"professional", "pro", "business"})
"""Plans that include the raw feed and the instruments."""


class Admission:
    """The one key there is, and what it opens. Attributes may be changed while the fake runs."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        """None lets everybody in."""
        self.access: list[dict[str, Any]] | None = None
        """Entries as ``/api-key-info`` tells them; None opens everything."""

    def knows(self, key: str | None) -> bool:
        """Tell whether somebody with *key* is a customer."""
        return self.key is None or key == self.key

    def opens(
        self, key: str | None, exchange: str, day: date, symbols: Collection[str] = (), *, raw: bool = False
    ) -> bool:
        """Tell whether *key* opens one day; the first of each month is free, whatever the key."""
        if day.day == 1:
            return True
        if not self.knows(key):
            return False
        return self.access is None or any(
            entry["exchange"] == exchange
            and moment_of(entry["from"]) <= midnight(day) < moment_of(entry["to"])
            and (not entry["symbols"] or _spelt(symbols) <= _spelt(entry["symbols"]))
            and (not raw or entry["dataPlan"] in _RAW_PLANS)
            for entry in self.access
        )

    def opens_instruments(self, key: str | None, exchange: str) -> bool:
        """Tell whether *key* opens the instruments of an exchange."""
        return self.knows(key) and (
            self.access is None
            or any(entry["exchange"] == exchange and entry["dataPlan"] in _RAW_PLANS for entry in self.access)
        )


def _spelt(symbols: Collection[str]) -> set[str]:
    return {symbol.upper() for symbol in symbols}
