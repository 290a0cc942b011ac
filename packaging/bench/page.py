"""The figures of a run as a page with charts that needs no network: ``.bench/report.html``."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bars import Bar, bars
from peers import BOOK, IS_HELD_TO_CORES, PEERS, QUOTES, TICKREEL, TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Answered = Mapping[str, Any]
    """What one tool answered of a day: its rows, and by measure the medians and the rounds."""

_STYLE = """
h3{font-size:13px;font-weight:600;margin:18px 0 2px}h3+p{color:var(--text3);font-size:12px;margin:0 0 6px}
.bar.own{fill:var(--accent)}.bar.peer{fill:var(--text3);opacity:.55}
.right,td:nth-child(2){white-space:nowrap}.gap{fill:var(--plot)}
text{font-size:13px;fill:var(--text);font-variant-numeric:tabular-nums}.name.own{font-weight:600}
.name.peer{fill:var(--text2)}.note{fill:var(--text3);font-size:12px}
.met{color:var(--accent)}.missed{color:var(--error);font-weight:600}
"""


@dataclass(frozen=True, slots=True)
class _Chart:
    """One comparison of a day."""

    title: str
    what: str
    measure: str
    unit: str
    value_of: Callable[[Mapping[str, float], float], float]
    """From the medians and the rows."""
    is_less_better: bool = False


def _speed(medians: Mapping[str, float], rows: float) -> float:
    return rows / medians["seconds"] / 1e6


_ALL, _ONE = "with what the system lends", "each held to one core"
_CHARTS = (
    _Chart(
        "Storing a day",
        "from csv.gz; Tickreel also checks, hashes, verifies and indexes",
        "ingest",
        "M rows/s",
        _speed,
    ),
    _Chart(
        "Most memory while storing",
        "less is better",
        "ingest",
        "MB",
        lambda medians, _: medians["peak_bytes"] / 1e6,
        is_less_better=True,
    ),
    _Chart(
        "Size",
        "bytes a row on disk, without keyframes; less is better",
        "size",
        "bytes/row",
        lambda medians, rows: medians["bytes"] / rows,
        is_less_better=True,
    ),
    _Chart("Reading all rows", _ALL, "scan", "M rows/s", _speed),
    _Chart("Reading all rows", _ONE, "scan1", "M rows/s", _speed),
    _Chart(
        "A minute at random, p99",
        "as an Arrow table; less is better",
        "range",
        "ms",
        lambda medians, _: 1e3 * medians["p99"],
        is_less_better=True,
    ),
    _Chart(
        "The full book",
        f"{_ONE}; Tickreel from its file, the others from rows that lie ready" if IS_HELD_TO_CORES else _ALL,
        BOOK,
        "M rows/s",
        _speed,
    ),
    _Chart("A compiled strategy that quotes every 100 ms", _ALL, QUOTES, "M rows/s", _speed),
    _Chart("A strategy in Python told of each message, which does nothing", _ALL, TOLD, "M rows/s", _speed),
)


def page_of(report: Mapping[str, Any]) -> str:
    """Give the page of a report as ``run.py`` leaves it."""
    style = files("tickreel.backtest.reports").joinpath("style.css").read_text(encoding="utf-8") + _STYLE
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>Tickreel: benchmarks</title>',
        f"<style>{style}</style></head><body><main>",
        "<h1>Benchmarks</h1>",
        f'<p class="lead">{escape(_machine(report))}</p>',
        *_asked(report["floors"]),
    ]
    for day in report["days"]:
        parts += _day(day, report["versions"])
    parts += [*_program(report["program"]), *_again(), "</main></body></html>\n"]
    return "\n".join(parts)


def _machine(report: Mapping[str, Any]) -> str:
    machine = report["machine"]
    gb = machine["memory_bytes"] / 1e9

    def load(of: Sequence[float] | None) -> str:
        return ", ".join(f"{one:.1f}" for one in of or ()) or "not known"

    return (
        f"{machine['cores']} cores, {gb:.0f} GB, {machine['system']}, Python {machine['python']}. "
        f"Load over 1, 5 and 15 minutes before the run {load(machine['load'])}, "
        f"after it {load(report['load_after'])}. "
        f"Rounds, in which the tools take turns: {report['rounds']}; a figure is their median. "
        "Compare the ratios: they hold better than the figures, which are of this machine and hour."
    )


def _asked(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "<section><h2>Held against what is asked</h2><table><tr><th>What</th><th>Rows of</th>"
    yield '<th class="right">Figure</th><th class="right">Asked</th><th class="right">Reach</th>'
    yield "<th>Verdict</th></tr>"
    for one in judged:
        bound = "≤" if one["is_most"] else "≥"
        words = "met, and reached" if one["reached"] else "met" if one["met"] else "not met"
        look = "met" if one["met"] else "missed"
        yield (
            f"<tr><td>{escape(one['what'])}</td><td>{escape(one['data'])}</td>"
            f'<td class="right">{one["value"]:,.2f} {escape(one["unit"])}</td>'
            f'<td class="right">{bound} {one["floor"]:g}</td><td class="right">{bound} {one["reach"]:g}</td>'
            f'<td class="{look}">{words}</td></tr>'
        )
    yield "</table></section>"


def _day(day: Mapping[str, Any], versions: Mapping[str, str]) -> Iterator[str]:
    rows = day["rows"]
    yield f"<section><h2>{escape(day['data'])}: {rows:,} rows of a book</h2>"
    yield f"<p>The vendor's csv.gz takes {day['csv_bytes'] / rows:.2f} bytes a row.</p>"
    for chart in _CHARTS:
        yield from _chart(chart, day["peers"], versions)
    yield "</section><section><h2>Of Tickreel alone</h2>"
    yield '<table><tr><th>What</th><th class="right">Figure</th></tr>'
    for what, shown in _own(day["peers"][TICKREEL.name], rows):
        yield f'<tr><td>{escape(what)}</td><td class="right">{escape(shown)}</td></tr>'
    yield "</table></section>"


def _chart(chart: _Chart, answered: Mapping[str, Answered], versions: Mapping[str, str]) -> Iterator[str]:
    found = [peer for peer in PEERS if peer.name in answered and chart.measure in answered[peer.name]]
    values = {
        peer.name: chart.value_of(answered[peer.name][chart.measure]["median"], answered[peer.name]["rows"])
        for peer in found
    }
    own = values.get(TICKREEL.name)
    if own is None or len(found) == 1:
        return
    drawn = []
    for peer in found:
        value = values[peer.name]
        times = value / own if chart.is_less_better else own / value
        few = answered[peer.name]["rows"] < answered[TICKREEL.name]["rows"]
        note = (
            ""
            if peer is TICKREEL
            else f"Tickreel {times:.2f} times as good" + (", fewer rows" if few else "")
        )
        name = f"{peer.title} {versions[peer.name]}".rstrip()
        drawn.append(Bar(name, value, f"{value:,.2f} {chart.unit}", note, is_own=peer is TICKREEL))
    yield f"<h3>{escape(chart.title)}</h3><p>{escape(chart.what)}</p>"
    yield bars(f"{chart.title}, {chart.what}", drawn)


def _own(answered: Answered, rows: int) -> Iterator[tuple[str, str]]:
    def medians(measure: str) -> Mapping[str, float]:
        found: Mapping[str, float] = answered[measure]["median"]
        return found

    for what, measure in (
        ("file to book", "book"),
        ("file to book, with the touch after each message", "bbo"),
        ("file to book, with the top 20 after each message that changed them", "tops"),
        ("file to columns of a heat map", "heatmap"),
    ):
        for suffix, cores in (("", _ALL), ("1", _ONE)):
            if measure + suffix in answered:
                yield f"{what}, {cores}", f"{_speed(medians(measure + suffix), rows):,.1f} M rows/s"
    if "replay" in answered:
        yield "a replay from end to end", f"{medians('replay')['seconds']:.2f} s"
    for what, measure in (
        ("a minute at random as arrays", "arrays"),
        ("the book at a random instant", "moment"),
        ("a seek in an open replay", "seek"),
        ("a message back", "message_back"),
        ("a second back", "second_back"),
        ("a frame of a heat map", "frames"),
    ):
        if measure in answered:
            wait = medians(measure)
            yield f"{what}, p50 / p99", f"{1e3 * wait['p50']:.2f} / {1e3 * wait['p99']:.2f} ms"
    yield "keyframes", f"{medians('keyframes')['bytes'] / rows:.2f} bytes/row"
    if "shared" in answered:
        yield from _shared(medians("shared"), rows)


def _shared(shared: Mapping[str, float], rows: int) -> Iterator[tuple[str, str]]:
    for what, way in (("into the shared cache", "put"), ("out of the shared cache", "read")):
        yield f"{what}, over loopback", f"{rows / shared[f'{way}_seconds'] / 1e6:,.1f} M rows/s"
    yield (
        "a minute of the shared cache, p50 / p99",
        f"{1e3 * shared['p50']:.2f} / {1e3 * shared['p99']:.2f} ms",
    )
    for what, way in (("SETEX", "setex"), ("ZADD", "zadd")):
        yield f"the article's value a tick, {what}", f"{shared[f'{way}_rows_per_s'] / 1e6:.3f} M rows/s in"


def _program(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "<section><h2>Backtests, server, catalog and window</h2><table>"
    yield '<tr><th>Measure</th><th>Rows of</th><th>What</th><th class="right">Figure</th></tr>'
    for one in figures:
        yield (
            f"<tr><td>{escape(one['measure'])}</td><td>{escape(one['data'])}</td><td>{escape(one['what'])}</td>"
            f'<td class="right">{_counted(one["value"], one["unit"])}</td></tr>'
        )
    yield "</table></section>"


def _counted(value: float, unit: str) -> str:
    if unit == "bytes":
        return f"{value / 1e6:,.1f} MB"
    return f"{value:,.0f} {escape(unit)}" if value >= 1000 else f"{value:,.2f} {escape(unit)}"


def _again() -> Iterator[str]:
    yield "<section><h2>To repeat it</h2><p>In a source tree: <code>make bench</code>, or with your own files"
    yield "<code>.venv/bin/python packaging/bench/run.py --file PATH.csv.gz</code>. What each measure times,"
    yield "and what to know when you compare, is told under Benchmarks in Help. All rounds stand in"
    yield "<code>.bench/report.json</code>.</p></section>"
