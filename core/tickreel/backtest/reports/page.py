"""The report of a run: one HTML file that needs nothing else, in the colours that its reader's system has."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.metrics.returns import held
from tickreel.backtest.reports.charts import Line, Marks, bars, over_time
from tickreel.backtest.runs.soundness import unsound_words
from tickreel.market.numbers import ecmascript
from tickreel.market.time import US_PER_SECOND, format_us
from tickreel.market.units import ABSENT, format_duration_s, format_full

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.run import Run

ASSUMPTIONS = (
    "The market does not react: orders of the run take no liquidity away from others and move no price.",
    "Limit orders wait behind what was at their price, and move ahead as the queue model says.",
    "Latencies, queue and fees are models; the figures hold under them and not beyond.",
)
_DIGITS = 6
_NAMED = frozenset({"exchange", "symbol"})
_SHARES = frozenset({"return", "hit_rate", "fill_ratio", "maker_share", "max_drawdown_share"})
_HEADLINES = (
    ("pnl", "Profit and loss"),
    ("return", "Return"),
    ("sharpe", "Sharpe ratio, annual"),
    ("sharpe_per_period", "Sharpe ratio per period"),
    ("sortino", "Sortino ratio, annual"),
    ("sortino_per_period", "Sortino ratio per period"),
    ("max_drawdown", "Largest drawdown"),
    ("hit_rate", "Hit rate"),
    ("turnover", "Turnover"),
    ("fees", "Fees"),
    ("funding", "Funding"),
    ("latency_cost", "Latency cost"),
    ("fill_ratio", "Fill ratio"),
    ("maker_share", "Maker share"),
)


def report(run: Run) -> str:
    """Write the report of a run.

    Raises:
        DataError: a table of the run is gone or was changed.
    """
    card = run.card
    title = f"{card.strategy['name']} on {', '.join(_symbols(card))}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{format_us(card.from_us)[:19]} to {format_us(card.to_us)[:19]} UTC, '
        f"run <code>{escape(card.id)}</code>, {card.state.value}</p>",
    ]
    if card.failure is not None:
        parts.append(f'<p class="failed">Failed: {escape(str(card.failure))}</p>')
    if card.partial and card.reached_us is not None:
        parts.append(
            f'<p class="partial">Partial: what follows ends at {format_us(card.reached_us)[:19]} UTC.</p>'
        )
    if card.metrics:
        parts += [_headlines(card.metrics), *_charts(run), _execution(card.metrics)]
    parts += [_asked(card), _data(card), _assumptions(), _proof(card)]
    return _page(title, parts)


def _page(title: str, parts: Iterable[str]) -> str:
    style = files("tickreel.backtest.reports").joinpath("style.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style></head>\n<body><main>\n{body}\n"
        "</main></body></html>\n"
    )


def _headlines(metrics: Mapping[str, Any]) -> str:
    figures = "".join(
        f"<div><dt>{words}</dt><dd>{_figure(name, metrics.get(name))}</dd></div>"
        for name, words in _HEADLINES
    )
    currency = f" in {escape(metrics['currency'])}" if metrics.get("currency") else ""
    ratios = format_duration_s(metrics["period_s"])
    return _section(
        f"Figures{currency}",
        f'<dl class="figures">{figures}</dl><p class="key">Sharpe and Sortino of returns over {ratios} '
        f"({format_full(metrics['periods'])} periods), annualised by 365 days.</p>",
    )


def _charts(run: Run) -> list[str]:
    card, equity, fills = run.card, run.table("equity"), run.table("fills")
    span = card.from_us, card.reached_us or card.to_us
    names = _symbols(card)
    parts = []
    at_us, total = _total(equity, names)
    if len(total):
        falls = np.minimum(0.0, total - np.maximum.accumulate(np.maximum(total, 0.0)))
        currency = card.metrics.get("currency")
        unit = f" in {currency}" if currency else ""
        curve = Line("Equity", at_us, total, "equity", is_filled=True)
        below = Line("Drawdown", at_us, falls, "fall", is_filled=True)
        parts.append(_section(f"Equity{unit}", over_time(f"Equity{unit}", span, [curve])))
        parts.append(_section(f"Drawdown{unit}", over_time(f"Drawdown{unit}", span, [below], height=150)))
    for name in names:
        parts += _of_instrument(name, equity, fills, span, many=len(names) > 1)
    for one in card.metrics.get("instruments", ()):
        horizons = one["adverse_selection"]
        if any(each["adverse_bps"] is not None for each in horizons):
            named = [
                (f"after {format_duration_s(each['horizon_us'] / US_PER_SECOND)}", each["adverse_bps"])
                for each in horizons
            ]
            title = f"Adverse selection in basis points, {one['exchange']}:{one['symbol']}"
            key = '<p class="key">By how much the mid went against fills; above 0 they were worth less.</p>'
            parts.append(_section(title, bars(title, named, unit="basis points") + key))
    return parts


def _of_instrument(
    name: str, equity: pa.Table, fills: pa.Table, span: tuple[int, int], *, many: bool
) -> list[str]:
    samples, traded = _only(equity, name), _only(fills, name)
    at_us = samples["time_us"]
    of = f", {name}" if many else ""
    marks = []
    for side, look, is_up in (("buy", "buy", True), ("sell", "sell", False)):
        chosen = traded["side"] == side
        words = f"{int(np.count_nonzero(chosen))} fills of {side} orders"
        marks.append(Marks(words, traded["time_us"][chosen], traded["price"][chosen], look, is_up))
    mid = Line("Mid", at_us, samples["mid"], "mid")
    position = Line("Position", at_us, samples["position"], "position", is_stepped=True, is_filled=True)
    key = '<p class="key">Triangles up are buys, triangles down are sales, at their prices.</p>'
    return [
        _section(f"Mid and fills{of}", over_time(f"Mid and fills{of}", span, [mid], marks) + key),
        _section(f"Position{of}", over_time(f"Position{of}", span, [position], height=150)),
    ]


def _only(table: pa.Table, name: str) -> dict[str, NDArray[Any]]:
    """Give the columns of one instrument as arrays; numbers that are unknown are NaN."""
    import pyarrow.compute as pc

    chosen = table.filter(pc.equal(table["instrument"].cast("string"), name))
    found: dict[str, NDArray[Any]] = {}
    for column in chosen.column_names:
        values = chosen[column]
        if hasattr(values.type, "value_type"):
            values = values.cast("string")
        found[column] = values.to_numpy(zero_copy_only=False)
    return found


def _total(equity: pa.Table, names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give equity over all instruments; nothing where the samples do not fit each other."""
    columns = [_only(equity, name) for name in names]
    if not columns or len({len(one["time_us"]) for one in columns}) != 1:
        return np.empty(0, np.int64), np.empty(0)
    each = np.column_stack([one["equity"].astype(np.float64) for one in columns])
    return columns[0]["time_us"], held(each).sum(axis=1)


