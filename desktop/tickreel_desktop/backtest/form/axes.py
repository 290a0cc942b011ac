"""Values of a parameter for a sweep, as they are typed: ``1, 2, 4``, ``1 to 4 by 0.5``, ``0.4 to 4 in 10``.

Plain values without Qt.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tickreel.backtest.sweeps.grid import Axis, SweepRequest
from tickreel.errors import UsageError
from tickreel_desktop.backtest.form.draft import Draft, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.declaring import Declaration, Parameter
    from tickreel.backtest.request import BacktestRequest, Value

MOST_VALUES = 1_000
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SPAN = re.compile(
    rf"(?P<low>{_NUMBER})\s+to\s+(?P<high>{_NUMBER})(?:\s+by\s+(?P<step>{_NUMBER})|\s+in\s+(?P<count>\d+))",
    re.ASCII,
)
FORMS = "1, 2, 4 or 1 to 4 by 0.5 or 1 to 4 in 7"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dialog of sweeps amounts to."""

    problems: Mapping[str, str]
    """What is wrong, by parameter; under an empty name what is wrong with the whole."""
    request: SweepRequest | None


def values_of(text: str, parameter: Parameter) -> tuple[Value, ...]:
    """Read the values that are typed for a parameter, each once and in their order.

    Raises:
        UsageError: one of them may not be, or there are too many.
    """
    found: dict[str, Value] = {}
    for piece in filter(None, (one.strip() for one in text.split(","))):
        for spelled in _spelled(piece):
            value = parameter.checked(spelled)
            found[repr(value)] = value
            if len(found) > MOST_VALUES:
                raise UsageError(f"{parameter.name} would have more than {MOST_VALUES} values")
    return tuple(found.values())


def _spelled(piece: str) -> list[str]:
    match = _SPAN.fullmatch(piece)
    if match is None:
        return [piece]
    low, high = Decimal(match["low"]), Decimal(match["high"])
    if match["step"] is not None:
        step = Decimal(match["step"])
        if step <= 0 or high < low:
            raise UsageError(f"{piece!r} goes nowhere: give a step above 0, the smaller end first")
        count = int((high - low) / step) + 1
    else:
        count = int(match["count"])
        if count < 2:
            raise UsageError(f"{piece!r} needs two values or more")
        step = (high - low) / (count - 1)
    if count > MOST_VALUES:
        raise UsageError(f"{piece!r} makes {count} values: at most {MOST_VALUES}")
    return [_plain(low + step * number) for number in range(count)]


def _plain(value: Decimal) -> str:
    text = f"{value.quantize(Decimal('1e-12')).normalize():f}"
    return text if "." not in text else text.rstrip("0").rstrip(".")


def plan_of(
    base: BacktestRequest, declared: Declaration, typed: Mapping[str, str], apart: tuple[Axis, ...]
) -> Plan:
    """Make a sweep of what is typed for some parameters."""
    problems: dict[str, str] = {}
    grid: dict[str, tuple[Value, ...]] = {}
    for parameter in declared.params:
        try:
            values = values_of(typed.get(parameter.name, ""), parameter)
        except UsageError as error:
            problems[parameter.name] = str(error)
            continue
        if values:
            grid[parameter.name] = values
    if problems:
        return Plan(problems, None)
    if not grid and not apart:
        return Plan({"": f"Give a parameter several values: {FORMS}"}, None)
    kept = {name: value for name, value in base.params.items() if name not in grid}
    try:
        request = SweepRequest(base=msgspec.structs.replace(base, params=kept), grid=grid, apart=apart)
    except UsageError as error:
        return Plan({"": str(error)}, None)
    return Plan({}, request)


def sweep_command(draft: Draft, request: SweepRequest) -> str:
    """Spell a sweep as a command line."""
    found = ["tickreel", "sweep", *words(draft, request.base)]
    for name, values in request.grid.items():
        found += ["--grid", f"{name}={','.join(_word(value) for value in values)}"]
    if request.apart:
        found += ["--apart", ",".join(request.apart)]
    return shlex.join(found)


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
