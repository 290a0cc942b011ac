"""An analysis as a file for others: what was said, how true it is, and from what, by whom, at what cost."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from tickreel.analysis.figures import BY_ID
from tickreel.analysis.offline import OFFLINE
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from tickreel.analysis.keeping import KeptAnalysis

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")
_CITED = re.compile(r"\bf\d{3}\b")


def json_of(analysis: KeptAnalysis) -> str:
    """Write it as JSON: all that is known of it, the figures with their definitions among it."""
    form = {"program": f"tickreel {version('tickreel')}", **analysis.to_form()}
    figures = analysis.figures
    form["snapshot"] = None if figures is None else figures.to_form()
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def markdown_of(analysis: KeptAnalysis) -> str:
    """Write it as Markdown: the answer, its findings, every figure it cites, and where all of it is from."""
    kept, answer = analysis.kept, analysis.answer
    lines = [
        f"# Analysis of {_plain(kept.exchange)} {_plain(kept.symbol)}",
        "",
        f"{format_us(kept.from_us)} to {format_us(kept.to_us)}, by {_who(analysis)}.",
        "",
    ]
    if analysis.is_stale:
        lines += ["**Stale:** the rows of this window are not those that it was made from.", ""]
    if kept.question:
        lines += [f"> {_plain(line)}" for line in kept.question.splitlines()] + [""]
    if answer.prose:
        lines += [*(_plain(line) for line in answer.prose.splitlines()), ""]
    for number, finding in enumerate(answer.findings, 1):
        horizon = "" if finding.horizon_s is None else f", for {finding.horizon_s:g} s"
        pinned = ", pinned" if number - 1 in kept.marks and kept.marks[number - 1].is_pinned else ""
        lines += [
            f"## {number}. {finding.kind.replace('_', ' ').capitalize()}, {finding.direction}",
            "",
            f"Confidence {finding.confidence:.2f}{horizon}{pinned}.",
            "",
            _plain(finding.text),
            "",
        ]
    lines += [f"- {_plain(problem)}" for problem in answer.problems]
    lines += _figures(analysis) + _provenance(analysis)
    return "\n".join(lines) + "\n"


def _figures(analysis: KeptAnalysis) -> list[str]:
    figures, answer = analysis.figures, analysis.answer
    if figures is None:
        return []
    told = " ".join((answer.prose, *(one.text for one in answer.findings)))
    cited = {*_CITED.findall(told), *(each for one in answer.findings for each in one.figures)}
    rows = [
        f"| {each.id} | {each.name} | {figures.values[each.id]} | {each.unit.value} | {each.definition} |"
        for each in BY_ID.values()
        if each.id in cited
    ]
    if not rows:
        return []
    return ["## Figures", "", "| id | name | value | unit | definition |", "|---|---|---|---|---|", *rows, ""]


def _provenance(analysis: KeptAnalysis) -> list[str]:
    kept, call = analysis.kept, analysis.kept.call
    rows: list[tuple[str, Any]] = [
        ("program", f"tickreel {version('tickreel')}"),
        ("analyst", _who(analysis)),
        ("made", format_us(call.began_us)),
        ("state", call.state.value),
        ("call", call.id),
        ("request", kept.request_sha256),
        ("snapshot", kept.snapshot_sha256),
    ]
    if kept.windows > 1:
        rows.append(("window of the call", f"{kept.number + 1} of {kept.windows}"))
    if call.tokens is not None:
        estimated = ", estimated" if call.tokens.is_estimated else ""
        rows.append(("tokens", f"{call.tokens.sent} sent, {call.tokens.received} received{estimated}"))
    rows.append(("cost", f"${call.usd:.6f}"))
    if (numbers := analysis.numbers) is not None:
        rows.append(("numbers", ", ".join(f"{count} {binding}" for binding, count in numbers.items())))
        if not analysis.is_directed:
            rows.append(("direction", "not checked, as the text is not in English"))
    rows += [(f"rows, {one.type} {one.day}", one.rows_sha256) for one in kept.data or ()]
    return ["## Provenance", "", *(f"- {name}: {_plain(str(value))}" for name, value in rows)]


def _who(analysis: KeptAnalysis) -> str:
    call = analysis.kept.call
    if call.model == OFFLINE:
        return "the offline analyst, by rules"
    return f"{_plain(call.model)} at {_plain(call.place)}"


def _plain(text: str) -> str:
    """Keep a text from being read as marks of Markdown."""
    return _SPECIAL.sub(r"\\\1", text)