def _execution(metrics: Mapping[str, Any]) -> str:
    queue, latency = metrics["queue"], metrics["latency"]
    rows = [
        ("Orders that joined a queue", _number(queue["joined"])),
        ("of them filled", _figure("fill_ratio", queue["filled_share"])),
        ("Amount ahead when they joined, mean", _number(queue["ahead_mean"])),
        ("Amount ahead when they joined, median", _number(queue["ahead_median"])),
        ("Wait for the first fill, median", _us(queue["wait_median_us"])),
        ("Latency of orders, median", _us(latency["entry_median_us"])),
        ("Latency of orders, 99th percentile", _us(latency["entry_p99_us"])),
        ("Latency of answers, median", _us(latency["response_median_us"])),
        ("Orders rejected", _number(metrics["rejected"])),
    ]
    rows += [
        (f"rejected: {reason.replace('_', ' ')}", _number(count))
        for reason, count in metrics["rejected_reasons"].items()
    ]
    for one in metrics["instruments"]:
        held = one["inventory"]
        name = f"{one['exchange']}:{one['symbol']}"
        rows += [
            (f"Position of {name}, least", _number(held["shortest"])),
            (f"Position of {name}, most", _number(held["longest"])),
            (f"Position of {name}, mean of its size", _number(held["mean_absolute"])),
            (f"Time without a position in {name}", _figure("fill_ratio", held["flat_share"])),
        ]
    return _section("Execution", _table(rows))


