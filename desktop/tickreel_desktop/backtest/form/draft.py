"""What is filled in, as it is typed, and what it amounts to: problems by field, a request, a command line.

Plain values without Qt.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tickreel.backtest.models import RateFees, RiskAverseQueue
from tickreel.backtest.presets import (
    PRESETS,
    TYPICAL,
    parse_fees,
    parse_latency,
    parse_queue,
    preset,
    with_models,
)
from tickreel.backtest.request import BacktestRequest
from tickreel.errors import TickreelError, UsageError
from tickreel.market.time import US_PER_DAY, day_start_us, parse_day, parse_instant
from tickreel.replay.latency import ConstantLatency, DistributionLatency, MeasuredLatency
from tickreel.replay.spelling import short_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tickreel.backtest.declaring import Declaration
    from tickreel.backtest.models import Fees, Latency, Queue
    from tickreel.backtest.request import Value

T = TypeVar("T")

MOST_DAYS = 4_000
_PARAM = "param:"


class Field(StrEnum):
    """Name a field that may hold something wrong; a parameter's is its own name after ``param:``."""

    STRATEGY = "strategy"
    SYMBOLS = "symbols"
    FIRST = "first"
    LAST = "last"
    LATENCY = "latency"
    QUEUE = "queue"
    FEES = "fees"
    CAPITAL = "capital"
    SEED = "seed"
    RECORD = "record"


class Draft(msgspec.Struct, frozen=True):
    """A form as it stands; texts are as they were typed, an empty one is as the preset or default says."""

    strategy: str = ""
    """The name of an example, or a file with or without its class."""
    symbols: tuple[tuple[str, str], ...] = ()
    first: str = ""
    """The first UTC day, or an instant."""
    last: str = ""
    """The last UTC day, included, or the instant at which it ends."""
    preset: str = TYPICAL
    params: dict[str, str] = {}
    latency: str = ""
    queue: str = ""
    fees: str = ""
    capital: str = ""
    seed: str = ""
    analyst: str = ""
    record: str = ""
    leaves_out: bool = False
    """Whether days that are not held are run over."""
    has_band: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a draft amounts to."""

    problems: Mapping[str, str]
    """What is wrong, by field."""
    range_us: tuple[int, int] | None
    request: BacktestRequest | None
    """None where something is wrong."""

    @property
    def first_problem(self) -> str:
        """What is to be put right first; empty when nothing is."""
        return next(iter(self.problems.values()), "")


def param_field(name: str) -> str:
    """Name the field of a parameter."""
    return f"{_PARAM}{name}"


def read(draft: Draft, declared: Declaration | None) -> Reading:
    """Read a draft; without a declaration its parameters are taken as they stand."""
    problems: dict[str, str] = {}

    def take(field: str, read_it: Callable[[], T]) -> T | None:
        try:
            return read_it()
        except TickreelError as error:
            is_name_first = field.startswith(_PARAM)  # and a name is spelt as it is
            problems[field] = str(error) if is_name_first else _sentence(str(error))
            return None

    if not draft.strategy:
        problems[Field.STRATEGY] = "Choose a strategy"
    if not draft.symbols:
        problems[Field.SYMBOLS] = "Add a symbol"
    start_us = take(Field.FIRST, lambda: _instant(draft.first, is_end=False))
    end_us = take(Field.LAST, lambda: _instant(draft.last, is_end=True))
    range_us = _checked_range(start_us, end_us, problems)
    params: dict[str, Value] = {}
    for parameter in declared.params if declared is not None else ():
        text = draft.params.get(parameter.name, "")
        if text.strip():
            value = take(param_field(parameter.name), partial(parameter.checked, text))
            if value is not None and value != parameter.default:
                params[parameter.name] = value
    take(Field.LATENCY, lambda: draft.latency and parse_latency(draft.latency))
    take(Field.QUEUE, lambda: draft.queue and parse_queue(draft.queue))
    take(Field.FEES, lambda: draft.fees and parse_fees(draft.fees))
    capital = take(Field.CAPITAL, lambda: _capital(draft.capital))
    seed = take(Field.SEED, lambda: _whole(draft.seed, "A seed"))
    record = take(Field.RECORD, lambda: _whole(draft.record, "The number of a record"))
    if problems or range_us is None:
        return Reading(problems, range_us, None)
    request = take(
        Field.STRATEGY,
        lambda: BacktestRequest.of(
            draft.strategy,
            draft.symbols,
            *range_us,
            params=params,
            models=with_models(
                preset(draft.preset),
                orders=draft.latency or None,
                queue=draft.queue or None,
                fees=draft.fees or None,
            ),
            capital=capital,
            seed=seed or 0,
            allow_missing=draft.leaves_out,
            analyst=draft.analyst or None,
            analysis_record=record,
        ),
    )
    return Reading(problems, range_us, request)


def draft_of(request: BacktestRequest, *, has_band: bool = False) -> Draft:
    """Give the form that asks for a request; a latency from a file stays as its preset has it."""
    models, start_us, end_us = request.models, request.start_us, request.end_us
    name = models.preset if models.preset in PRESETS else TYPICAL
    usual = preset(name or TYPICAL)
    is_days = start_us % US_PER_DAY == 0 and end_us % US_PER_DAY == 0
    return Draft(
        strategy=request.strategy,
        symbols=request.instruments,
        first=bound_text(start_us),
        last=bound_text(end_us - US_PER_DAY if is_days else end_us),
        preset=usual.preset or TYPICAL,
        params={key: spelled(value) for key, value in request.params.items()},
        latency="" if models.entry == usual.entry else _spelled_latency(models.entry),
        queue="" if models.queue == usual.queue else _spelled_queue(models.queue),
        fees="" if models.fees == usual.fees else _spelled_fees(models.fees),
        capital="" if request.capital is None else spelled(request.capital),
        seed=str(request.seed) if request.seed else "",
        analyst=request.analyst or "",
        record="" if request.analysis_record is None else str(request.analysis_record),
        leaves_out=request.allow_missing,
        has_band=has_band,
    )


def bound_text(at_us: int) -> str:
    """Spell an instant as a bound of the range, as shortly as it can be read back: ``2025-03-14T15:30``."""
    return short_instant(at_us).removesuffix(":00Z")


def spelled(value: bool | float | str) -> str:
    """Spell a value as it is typed and as a command line has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return str(value)


