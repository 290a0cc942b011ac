"""The file of the price table: ``prices.toml`` in the home, which may be edited by hand.

It is read strictly, for a figure that was silently left out would make savings or a budget wrong,
and a mistake is told with its line.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
import uuid
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.economics.prices import (
    FIGURES,
    Figure,
    Plan,
    PriceTable,
    Rates,
    WrittenQuota,
    checked_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tickreel.filesystem import Disk

_HEAD = """\
# The price table of this home: what `tickreel plan` and `tickreel cache stats` count money with.
# Edit the figures as you like; `tickreel plan set` writes the file anew, without other comments.
# What is left out is not known, and nothing is counted with it. A plan without calls_per_month
# has no limit of calls. storage_bytes becomes the setting store.quota_bytes with `plan set`.
"""
_QUOTA_HEAD = "# What the plan made of store.quota_bytes, so that `tickreel plan clear` can put it back.\n"
_CURE = "correct it, or remove it with `tickreel plan clear`"

_KNOWN = {(figure.section, figure.name): figure for figure in FIGURES} | {
    ("quota", each.name): Figure("quota", each.name, is_whole=True) for each in fields(WrittenQuota)
}


def prices_path(home: Path) -> Path:
    """Name the file of a home's price table."""
    return home / "prices.toml"


def read_prices(home: Path) -> PriceTable:
    """Read the price table of a home; an empty one where there is none.

    Raises:
        DataError: the file is not what it must be; the message names line and key.
        EnvironmentProblem: it cannot be read.
    """
    path = prices_path(home)
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin it with a mark
        document = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return PriceTable()
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not TOML: {error}; {_CURE}") from None
    return _Reader(path, text).table(document)


class _Reader:
    """Takes the values of a file one by one, and says which line is wrong."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def table(self, document: Mapping[str, Any]) -> PriceTable:
        """Read all of it."""
        sections: dict[str, dict[str, Any]] = {"plan": {}, "rates": {}, "quota": {}}
        for section, content in document.items():
            if section not in sections:
                raise self._wrong(section, None, f"no such section; there are {', '.join(sections)}")
            if not isinstance(content, dict):
                raise self._wrong(section, None, f"this is a section; write [{section}] and its keys below")
            sections[section] = {name: self._value(section, name, raw) for name, raw in content.items()}
        if sections["plan"] and "name" not in sections["plan"]:
            raise self._wrong("plan", None, 'the name is missing; write name = "..."')
        if sections["quota"] and "written_bytes" not in sections["quota"]:
            raise self._wrong("quota", None, "written_bytes is missing")
        return PriceTable(
            plan=Plan(**sections["plan"]) if sections["plan"] else None,
            rates=Rates(**sections["rates"]),
            quota=WrittenQuota(**sections["quota"]) if sections["quota"] else None,
        )

    def _value(self, section: str, name: str, raw: object) -> float | str:
        try:
            if (section, name) == ("plan", "name"):
                return checked_name(raw)
            figure = _KNOWN.get((section, name))
            if figure is None:
                known = [
                    *(["name"] if section == "plan" else []),
                    *(key for at, key in _KNOWN if at == section),
                ]
                raise ValueError(f"no such key; there are {', '.join(known)}")
            return figure.read(raw)
        except ValueError as error:
            raise self._wrong(section, name, str(error)) from None

    def _wrong(self, section: str, name: str | None, problem: str) -> DataError:
        line = self._line_of(section, name)
        where = f"{self._path}, line {line}" if line else str(self._path)
        key = section if name is None else f"{section}.{name}"
        return DataError(f"{where}: {key}: {problem}; {_CURE}")

    def _line_of(self, section: str, name: str | None) -> int | None:
        """Find a key, or its section, as people write them; None where it is spelt in another way."""
        header = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]")
        start = next((at for at, line in enumerate(self._lines, 1) if header.match(line)), None)
        if name is None:
            entry = re.compile(rf"\s*{re.escape(section)}\s*[=.]")
            return start or next((at for at, line in enumerate(self._lines, 1) if entry.match(line)), None)
        entry = re.compile(rf"\s*{re.escape(name)}\s*=")
        for at, line in enumerate(self._lines[start:] if start else [], (start or 0) + 1):
            if line.lstrip().startswith("["):
                return None
            if entry.match(line):
                return at
        return None


def save_prices(home: Path, table: PriceTable, disk: Disk) -> None:
    """Write the price table; the file is replaced as a whole, so that it is never seen half written.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    path = prices_path(home)
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        disk.make_folder(home)
        try:
            with disk.create(fresh) as file:
                disk.write(file, _spelled(table).encode())
                disk.sync(file)
            disk.move(fresh, path)
        except BaseException:
            disk.remove(fresh)
            raise
        disk.sync_folder(home)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error


def remove_prices(home: Path, disk: Disk) -> None:
    """Remove the price table; where there is none nothing happens.

    Raises:
        EnvironmentProblem: it cannot be removed.
    """
    path = prices_path(home)
    try:
        disk.remove(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be removed: {error.strerror or error}") from error


def _spelled(table: PriceTable) -> str:
    sections: list[tuple[str, str, Plan | Rates | WrittenQuota | None]] = [
        ("plan", "", table.plan),
        ("rates", "", None if table.rates.is_empty else table.rates),
        ("quota", _QUOTA_HEAD, table.quota),
    ]
    text = _HEAD
    for section, head, content in sections:
        if content is None:
            continue
        text += f"\n{head}[{section}]\n"
        for each in fields(content):
            value = getattr(content, each.name)
            if value is not None:
                text += f"{each.name} = {_as_toml(value)}\n"
    return text


def _as_toml(value: float | str) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # printable text is spelt alike in both
    return repr(int(value)) if value == math.floor(value) else repr(value)
