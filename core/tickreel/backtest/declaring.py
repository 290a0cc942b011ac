"""Reads what a strategy declares in a process of its own.

It is started as ``python -m tickreel.backtest.declaring REFERENCE``.
To read a strategy its file is run, and whatever that does, it does it there. One line of JSON comes of it,
see :class:`Declaration` and :class:`Fault`; what the file prints goes to stderr.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from tickreel.backtest.strategy import Param
from tickreel.errors import TickreelError


class Parameter(msgspec.Struct, frozen=True):
    """A parameter as :meth:`tickreel.backtest.strategy.Param.to_form` gives it."""

    name: str
    type: str
    default: bool | int | float | str
    meaning: str
    low: float | None
    high: float | None
    choices: tuple[bool | int | float | str, ...]
    unit: str

    def checked(self, given: str) -> bool | int | float | str:
        """Read a value as it is typed.

        Raises:
            UsageError: it may not be.
        """
        kind = {"bool": bool, "int": int, "float": float, "str": str}[self.type]
        param: Param[Any] = Param(
            kind(self.default),
            self.meaning,
            low=self.low,
            high=self.high,
            choices=[kind(one) for one in self.choices],
        )
        param.name = self.name
        value: bool | int | float | str = param.checked(given)
        return value

    @property
    def span(self) -> str:
        """Word what it may be, in a few letters: ``0 to 1``, ``from 0``; empty where anything goes."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"from {self.low:g}"
        return "" if self.high is None else f"to {self.high:g}"


class Declaration(msgspec.Struct, frozen=True, tag="declaration"):
    """What a strategy is."""

    reference: str
    name: str
    meaning: str
    """The first paragraph of its docstring."""
    text: str
    """All of its docstring, that of its file below it."""
    is_compiled: bool
    path: str
    sha256: str
    params: tuple[Parameter, ...]


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """Why a strategy cannot be read, where it is known at which line of which file."""

    reference: str
    problem: str
    path: str | None = None
    line: int | None = None


def declare(reference: str) -> Declaration | Fault:
    """Run the file of a strategy and say what it declares."""
    from tickreel.backtest.loading import StrategyError, load_strategy

    try:
        found = load_strategy(reference)
    except StrategyError as error:
        return Fault(reference, error.problem, error.path, error.line)
    except (TickreelError, OSError) as error:
        return Fault(reference, str(error))
    texts = [inspect.getdoc(found.type), _docstring_of(found.path)]
    return Declaration(
        reference,
        found.name,
        found.meaning,
        "\n\n".join(filter(None, texts)),
        found.is_compiled,
        found.path,
        found.sha256,
        tuple(msgspec.convert(param.to_form(), Parameter) for param in found.params.values()),
    )


def _docstring_of(path: str) -> str | None:
    """Read the docstring of a file, which ran a moment ago."""
    return ast.get_docstring(ast.parse(Path(path).read_bytes()))


def read_answer(line: str | bytes) -> Declaration | Fault:
    """Read the line that the process printed; raises msgspec.DecodeError."""
    answer: Declaration | Fault = msgspec.json.decode(line, type=Declaration | Fault)
    return answer


def main() -> int:
    """Declare what the command line names."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what the file prints
        sys.stdout = sys.stderr
        try:
            answer = declare(sys.argv[1])
        except SystemExit as leaving:
            answer = Fault(sys.argv[1], f"it ends its process with sys.exit({leaving.code!r})")
        out.write(msgspec.json.encode(answer) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