def _spelled_latency(latency: Latency) -> str:
    match latency:
        case ConstantLatency():
            return str(latency.latency_us)
        case MeasuredLatency():
            return f"measured:{latency.floor_us}" if latency.floor_us else "measured"
        case DistributionLatency():
            return f"{latency.median_us}-{latency.p99_us}"
        case _:
            return ""


def _spelled_queue(queue: Queue) -> str:
    if isinstance(queue, RiskAverseQueue):
        return "risk_averse"
    return f"{queue.function}:{queue.power:g}" if queue.function.startswith("power") else queue.function


def _spelled_fees(fees: Fees) -> str:
    return f"{fees.maker:g},{fees.taker:g}" if isinstance(fees, RateFees) else "venue"


def command(draft: Draft, reading: Reading) -> str:
    """Spell a draft as the command line that does the same; empty where something is wrong with it."""
    request = reading.request
    if request is None:
        return ""
    return shlex.join(
        ["tickreel", "backtest", *words(draft, request), *(["--band"] if draft.has_band else [])]
    )


def words(draft: Draft, request: BacktestRequest) -> list[str]:
    """Give the words that a backtest and a sweep have in common on a command line."""
    symbols = ",".join(f"{exchange}:{symbol}" for exchange, symbol in request.instruments)
    found = [request.strategy, symbols, short_instant(request.start_us), short_instant(request.end_us)]
    for name, value in request.params.items():
        found += ["--param", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    if draft.preset != TYPICAL:
        found += ["--preset", draft.preset]
    for option, text in (
        ("--latency", draft.latency),
        ("--queue", draft.queue),
        ("--fees", draft.fees),
        ("--capital", draft.capital),
        ("--seed", draft.seed),
        ("--analyst", draft.analyst),
        ("--analysis-record", draft.record),
    ):
        if text.strip():
            found += [option, text.strip().replace(" ", "")]
    if draft.leaves_out:
        found.append("--allow-missing")
    return found


def _instant(text: str, *, is_end: bool) -> int:
    text = text.strip()
    if not text:
        raise UsageError("choose a day")
    try:
        day = parse_day(text)
    except UsageError:
        return parse_instant(text)
    return parse_instant(day_start_us(day) + (US_PER_DAY if is_end else 0))


def _checked_range(
    start_us: int | None, end_us: int | None, problems: dict[str, str]
) -> tuple[int, int] | None:
    if start_us is None or end_us is None:
        return None
    if end_us <= start_us:
        problems[Field.LAST] = "The range ends before it starts"
        return None
    if end_us - start_us > MOST_DAYS * US_PER_DAY:
        problems[Field.LAST] = f"The range has more than {MOST_DAYS} days"
        return None
    return start_us, end_us


def _capital(text: str) -> float | None:
    plain = text.replace(" ", "").replace("\u2009", "").replace(",", "")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        raise UsageError(f"{text!r} is no number") from None
    if not 0 < value < float("inf"):
        raise UsageError("a capital is above 0")
    return value


def _whole(text: str, what: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit() or int(plain) >= 2**63:
        raise UsageError(f"{what} is a whole number of 0 or more")
    return int(plain)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
