"""Reads what a model answered: as JSON where it is, as far as it goes where it breaks off, else as prose.

Nothing of an answer is taken on trust: a finding is taken whole or left out, and why is said.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.analysis.findings import MOST_FINDINGS, Finding
from tickreel.logs import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_PROSE = 8_000
_BROKEN = "the answer is broken JSON: what stands whole in it is taken"
# Only whole characters: an escape that has not come to its end is not taken yet.
_CHARACTER = (
    r'[^"\\]|\\[^u]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}'
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_SUMMARY = re.compile(rf'"summary"\s*:\s*"((?:{_CHARACTER})*)', re.DOTALL)
_WINDOW = re.compile(r'"window"\s*:\s*"w(\d+)"')
_ESCAPED = re.compile(r"\\u00([0-7][0-9a-fA-F])")
_FENCE = "```"
_FENCE_BEGIN = re.compile(rf"{_FENCE}\w*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered about one window."""

    prose: str
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    """What of the answer could not be taken, and why."""


def packed(text: str, *, is_whole: bool) -> str:
    """Spell an answer as the ledger keeps it."""
    return json.dumps({"text": text, "is_whole": is_whole})


def without_secrets(text: str) -> str:
    """Blank the keys that are known here in an answer, however its JSON spells them.

    A server that says a key again shall not have it kept in the catalog, shown or exported.
    """
    blanked = redact(text)
    try:
        plain = json.dumps(json.loads(_unfenced(blanked)), ensure_ascii=False)
    except (ValueError, RecursionError):
        plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), blanked).replace("\\/", "/")
    # Only what hides a key behind escapes is spelled anew: an answer is otherwise kept as it came.
    hidden = redact(plain)
    return blanked if hidden == plain else hidden


def unpacked(kept: str) -> tuple[str, bool]:
    """Read what :func:`packed` gave: the text, and whether it is whole."""
    form = json.loads(kept)
    return str(form["text"]), bool(form["is_whole"])


def read_answer(text: str, windows: int) -> tuple[Answer, ...]:
    """Read the answer about each of some windows; what was not answered is told as a problem."""
    whole = _parsed(text)
    if whole is not None:
        entries = whole.get("windows")
        if not isinstance(entries, list):
            entries = [whole]
        return tuple(_taken(entries, number, windows) for number in range(1, windows + 1))
    if not _SUMMARY.search(text) and '"findings"' not in text:
        told = ("the answer is no JSON: it is taken as prose, without findings",)
        first = Answer(_shown(text), (), told if text.strip() else ("the answer is empty",))
        return (first, *[Answer("", (), ("this window was not answered",))] * (windows - 1))
    pieces = _pieces(text, windows)
    return tuple(_salvaged(pieces.get(number)) for number in range(1, windows + 1))


def is_of_use(text: str, windows: int, *, is_whole: bool) -> bool:
    """Tell whether an answer is worth giving again: there is something of each window, and it is not broken.

    One that was cut at its length is: it would be cut again.
    """
    found = read_answer(text, windows)
    is_broken = is_whole and any(_BROKEN in answer.problems for answer in found)
    return not is_broken and all(answer.prose or answer.findings for answer in found)


def prose_so_far(text: str) -> str:
    """Give the prose of an answer that is still coming: the summaries, else nothing of JSON, else all."""
    summaries = [_unescaped(match[1]) for match in _SUMMARY.finditer(text)]
    if summaries:
        return "\n\n".join(summaries)
    return "" if _unfenced(text).lstrip().startswith("{") or not text.strip() else text


def _unfenced(text: str) -> str:
    """Take away the marks of a block of code around an answer, whatever blanks stand beside them."""
    bare = text.strip().removesuffix(_FENCE)
    return bare[begin.end() :] if (begin := _FENCE_BEGIN.match(bare)) else bare


def _parsed(text: str) -> dict[str, Any] | None:
    """Find the object that an answer is, or that stands in it among other words."""
    decoder = json.JSONDecoder()
    bare = _unfenced(text)
    start = bare.find("{")
    if start < 0:
        return None
    try:
        found, _ = decoder.raw_decode(bare, start)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and ("windows" in found or "summary" in found) else None


def _taken(entries: list[Any], number: int, windows: int) -> Answer:
    named = [one for one in entries if isinstance(one, dict) and one.get("window") == f"w{number}"]
    if not named and windows == 1:
        named = [one for one in entries if isinstance(one, dict)]
    if not named:
        return Answer("", (), ("this window was not answered",))
    summary, listed = named[0].get("summary"), named[0].get("findings")
    problems = []
    if not isinstance(summary, str):
        problems.append("there is no summary")
    if not isinstance(listed, list):
        problems.append("there are no findings")
        listed = []
    findings, wrong = _findings(listed)
    return Answer(_shown(summary) if isinstance(summary, str) else "", findings, (*problems, *wrong))


def _findings(listed: list[Any]) -> tuple[tuple[Finding, ...], list[str]]:
    findings: list[Finding] = []
    problems: list[str] = []
    for number, one in enumerate(listed[:MOST_FINDINGS], 1):
        try:
            if not isinstance(one, dict):
                raise ValueError("it is no object")
            findings.append(Finding.from_form(one))
        except ValueError as error:
            problems.append(f"finding {number} was left out: {error}")
    if len(listed) > MOST_FINDINGS:
        problems.append(f"{len(listed) - MOST_FINDINGS} findings beyond {MOST_FINDINGS} were left out")
    return tuple(findings), problems


def _pieces(text: str, windows: int) -> dict[int, str]:
    """Cut an answer that is no JSON at its windows."""
    marks = list(_WINDOW.finditer(text))
    if not marks:
        return {1: text} if windows == 1 else {}
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return {int(mark[1]): text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}


def _salvaged(piece: str | None) -> Answer:
    if piece is None:
        return Answer("", (), ("this window was not answered",))
    match = _SUMMARY.search(piece)
    listed = list(_objects(piece))
    findings, problems = _findings(listed)
    prose = "" if match is None else _shown(_unescaped(match[1]))
    return Answer(prose, findings, (_BROKEN, *problems))


def _objects(piece: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    for match in re.finditer(r'\{\s*"', piece):
        try:
            found, _ = decoder.raw_decode(piece, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "kind" in found:
            yield found


def _unescaped(inside: str) -> str:
    """Read the inside of a JSON text that may break off anywhere."""
    try:
        value = json.loads(f'"{inside}"', strict=False)
    except ValueError:
        return inside
    return str(value)


def _shown(text: str) -> str:
    """Take the prose without what cannot be shown, and no more than anybody reads."""
    lines = (" ".join(line.split()) for line in text.strip().splitlines())
    kept = "\n".join("".join(each for each in line if each.isprintable()) for line in lines)
    return kept[:_LONGEST_PROSE]
