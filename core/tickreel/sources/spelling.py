"""How the vendor names its files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tickreel.vendorcsv import vendor_spelling

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.types import DatasetKey


def file_symbol(symbol: str) -> str:
    """Spell a symbol as the vendor's files are named: upper-case, ``/`` and ``:`` as ``-``."""
    return vendor_spelling(symbol)


def dataset_path(key: DatasetKey, day: date) -> str:
    """Give the path of a day's file below the root of the datasets, percent-encoded.

    The rules are the vendor's: ``EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz``.
    """
    pieces = (key.exchange, key.type.value, *day.isoformat().split("-"), file_symbol(key.symbol))
    return "/".join(quote(piece, safe="") for piece in pieces) + ".csv.gz"
