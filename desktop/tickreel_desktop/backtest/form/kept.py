"""What is kept of the form: how it was left, templates by name, and how fast strategies ran before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel_desktop.backtest.form.draft import Draft
from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
LONGEST_NAME = 40
_MOST_RATES = 200


class _Forms(msgspec.Struct, frozen=True):
    version: int = VERSION
    last: Draft = Draft()
    templates: dict[str, Draft] = {}
    rows_per_s: dict[str, float] = {}


class FormBook(Kept["_Forms"]):
    """The forms of one home; read once, written as a whole."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "desktop" / "backtest.json", _Forms())

    @property
    def last(self) -> Draft:
        """The form as it was left."""
        return self.now.last

    def note_last(self, draft: Draft) -> None:
        """Note how the form stands."""
        self.now = msgspec.structs.replace(self.now, last=draft)

    def names(self) -> list[str]:
        """List the templates."""
        return sorted(self.now.templates, key=str.casefold)

    def template(self, name: str) -> Draft | None:
        """Give a template, if it is there."""
        return self.now.templates.get(name)

    def keep(self, name: str, draft: Draft) -> None:
        """Keep a form under a name, in place of what was kept there."""
        self.now = msgspec.structs.replace(self.now, templates={**self.now.templates, name: draft})

    def forget(self, name: str) -> Draft | None:
        """Drop a template and give it."""
        templates = dict(self.now.templates)
        dropped = templates.pop(name, None)
        self.now = msgspec.structs.replace(self.now, templates=templates)
        return dropped

    def rate(self, strategy: str) -> float | None:
        """Give how many rows a second a strategy went through last."""
        return self.now.rows_per_s.get(strategy)

    def note_rate(self, strategy: str, rows_per_s: float) -> None:
        """Note how fast a strategy ran; the oldest of many are forgotten."""
        rates = {name: rate for name, rate in self.now.rows_per_s.items() if name != strategy}
        kept = dict([*rates.items(), (strategy, rows_per_s)][-_MOST_RATES:])
        self.now = msgspec.structs.replace(self.now, rows_per_s=kept)


def template_name(text: str) -> str | None:
    """Give a name as it is kept, or None when it is none."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= LONGEST_NAME else None
