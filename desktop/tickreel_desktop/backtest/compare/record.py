"""What a comparison shows of its runs, read from their files off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.backtest.runs.comparing import first_divergence
from tickreel.backtest.runs.rerunning import COMPARED
from tickreel.backtest.runs.versions import differing
from tickreel_desktop.backtest.compare.drawn import difference, draw_curves
from tickreel_desktop.backtest.compare.settings import Setting, settings_of
from tickreel_desktop.backtest.run.curves import read_curves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.comparing import Divergence
    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.charts import Area
    from tickreel_desktop.backtest.compare.drawn import DrawnCurves
    from tickreel_desktop.backtest.run.curves import RunCurves

MOST_RUNS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Runs side by side, in the order in which they were asked for."""

    runs: tuple[RunCurves, ...]
    drawn: tuple[DrawnCurves, ...]
    """Of those of which something came."""
    apart: Area | None
    """How far the first of two runs is above the second; None of other numbers of runs."""
    settings: tuple[Setting, ...]
    alike: str
    """What is the same of all of them, in a sentence."""
    divergence: Divergence | None
    """The first event that the first two runs do not share."""
    is_identical: bool
    """Whether the first two gave the very same orders, fills and equity."""

    @property
    def cards(self) -> tuple[RunCard, ...]:
        """The cards of the runs."""
        return tuple(one.card for one in self.runs)


def read_compared(runs: Runs, run_ids: Sequence[str]) -> Compared:
    """Read runs to compare them.

    Raises:
        NotHeldError: one of them is not there.
        DataError: a file of one is gone, was changed, or was never written.
    """
    found = [runs.run(run_id) for run_id in run_ids[:MOST_RUNS]]
    cards = [run.card for run in found]
    divergence, is_identical = None, False
    if len(found) > 1:
        digests = [card.result_sha256 for card in cards[:2]]
        is_identical = digests[0] is not None and digests[0] == digests[1]
        if not is_identical:
            tables = [{name: run.table(name) for name in COMPARED} for run in found[:2]]
            divergence = first_divergence(*tables)
    curves = tuple(read_curves(runs, run) for run in found)
    return Compared(
        curves,
        draw_curves(curves),
        difference(*curves) if len(curves) == 2 else None,
        settings_of(cards),
        alike(cards),
        divergence,
        is_identical,
    )


def alike(cards: Sequence[RunCard]) -> str:
    """Say what is the same of all runs, by its digest, and how many settings are not."""
    parts = []
    for name, digests in (
        ("data", [card.data_sha256 for card in cards]),
        ("code", [card.strategy["sha256"] for card in cards]),
    ):
        is_same = len(set(digests)) == 1
        parts.append(f"same {name} {(digests[0] or '')[:6]}".rstrip() if is_same else f"other {name}")
    settings = settings_of(cards)
    for kind, one, many in (("param ", "parameter", "parameters"), ("model ", "model", "models")):
        count = sum(setting.name.startswith(kind) for setting in settings)
        if count:
            parts.append(f"{count} {one} differs" if count == 1 else f"{count} {many} differ")
    if any(differing(cards[0].versions, card.versions) for card in cards):
        parts.append("other versions")
    if not settings:
        parts.append("asked the same")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}"
