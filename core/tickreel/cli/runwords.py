"""Runs in words, for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.soundness import Doubt, unsound_words
from tickreel.market.numbers import ecmascript
from tickreel.market.time import format_us
from tickreel.market.units import ABSENT, format_bytes, format_full, format_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.runs.card import RunCard

_DIGITS = 6
_MOST_NAMED = 3
_FIGURES = (
    ("pnl", "profit and loss"),
    ("return", "return"),
    ("sharpe", "Sharpe ratio, annual"),
    ("sharpe_per_period", "Sharpe ratio per period"),
    ("sortino", "Sortino ratio, annual"),
    ("sortino_per_period", "Sortino ratio per period"),
    ("max_drawdown", "largest drawdown"),
    ("hit_rate", "hit rate"),
    ("turnover", "turnover"),
    ("fees", "fees"),
    ("funding", "funding"),
    ("latency_cost", "latency cost"),
    ("fill_ratio", "fill ratio"),
    ("maker_share", "maker share"),
)


def figure(value: Any) -> str:
    """Write a number with six significant digits, or a dash for none."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return ABSENT if value is None else str(value)
    return ecmascript(float(f"{value:.{_DIGITS}g}"))


def doubt_line(cards: Sequence[RunCard]) -> str | None:
    """Name in one line the bad days that runs read, or say that nothing was played."""
    if cards and all(card.ticks_processed == 0 for card in cards):
        return "nothing lay in the range: no message was played"
    days = {
        (one["exchange"], one["symbol"], one["day"], one["type"]): unsound_words(one)
        for card in cards
        for one in card.unsound_days
        if Doubt.BAD in one["doubts"]
    }
    if not days:
        return None
    named = [
        f"{exchange}:{symbol} {day} {data_type} is {words}"
        for (exchange, symbol, day, data_type), words in sorted(days.items())
    ]
    more = len(named) - _MOST_NAMED
    rest = f"; and {more} more days, which `tickreel runs show` lists" if more > 0 else ""
    return f"read all the same: {'; '.join(named[:_MOST_NAMED])}{rest}"


def card_lines(card: RunCard) -> list[str]:
    """Tell of a run, a line for each thing."""
    metrics, currency = card.metrics, card.metrics.get("currency") or ""
    lines = [
        f"run {card.id}: {card.state.value}{', partial' if card.partial else ''}",
        f"strategy      {card.strategy['name']}  {_short(card.strategy['sha256'])}",
        "parameters    " + (", ".join(f"{name}={value}" for name, value in card.params.items()) or ABSENT),
        "instruments   " + ", ".join(f"{one['exchange']}:{one['symbol']}" for one in card.instruments),
        f"range         {format_us(card.from_us)} to {format_us(card.to_us)}",
        f"models        {_models(card.models)}",
        f"capital       {figure(card.capital)}    seed {card.seed}",
        f"created       {format_stamp(card.created_us, 0)}",
    ]
    if card.failure is not None:
        lines.append(f"failed        {card.failure}")
    if card.ticks_processed is not None:
        lines += [
            f"played        {format_full(card.ticks_processed)} messages "
            f"in {figure(card.backtest_duration_s)} s",
            f"orders        {format_full(card.orders or 0)}, fills {format_full(card.total_trades or 0)}",
        ]
    if card.peak_memory_bytes is not None:
        lines.append(f"memory        {format_bytes(card.peak_memory_bytes)} at most")
    width = max(len(words) for _, words in _FIGURES)
    if metrics:
        lines.append(f"figures       {currency} over periods of {metrics['period_s']} s".rstrip())
        lines += [f"  {words:{width}}  {figure(metrics.get(name))}" for name, words in _FIGURES]
        if why_not := metrics.get("ratios_why_not"):
            lines.append(f"  ratios are {why_not}")
    tried = f", and {card.trials_before} runs before" if card.trials_before else ""
    lines.append(f"trials        {card.trials}{tried}")
    lines.append(f"data          {len(card.data)} day{'s' if len(card.data) != 1 else ''}")
    lines += [
        f"  {one['exchange']} {one['symbol']} {one['type']} {one['day']}  {_short(one['rows_sha256'])}"
        for one in card.data
    ]
    lines += [
        f"  missing: {one['exchange']} {one['symbol']} {one['type']} {one['day']} ({one['state']})"
        for one in card.missing_days
    ]
    lines += [
        f"  not known to be sound: {one['exchange']} {one['symbol']} {one['type']} {one['day']}, "
        f"{unsound_words(one)}"
        for one in card.unsound_days
    ]
    lines.append("versions      " + ", ".join(f"{name} {value}" for name, value in card.versions.items()))
    lines.append(f"result        {card.result_sha256 or ABSENT}")
    if card.tags:
        lines.append(f"tags          {', '.join(card.tags)}")
    if card.notes:
        lines.append(f"notes         {card.notes}")
    return lines


def comparison_lines(form: Mapping[str, Any]) -> list[str]:
    """Tell how two runs differ."""
    if form["identical"]:
        return [f"runs {form['a']} and {form['b']} are identical: {form['result_sha256'][0]}"]
    lines = [f"runs {form['a']} and {form['b']} differ"]
    lines += [f"asked: {name}: {first} / {second}" for name, (first, second) in form["asked"].items()]
    lines += _version_lines(form["versions"])
    lines += [
        f"{one['name']}: {figure(one['a'])} / {figure(one['b'])}"
        + ("" if one["difference"] is None else f" ({figure(one['difference'])})")
        for one in form["metrics"]
    ]
    return lines + _first_lines(form["first_difference"])


def rerun_lines(form: Mapping[str, Any]) -> list[str]:
    """Tell whether a run gave the same once more."""
    lines = [f"run {form['id']}: {'identical' if form['identical'] else 'another result'}"]
    lines.append(f"result  {form['result_sha256']}")
    if not form["identical"]:
        lines.append(f"again   {form['rerun_sha256']}")
    lines += _version_lines(form["differing_versions"])
    if form["differing_strategy"] is not None:
        then, now = (_short(form["differing_strategy"][name]) for name in ("then", "now"))
        lines.append(f"the strategy's code was {then} and is {now}")
    lines += [
        f"{one['exchange']} {one['symbol']} {one['type']} {one['day']} had rows {_short(one['then'])} "
        f"and has {_short(one['now'])}"
        for one in form["differing_data"]
    ]
    return lines + _first_lines(form["first_difference"])


def _version_lines(versions: list[dict[str, Any]]) -> list[str]:
    return [f"{one['name']} was {one['then']} and is {one['now']}" for one in versions]


def _first_lines(first: Mapping[str, Any] | None) -> list[str]:
    if first is None:
        return []
    lines = [
        f"first difference at {format_us(first['time_us'])}: {first['table']}, row {first['index']}, "
        f"{first['event']}"
    ]
    if first["a"] is None or first["b"] is None:
        lines.append(f"  only {'the second' if first['a'] is None else 'the first'} run has it")
    lines += [f"  {name}: {first['a'][name]} / {first['b'][name]}" for name in first["columns"]]
    return lines


def _models(models: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_model(model)}" for name, model in models.items() if name != "preset" and model is not None
    ) + (f" ({models['preset']})" if models.get("preset") else "")


def _model(model: Mapping[str, Any]) -> str:
    rest = " ".join(f"{value}" for name, value in model.items() if name != "kind")
    return f"{model['kind']} {rest}".strip()


def _short(digest: str | None) -> str:
    return ABSENT if digest is None else digest[:12]
