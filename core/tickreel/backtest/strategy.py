"""What a strategy declares: parameters, what it wants to be told of, and how it reads as a form.

A strategy is a plain class::

    class Follow:
        \"\"\"Buy where the book leans up, sell where it leans down.\"\"\"

        lean = Param(0.6, "Imbalance of the best amounts from which to trade", low=0, high=1)
        amount = Param(0.01, "Amount of an order", low=0)
        books = "touch"

        def on_book(self, ctx, book): ...

The methods it may have are ``on_start(ctx)``, ``on_book(ctx, book)``, ``on_trade(ctx, trade)``,
``on_timer(ctx)``, ``on_fill(ctx, fill)``, ``on_order(ctx, order)`` and ``on_stop(ctx)``; those it has are
called. ``books`` says when ``on_book`` is: after every "message", or when the "touch" changed, which is
best bid or ask or their amounts. ``timer_us`` is the time between two calls of ``on_timer``. With
``compiled = True`` it is a strategy for Numba, see :mod:`tickreel.backtest.compiled`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.request import Value

T = TypeVar("T", bool, int, float, str)

CALLBACKS = ("on_start", "on_book", "on_trade", "on_timer", "on_fill", "on_order", "on_stop")
BOOKS = ("message", "touch")
LONGEST_TIMER_US = 86_400_000_000
MOST_LEVELS = 100


class Param(Generic[T]):
    """A parameter of a strategy: its default, whose type is its own, what it means, and what it may be.

    On an instance it is the value. Raises UsageError where the default itself may not be.
    """

    def __init__(
        self,
        default: T,
        meaning: str,
        *,
        low: float | None = None,
        high: float | None = None,
        choices: Sequence[T] = (),
        unit: str = "",
    ) -> None:
        self.default: T = default
        self.meaning = meaning
        self.low = low
        self.high = high
        self.choices: tuple[T, ...] = tuple(choices)
        self.unit = unit
        self.name = ""
        self.checked(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Param[T] | T:
        if instance is None:
            return self
        value: T = instance.__dict__.get(self.name, self.default)
        return value

    def __set__(self, instance: object, value: T) -> None:
        instance.__dict__[self.name] = self.checked(value)

    def checked(self, given: object) -> T:
        """Give a value as the type of this parameter; text is read, as it comes from a command line.

        Raises:
            UsageError: it may not be.
        """
        wanted = type(self.default)
        value: Any = read_value(given, wanted) if isinstance(given, str) and wanted is not str else given
        if wanted is float and type(value) is int:
            value = float(value)
        plain: Any = value
        if type(value) is not wanted or (wanted is float and not isfinite(plain)):
            raise UsageError(f"{self.name or 'the parameter'} is {_WORDS[wanted]}, not {given!r}")
        if self.choices and value not in self.choices:
            allowed = ", ".join(map(str, self.choices))
            raise UsageError(f"{self.name or 'the parameter'} cannot be {value!r}: choose {allowed}")
        if wanted is not str and not self._is_inside(plain):
            raise UsageError(f"{self.name or 'the parameter'} is {self.span}, not {value!r}")
        checked: T = value
        return checked

    def _is_inside(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def span(self) -> str:
        """Word the least and the greatest value."""
        if self.low is None or self.high is None:
            least = "" if self.low is None else f"{self.low:g} or more"
            return least or ("any" if self.high is None else f"{self.high:g} or less")
        return f"from {self.low:g} to {self.high:g}"

    def to_form(self) -> dict[str, Any]:
        """Give what a form or a grid must know, as values that JSON knows."""
        return {
            "name": self.name,
            "type": type(self.default).__name__,
            "default": self.default,
            "meaning": self.meaning,
            "low": self.low,
            "high": self.high,
            "choices": list(self.choices),
            "unit": self.unit,
        }


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def read_value(text: str, wanted: type) -> object:
    """Read a value as a type that a parameter can have; the text itself where it is none."""
    if wanted is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return wanted(text)
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class StrategyClass:
    """A class that was found to be a strategy, and what it declares."""

    type: type
    name: str
    """Of the class, or of the example."""
    sha256: str
    """Of the file; with modules that it imports from its folder, of all of them."""
    path: str
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """The code of these modules, by path below the folder."""

    @property
    def params(self) -> dict[str, Param[Any]]:
        """What it declares, in the order of the class; what a subclass declares anew comes in its place."""
        found: dict[str, Param[Any]] = {}
        for owner in reversed(self.type.__mro__):
            found |= {name: one for name, one in vars(owner).items() if isinstance(one, Param)}
        return found

    @property
    def meaning(self) -> str:
        """The first paragraph of its docstring."""
        text = inspect.getdoc(self.type) or ""
        return " ".join(text.partition("\n\n")[0].split())

    @property
    def is_compiled(self) -> bool:
        """Whether it is one for Numba."""
        return bool(getattr(self.type, "compiled", False))

    @property
    def levels(self) -> int:
        """How many levels of each side one for Numba looks at; others are given whole books.

        Raises:
            UsageError: it says something else than 0 to :data:`MOST_LEVELS`.
        """
        wanted = getattr(self.type, "levels", 0) if self.is_compiled else 0
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 0 <= wanted <= MOST_LEVELS:
            raise UsageError(f"levels of {self.name} is {wanted!r}: it can be 0 to {MOST_LEVELS}")
        return wanted

    def values(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Give the values of all parameters, those that are not given as declared.

        Raises:
            UsageError: one is not declared, or may not be.
        """
        declared = self.params
        unknown = [name for name in given if name not in declared]
        if unknown:
            has = ", ".join(declared) or "none"
            raise UsageError(f"{self.name} has no parameter {unknown[0]!r}: it has {has}")
        return {name: param.checked(given.get(name, param.default)) for name, param in declared.items()}

    def tells_books(self, strategy: object) -> str | None:
        """Say when on_book is to be called; None where there is none.

        Raises:
            UsageError: it says something else than :data:`BOOKS`.
        """
        if not hasattr(strategy, "on_book"):
            return None
        when = getattr(strategy, "books", BOOKS[0])
        if when not in BOOKS:
            raise UsageError(f"books of {self.name} is {when!r}: it can be {' or '.join(BOOKS)}")
        return str(when)

    def timer_us(self, strategy: object) -> int | None:
        """Give the time between two calls of on_timer; None where there is none.

        Raises:
            UsageError: on_timer has no time, or one that cannot be.
        """
        if not hasattr(strategy, "on_timer"):
            return None
        every = getattr(strategy, "timer_us", None)
        if not isinstance(every, int) or isinstance(every, bool) or not 0 < every <= LONGEST_TIMER_US:
            raise UsageError(
                f"{self.name} has on_timer and needs timer_us, whole microseconds above 0, not {every!r}"
            )
        return every


def is_strategy(found: object) -> bool:
    """Tell whether something is a class with at least one of the methods of a strategy."""
    return inspect.isclass(found) and any(hasattr(found, name) for name in CALLBACKS)
