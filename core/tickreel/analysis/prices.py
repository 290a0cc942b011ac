"""What a token of a model costs: a few prices that are built in, and those that were typed in above them.

Money is counted in whole nano-dollars: a dollar for a million tokens is a thousand of them for one. A
model without a price is not called: nothing is ever counted as free because it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.store.records.database import Database

NANO = 10**9
"""Nano-dollars in a dollar."""
_NANO_PER_MTOK = NANO // 10**6
"""Nano-dollars of one token at a dollar for a million."""
_DEAREST_USD = 100_000
_LONGEST_NAME = 120


def _nano(usd_per_mtok: str) -> int:
    """Read dollars for a million tokens as nano-dollars for one; a part of one is rounded up."""
    try:
        usd = Decimal(usd_per_mtok.strip().removeprefix("$"))
    except InvalidOperation:
        usd = Decimal(-1)
    if not usd.is_finite() or not 0 <= usd <= _DEAREST_USD:
        raise UsageError(
            f"{usd_per_mtok!r} is no price: write US dollars for a million tokens, from 0 to {_DEAREST_USD}"
        )
    return int((usd * _NANO_PER_MTOK).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Price:
    """What tokens cost, in nano-dollars each."""

    nano_usd_in: int
    nano_usd_out: int

    @classmethod
    def per_mtok(cls, usd_in: str, usd_out: str | None = None) -> Price:
        """Read dollars for a million tokens that are sent, and for those that come back if they differ.

        Raises:
            UsageError: it is no amount of dollars with at most three decimals.
        """
        sent = _nano(usd_in)
        return cls(sent, sent if usd_out is None else _nano(usd_out))

    @property
    def usd_in_per_mtok(self) -> float:
        """Dollars for a million tokens that are sent."""
        return self.nano_usd_in / _NANO_PER_MTOK

    @property
    def usd_out_per_mtok(self) -> float:
        """Dollars for a million tokens that come back."""
        return self.nano_usd_out / _NANO_PER_MTOK

    def nano_usd(self, tokens_in: int, tokens_out: int) -> int:
        """Give what a call costs."""
        return tokens_in * self.nano_usd_in + tokens_out * self.nano_usd_out


FREE = Price(0, 0)
"""What the offline analyst costs."""

BUILT_IN: Mapping[str, Price] = {
    "deepseek-v3.2": Price.per_mtok("0.42"),
    "gpt-4.1": Price.per_mtok("8"),
    "claude-sonnet-4.5": Price.per_mtok("15"),
}
"""The founding article's prices, one for both directions."""


def price_of(database: Database, model: str) -> Price | None:
    """Find the price of a model; None where nobody has said it."""
    rows = database.tuples("SELECT nano_usd_in, nano_usd_out FROM model_price WHERE model = ?", (model,))
    return Price(*rows[0]) if rows else BUILT_IN.get(model)


def prices(database: Database) -> dict[str, tuple[Price, bool]]:
    """Give every price by model, and whether it was typed in."""
    typed = database.tuples("SELECT model, nano_usd_in, nano_usd_out FROM model_price")
    found = {model: (price, False) for model, price in BUILT_IN.items()}
    found |= {model: (Price(sent, back), True) for model, sent, back in typed}
    return dict(sorted(found.items()))


def set_price(database: Database, model: str, price: Price, now_us: int) -> None:
    """Type in the price of a model, in place of the one before; calls that were made keep theirs.

    Raises:
        UsageError: it is no name of a model.
    """
    if not model.strip() or not model.isprintable() or len(model) > _LONGEST_NAME:
        raise UsageError(f"{model!r} is no model: write the name that the server knows it by")
    with database.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO model_price (model, nano_usd_in, nano_usd_out, set_us)"
            " VALUES (?, ?, ?, ?)",
            (model, price.nano_usd_in, price.nano_usd_out, now_us),
        )


def unset_price(database: Database, model: str) -> bool:
    """Forget the price that was typed in, so that one that is built in holds again; False without one."""
    with database.writing() as connection:
        return connection.execute("DELETE FROM model_price WHERE model = ?", (model,)).rowcount > 0


def saving(price: Price, dearer: Price) -> float | None:
    """Give the part by which one price is below another, computed, of what is sent; None below no price."""
    if not dearer.nano_usd_in:
        return None
    return 1 - price.nano_usd_in / dearer.nano_usd_in
