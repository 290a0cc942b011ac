"""What a run must know of its instruments, from the instrument table; a gap is refused, never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tickreel.backtest.fees import VENUE_FEES
from tickreel.backtest.models import RateFees
from tickreel.backtest.outcome import Traded
from tickreel.errors import NotHeldError, UsageError
from tickreel.instruments import InstrumentTable

if TYPE_CHECKING:
    from tickreel.backtest.models import Fees
    from tickreel.backtest.request import BacktestRequest
    from tickreel.instruments import Instrument
    from tickreel.store import Cache

_NEEDED = ("tick", "lot", "multiplier", "inverse")
_SPOT = "spot"


class Grid(NamedTuple):
    """A step as whole number over power of ten, so that multiples of it come out as parsed texts do."""

    step: float
    scale: float

    @classmethod
    def of(cls, step: float) -> Grid:
        """Take a step apart.

        Raises:
            UsageError: it has more digits than sums of it could keep.
        """
        exponent = Decimal(repr(step)).normalize().as_tuple().exponent
        assert isinstance(exponent, int)
        scale = 10 ** max(0, -exponent)
        whole = Decimal(repr(step)) * scale
        if scale > 10**15 or whole > 10**15:
            raise UsageError(f"a step of {step!r} is no tick or lot that a run could count in")
        return cls(float(whole), float(scale))


class Terms(NamedTuple):
    """An instrument as a run trades it."""

    traded: Traded
    tick: Grid
    lot: Grid
    least_amount: float
    least_value: float
    """In the quote currency; 0 where there is none."""


def terms_of(request: BacktestRequest, cache: Cache) -> tuple[Terms, ...]:
    """Look up all instruments of a request as they are at its start.

    Raises:
        NotHeldError: a fact is not known, or changes inside the range; it is named, with what to do.
        UsageError: a quanto contract.
    """
    with InstrumentTable(cache) as table:
        return tuple(_terms(table, pair, request) for pair in request.instruments)


def _terms(table: InstrumentTable, pair: tuple[str, str], request: BacktestRequest) -> Terms:
    known = table.during(*pair, request.start_us, request.end_us) or [table.at(*pair, request.start_us)]
    first = known[0]
    if first.quanto:
        raise UsageError(
            f"{first.exchange} {first.symbol} is settled in a third currency, which a backtest cannot do"
        )
    # Of what is no contract an amount of 1 stands for 1, which nobody has to say.
    is_spot = first.type == _SPOT
    needed = _NEEDED[:2] if is_spot else _NEEDED
    first.require(*needed)
    for later in known[1:]:
        changed = [name for name in needed if later.value(name) != first.value(name)]
        if changed:
            raise NotHeldError(
                f"{changed[0]} of {first.exchange} {first.symbol} changes inside the range: run the time "
                "before and the time after on their own"
            )
    assert first.tick is not None
    assert first.lot is not None
    is_inverse = bool(first.inverse) and not is_spot
    maker, taker, source = _fees(first, request.models.fees)
    traded = Traded(
        exchange=pair[0],
        symbol=pair[1],
        tick=first.tick,
        lot=first.lot,
        multiplier=1.0 if is_spot or first.multiplier is None else first.multiplier,
        is_inverse=is_inverse,
        currency=first.settlement or (first.base if is_inverse else first.quote) or "",
        maker_fee=maker,
        taker_fee=taker,
        fee_source=source,
    )
    return Terms(
        traded, Grid.of(first.tick), Grid.of(first.lot), first.min_amount or 0.0, first.min_notional or 0.0
    )


def _fees(known: Instrument, fees: Fees) -> tuple[float, float, str]:
    if isinstance(fees, RateFees):
        return fees.maker, fees.taker, "given"
    if known.maker_fee is not None and known.taker_fee is not None:
        return known.maker_fee, known.taker_fee, "instrument"
    if known.exchange in VENUE_FEES:
        rates = VENUE_FEES[known.exchange]
        return rates.maker, rates.taker, f"venue: {rates.source}"
    known.require("maker_fee", "taker_fee")
    raise AssertionError("one of them was not known")
