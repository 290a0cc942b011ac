"""What a setting's type says of its values: what may be chosen, words beside numbers, limits, none at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tickreel.settings.table import Setting


@dataclass(frozen=True, slots=True)
class Form:
    """The shape of a setting's values."""

    choices: tuple[str, ...] = ()
    """All that may be chosen; empty where values are typed."""
    specials: tuple[str | None, ...] = ()
    """Values beside the typed ones: None, or words such as ``max``."""
    is_whole: bool = False
    minimum: float | None = None
    maximum: float | None = None


def form_of(setting: Setting) -> Form:
    """Read the shape of a setting's values from its type."""
    from msgspec import inspect  # only dialogs and docs need it

    kind = inspect.type_info(setting.type)
    parts = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    choices: tuple[str, ...] = tuple(setting.choices()) if setting.choices is not None else ()
    specials: list[str | None] = []
    is_whole = False
    limits: dict[str, Any] = {"minimum": None, "maximum": None}
    for part in parts:
        match part:
            case inspect.NoneType():
                specials.append(None)
            case inspect.EnumType(cls=cls):
                choices = tuple(str(member.value) for member in cls)
            case inspect.LiteralType(values=values) if len(parts) == 1:
                choices = tuple(map(str, values))
            case inspect.LiteralType(values=values):
                specials += map(str, values)
            case inspect.IntType() | inspect.FloatType():
                is_whole = isinstance(part, inspect.IntType)
                limits = {
                    "minimum": part.gt if part.ge is None else part.ge,
                    "maximum": part.lt if part.le is None else part.le,
                }
            case _:
                pass
    return Form(choices, tuple(specials), is_whole, **limits)
