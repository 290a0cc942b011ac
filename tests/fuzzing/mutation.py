"""Valid inputs made wrong, by a seeded chance: in their bytes, in their words, and in their values.

What a mutation gives follows from the chance alone, so the number of a try is all that is needed to see
it again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

LONGEST = 1 << 18
"""Bytes of a mutated input: more makes a try slow and finds no more."""
_NUMBER = re.compile(rb"-?\d[\d.]*(?:[eE][+-]?\d+)?")
_HOSTILE_NUMBERS = (
    *(
        b"0",
        b"-0",
        b"-1",
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"nan",
        b"NaN",
        b"inf",
        b"-Infinity",
        b"0x10",
        b"1_0",
    ),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"18446744073709551616"),
    *(
        b"4294967295",
        b"2147483648",
        b"1e308",
        b"4.9e-324",
        b"0.1" + b"0" * 400,
        b"9" * 400,
        b".",
        b"+1",
        b"1.",
    ),
    *(b"1.7976931348623159e308", b"179769313486231570814527423731704356798070e269", b"\xd9\xa3", b""),
)
_HOSTILE_BYTES = (
    *(
        b"\0",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
        b"\n",
    ),
    *(
        b'"',
        b"'",
        b",",
        b":",
        b";",
        b"%",
        b"%00",
        b"%ff",
        b"\\",
        b"\\u0000",
        b"\\ud800",
        b"[" * 3000,
        b"{" * 3000,
    ),
    *(
        b"../",
        b"..\\",
        b"/",
        b"//",
        b"\x1b[31m",
        b"\xe2\x80\xae",
        b"a" * 5000,
        b" " * 70_000,
        b"\xcc\x81" * 50,
    ),
)
_HOSTILE_TEXTS = (
    *("", "\0", "../../x", "/etc/passwd", "\ud800", "\x1b[2J", "é" * 300, "a" * 70_000, "nan", "1e999"),
    *("2024-13-45", "9999-12-31", "-1", "\u202e", "CON", "a\nb", "${HOME}", "{}", "%s%n", "0x1p4"),
)


def mutated(data: bytes, chance: Random, others: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """Change bytes in a few places: flips, cuts, splices with *others*, numbers, *words* of the language."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        changed = _changed(changed, chance, others, words)[:LONGEST]
    return bytes(changed)


def _changed(data: bytearray, chance: Random, others: Sequence[bytes], words: Sequence[bytes]) -> bytearray:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + int(chance.expovariate(0.05)) + 1)
    match chance.randrange(11):
        case 0 if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 1 if data:
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        case 2:
            del data[at:end]
        case 3:
            del data[at:]
        case 4:
            data[at:end] = chance.choice(_HOSTILE_BYTES)
        case 5:
            data[at:at] = bytes(data[at:end]) * chance.choice((1, 2, 50))
        case 6:
            other = chance.choice(others)
            begin = chance.randrange(len(other) + 1)
            data[at : chance.choice((at, end, len(data)))] = other[begin:]
        case 7:
            if numbers := [*_NUMBER.finditer(data)]:
                found = chance.choice(numbers)
                data[found.start() : found.end()] = chance.choice(_HOSTILE_NUMBERS)
        case 8 if words:
            data[at : chance.choice((at, end))] = chance.choice(words)
        case 9:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines) if len(lines) < 60 else lines.reverse()
            data = bytearray(b"\n".join(lines))
        case _:
            lines = bytes(data).split(b"\n")
            cells = lines[number := chance.randrange(len(lines))].split(b",")
            cells[chance.randrange(len(cells))] = chance.choice((*_HOSTILE_NUMBERS, *_HOSTILE_BYTES))
            lines[number] = b",".join(cells)
            data = bytearray(b"\n".join(lines))
    return data


def mutated_value(value: Any, chance: Random) -> Any:
    """Change some places of what JSON can say: another type, an odd number, too deep, too much, gone."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        value = _at_some_place(value, chance, lambda held: _another(held, chance))
    return value


def _at_some_place(value: Any, chance: Random, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        match chance.randrange(12):
            case 0:
                return {key: held for key, held in value.items() if key != name}
            case 1:
                return value | {chance.choice(_HOSTILE_TEXTS): value[name]}
        return value | {name: _at_some_place(value[name], chance, change)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        if chance.randrange(12) == 0:
            return value[:place] + value[place:] * chance.choice((0, 2, 40 if len(value) < 10 else 1))
        return [*value[:place], _at_some_place(value[place], chance, change), *value[place + 1 :]]
    return change(value)


def _another(held: Any, chance: Random) -> Any:
    match chance.randrange(9):
        case 0:
            return None
        case 1:
            return chance.choice((True, False))
        case 2 | 3:
            return chance.choice(
                (0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400, 0.1, -0.0, 1e308)
            )
        case 4:
            return chance.choice((float("nan"), float("inf"), -float("inf")))
        case 5 | 6:
            return chance.choice(_HOSTILE_TEXTS)
        case 7:
            many = 1 if isinstance(held, list | dict) else 300
            return chance.choice(([], {}, [held], {"a": held}, [held] * many, {"": [held, None]}))
        case _:
            return Deep(chance.choice((40, 600, 3_000)))


@dataclass(frozen=True, slots=True)
class Deep:
    """So many arrays in one another: spelled, not walked."""

    levels: int


def json_text(value: Any) -> bytes:
    """Spell a mutated value, also what no JSON has: numbers without end, lone surrogates, great depth."""
    return _spelled(value).encode()[:LONGEST]


def _spelled(held: Any) -> str:
    match held:
        case Deep():
            return "[" * held.levels + "]" * held.levels
        case dict():
            entries = (f"{json.dumps(str(key))}:{_spelled(one)}" for key, one in held.items())
            return "{" + ",".join(entries) + "}"
        case list():
            return "[" + ",".join(map(_spelled, held)) + "]"
        case bool():
            return json.dumps(held)
        case int():
            return str(held)
    return json.dumps(held)
