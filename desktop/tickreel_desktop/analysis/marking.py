"""An answer as Markdown whose numbers are links: to the figure that each is, or to why it is none.

Whatever else an answer holds that could be taken for a link, a picture or HTML is shown as it is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tickreel.analysis import Binding

if TYPE_CHECKING:
    from tickreel.analysis import Check

FIGURE = "fig"
"""Scheme of links to figures: ``fig:f007``."""
ODD = "odd"
"""Scheme of links to numbers without a source: ``odd:3`` is the fourth of the check."""
_CITED = re.compile(r"\[\s*(f\d{3}(?:\s*[,;]\s*f\d{3})*)\s*\]")
_BEHIND = re.compile(r"\s*\[\s*f\d{3}(?:\s*[,;]\s*f\d{3})*\s*\]")
_SPECIAL = re.compile(r"([\\\[\]<>&])")


def marked(text: str, check: Check) -> str:
    """Give *text* as Markdown with its numbers as links."""
    pieces, at = [], 0
    for number, claim in enumerate(check.claims):
        pieces.append(_plain(text[at : claim.start]))
        at = claim.stop
        if claim.binding is not Binding.BOUND:
            pieces.append(f"[{_digits(claim.text)}]({ODD}:{number})")
        elif claim.figure is not None:
            pieces.append(f"[{_digits(claim.text)}]({FIGURE}:{claim.figure})")
        else:
            pieces.append(_digits(claim.text))
        if claim.figure is not None and (behind := _BEHIND.match(text, at)):
            at = behind.end()  # the link says it
    pieces.append(_plain(text[at:]))
    return "".join(pieces)


def unchecked(text: str) -> str:
    """Give a text that nobody has checked as Markdown without any link."""
    return _SPECIAL.sub(r"\\\1", _CITED.sub("", text).replace("`", ""))


def _plain(text: str) -> str:
    """Keep words from being read as links; a figure that is cited without a number is one of ours."""
    pieces, at = [], 0
    for cited in _CITED.finditer(text):
        pieces.append(_escaped(text[at : cited.start()]))
        pieces += [f"[{each}]({FIGURE}:{each}) " for each in re.findall(r"f\d{3}", cited[1])]
        pieces[-1] = pieces[-1].rstrip()
        at = cited.end()
    pieces.append(_escaped(text[at:]))
    return "".join(pieces)


def _digits(text: str) -> str:
    """Keep the powers of a number, 10**-9 or 10<sup>-9</sup>, from being read as marks of Markdown."""
    return _escaped(text).replace("*", "\\*")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("`", ""))
