"""What Tickreel is made of, and under which licences: read from what is installed, never invented.

Knows nothing of Qt, so that a build can ask for the same list and ship the same metadata.
"""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from tickreel_resources import LicenceName, licence_text

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "tickreel"
_EXTRA_IN_USE = "desktop"
_UNKNOWN = "not named by its metadata"
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_LICENCE_FILE = re.compile(r"(licen[cs]es?|copying|notice|authors)([._-].*)?", re.IGNORECASE)
_TROVE = "License :: "
_LONGEST_NAME = 80
"""Some metadata hold a whole text where the name of the licence belongs."""

QT_WORDS = (
    "Tickreel uses Qt under the GNU Lesser General Public License, version 3. Qt and its Python bindings "
    "(PySide6, Shiboken) are unchanged and linked dynamically: their libraries lie as files of their own "
    "in the folder of the package PySide6 and can be replaced by other builds of the same version. Their "
    "source is published by the Qt Project: qtbase, qtsvg and the other modules of Qt, and pyside-setup."
)


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one thing that Tickreel is made of."""

    name: str
    version: str
    licence: str
    """As its own metadata name it."""
    text: str
    """All licence files that it ships; empty when it ships none."""


def read_own() -> Part | None:
    """Read what is known of Tickreel itself; None in a build without its metadata. Touches the disk."""
    return _read(OWN)


def read_parts() -> tuple[Part, ...]:
    """Read all distributions that the desktop runs on, by name. Touches the disk: not for the UI thread.

    Those of other systems are not installed and so not listed. Without the metadata of Tickreel
    itself nobody can tell what it needs: the list is empty then.
    """
    found: dict[str, Part] = {}
    for name in part_names():
        part = _read(name)
        if part is not None:
            found[name] = part
    return tuple(sorted(found.values(), key=lambda part: part.name.casefold()))


def part_names() -> tuple[str, ...]:
    """Name the installed distributions that the desktop needs, directly or by another one.

    A bundle copies the metadata of these and of Tickreel, so that it can list them too.
    """
    seen: dict[str, None] = {}
    waiting = list(_requirements(OWN))
    while waiting:
        name = waiting.pop()
        if name not in seen and _is_installed(name):
            seen[name] = None
            waiting.extend(_requirements(name))
    return tuple(sorted(seen))


def python_part() -> Part:
    """Tell of Python itself, which a bundle ships; the text is what the interpreter says of itself."""
    return Part("Python", platform.python_version(), "Python Software Foundation License", sys.copyright)


def bundled_parts(qt_version: str) -> tuple[Part, ...]:
    """Read what ships inside Tickreel, and Qt, whose package holds no texts."""
    fonts_and_icons: tuple[tuple[str, str, LicenceName], ...] = (
        ("Inter", "SIL Open Font License 1.1", "inter"),
        ("JetBrains Mono", "SIL Open Font License 1.1", "jetbrains-mono"),
        ("Phosphor icons", "MIT", "phosphor-icons"),
    )
    qt_text = f"{licence_text('lgpl-3.0')}\n\n{licence_text('gpl-3.0')}"
    return (
        Part("Qt", qt_version, "LGPL-3.0-only", f"{QT_WORDS}\n\n{qt_text}"),
        *(Part(name, "", licence, licence_text(text)) for name, licence, text in fonts_and_icons),
    )


def _read(name: str) -> Part | None:
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    return Part(found.metadata["Name"], found.version, _licence_of(found), _texts_of(found))


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _requirements(name: str) -> Iterator[str]:
    """Name what a distribution needs; extras count only where Tickreel itself asks for them."""
    try:
        wanted = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for line in wanted:
        extras = _EXTRA.findall(line)
        if extras and not (name == OWN and _EXTRA_IN_USE in extras):
            continue
        match = _REQUIREMENT.match(line)
        if match is not None:
            yield re.sub(r"[-_.]+", "-", match[1]).lower()


def _licence_of(found: metadata.Distribution) -> str:
    """Give the licence as it is declared: as an expression, by name, or by classifier."""
    about = found.metadata
    expression, name = (next(iter(about.get_all(key) or ()), "") for key in ("License-Expression", "License"))
    classifiers = [
        line.removeprefix(_TROVE).removeprefix("OSI Approved :: ")
        for line in about.get_all("Classifier") or []
        if line.startswith(_TROVE)
    ]
    if expression:
        return expression
    if name and "\n" not in name and len(name) <= _LONGEST_NAME:
        return name
    return ", ".join(classifiers) or _UNKNOWN


def _texts_of(found: metadata.Distribution) -> str:
    """Give all licence files of a distribution, one after the other, each below its name."""
    texts = []
    for path in found.files or ():
        in_metadata = path.parts[0].endswith((".dist-info", ".egg-info"))
        in_licences = len(path.parts) > 2 and path.parts[1] == "licenses"
        if not in_metadata or not (in_licences or _LICENCE_FILE.fullmatch(path.name)):
            continue
        text = found.read_text("/".join(path.parts[1:]))
        if text is not None:
            name = "/".join(path.parts[2:] if in_licences else path.parts[1:])
            texts.append(f"{name}\n\n{text.strip()}")
    return "\n\n\n".join(texts)
