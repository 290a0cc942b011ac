"""What is done with days by hand, as command lines."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from tickreel.market.time import day_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tickreel.store.library.exporting import ExportFile, ExportPlan
    from tickreel.store.model import DayRange

_BETWEEN = " && "


def range_words(days: DayRange) -> list[str]:
    """Spell a range as commands take it: the end is the day after the last."""
    key, end = days.key, days.last + timedelta(days=1)
    return [key.exchange, key.symbol, key.type.value, days.first.isoformat(), end.isoformat()]


def cache_command(verb: str, ranges: Sequence[DayRange], *options: str) -> str:
    """Write ``tickreel cache VERB`` for ranges, one after the other; without any for the home."""
    lines = [range_words(days) for days in ranges] or [[]]
    return _BETWEEN.join(shlex.join(["tickreel", "cache", verb, *words, *options]) for words in lines)


def trash_command(verb: str, ids: Iterable[int], *options: str) -> str:
    """Write ``tickreel cache VERB --id N`` for versions in the trash."""
    return _BETWEEN.join(
        shlex.join(["tickreel", "cache", verb, "--id", str(number), *options]) for number in ids
    )


def warm_command(ranges: Sequence[DayRange], *, asks_vendor: bool) -> str:
    """Write the command that puts days into the shared cache."""
    options = [] if asks_vendor else ["--no-fetch"]
    return _BETWEEN.join(shlex.join(["tickreel", "warm", *range_words(days), *options]) for days in ranges)


def fetch_command(ranges: Sequence[DayRange]) -> str:
    """Write the command that fetches days anew."""
    return _BETWEEN.join(shlex.join(["tickreel", "fetch", *range_words(days)]) for days in ranges)


def export_commands(plan: ExportPlan, folder: str) -> list[str]:
    """Write the commands that write the same files, one for each."""
    return [_export_command(plan, file, folder) for file in plan.files]


def _export_command(plan: ExportPlan, file: ExportFile, folder: str) -> str:
    key = file.plan.selection.key
    span = [day_of(at_us).isoformat() for at_us in (file.plan.start_us, file.plan.end_us)]
    words = ["tickreel", "rows", key.exchange, key.symbol, key.type.value, *span]
    words += ["--format", plan.form.value, "-o", f"{folder.rstrip('/')}/{file.name}"]
    return shlex.join([*words, *(["--allow-missing"] if file.plan.missing else [])])


def rows_command(ranges: Sequence[DayRange]) -> str | None:
    """Write the command that writes the rows of ranges as CSV; None without any."""
    lines = [shlex.join(["tickreel", "rows", *range_words(days), "--format", "csv"]) for days in ranges]
    return _BETWEEN.join(lines) or None