def _asked(card: RunCard) -> str:
    before = f", and {card.trials_before} runs before" if card.trials_before else ""
    rows: list[tuple[str, str]] = [
        ("Strategy", str(card.strategy["name"])),
        ("Its code", _Code(card.strategy["sha256"] or ABSENT)),
        ("Parameters", ", ".join(f"{name} = {value}" for name, value in card.params.items()) or ABSENT),
        ("Capital", _number(card.capital)),
        ("Seed", f"{card.seed}"),
        ("Trials", f"{card.trials}{before}"),
    ]
    rows += [
        (f"Model: {name}", value if isinstance(value, str) else _model(value))
        for name, value in card.models.items()
        if value is not None
    ]
    rows += [
        (
            f"{one['exchange']}:{one['symbol']}",
            ", ".join(f"{name} {_plain(value)}" for name, value in one.items() if name not in _NAMED),
        )
        for one in card.instruments
    ]
    if card.ai.get("calls"):
        rows.append(("Calls of models", f"{card.ai['calls']}, {_number(card.ai['cost_usd'])} USD"))
    return _section("What was asked", _table(rows))


def _data(card: RunCard) -> str:
    rows: list[tuple[str, str]] = [(_day(one), _Code(one["rows_sha256"])) for one in card.data]
    rows += [(_day(one), f"missing ({one['state']})") for one in card.missing_days]
    rows += [(_day(one), f"not known to be sound: {unsound_words(one)}") for one in card.unsound_days]
    rows += [
        (f"Clock of {name} on {day}", f"put right by {format_full(shift)} µs")
        for name, days in card.clock_shift_us.items()
        for day, shift in days.items()
    ]
    return _section("Data, by the digest of its rows", _table(rows))


def _day(one: Mapping[str, Any]) -> str:
    return f"{one['exchange']} {one['symbol']} {one['type']} {one['day']}"


def _assumptions() -> str:
    return _section("Assumptions", f"<ul>{''.join(f'<li>{one}</li>' for one in ASSUMPTIONS)}</ul>")


def _proof(card: RunCard) -> str:
    rows: list[tuple[str, str]] = [("Result", _Code(card.result_sha256 or ABSENT)), *card.versions.items()]
    if card.ticks_processed is not None and card.backtest_duration_s is not None:
        took = format_duration_s(card.backtest_duration_s)
        rows.append(("Played", f"{format_full(card.ticks_processed)} messages in {took}"))
    rows += [("Tags", ", ".join(card.tags))] if card.tags else []
    rows += [("Notes", card.notes)] if card.notes else []
    return _section("Proof", _table(rows))


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{content}\n</section>"


class _Code(str):
    """Text that is set as code."""

    __slots__ = ()


def _table(rows: Iterable[tuple[str, str]]) -> str:
    """Lay out rows of a name and a value, which are escaped here."""
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_cell(value)}</td></tr>' for name, value in rows
    )
    return f"<table>{cells}</table>"


def _cell(value: str) -> str:
    return f"<code>{escape(value)}</code>" if isinstance(value, _Code) else escape(value)


def _symbols(card: RunCard) -> list[str]:
    return [f"{one['exchange']}:{one['symbol']}" for one in card.instruments]


def _model(model: Mapping[str, Any]) -> str:
    rest = ", ".join(f"{name} {_plain(value)}" for name, value in model.items() if name != "kind")
    return f"{model['kind']}{f' ({rest})' if rest else ''}"


def _plain(value: Any) -> str:
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _figure(name: str, value: Any) -> str:
    if value is not None and name in _SHARES:
        return f"{_number(100 * value)} %"
    return _number(value)


def _number(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return format_full(value)
    return ecmascript(float(f"{value:.{_DIGITS}g}")).replace("-", "−")


def _us(value: int | None) -> str:
    return ABSENT if value is None else format_duration_s(value / US_PER_SECOND)
