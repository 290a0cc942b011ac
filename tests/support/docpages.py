"""The pages of help and the README, taken apart: their command lines, and their examples in Python."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tickreel_resources import page_names, page_text

ROOT = Path(__file__).resolve().parents[2]
README = "README"
_INDENT = "    "
_EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\s+#\s.*$")
_FILE = re.compile(r"# (\w+\.py)\n")
_OPTIONAL = re.compile(r"\s*\[[^\[\]]*\](?:\.\.\.)?")
_OPEN = re.compile(r"\.\.\.?|\||\b[A-Z][A-Z_]*\b")
_VALUES = {"BTCUSDT", "ETHUSDT", "XBTUSD", "TB", "T", "Z"}
"""Words in capitals that stand for themselves; T and Z are parts of times."""


@dataclass(frozen=True)
class CommandLine:
    """One line to be typed, without the comment beside it."""

    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"

    @property
    def command(self) -> str:
        return self.text.split()[1]

    def is_form(self, known: dict[str, str]) -> bool:
        """Tell whether it says how such lines are made, and names no values; *known* words have some."""
        return any(word not in known for word in _OPEN.findall(_bare(self.text)) if word not in _VALUES)

    def words(self, known: dict[str, str]) -> list[str]:
        """Give what is typed after the program's name, with values for the *known* words."""
        plain = _bare(self.text)
        for word, value in known.items():
            plain = re.sub(rf"\b{word}\b", value, plain)
        return shlex.split(plain)[1:]


def _bare(text: str) -> str:
    """Take away what may be left out."""
    while (shorter := _OPTIONAL.sub("", text)) != text:
        text = shorter
    return text


def all_pages() -> dict[str, str]:
    """Give the markdown of every page, and of the README."""
    pages = {name: page_text(name) for name in page_names()}
    return {README: (ROOT / "README.md").read_text(encoding="utf-8"), **pages}


def command_lines(page: str, markdown: str, program: str = "tickreel") -> list[CommandLine]:
    """Give every line of code that calls *program*, in order, with what of it stands in the next line."""
    found: list[str] = []
    is_open = False
    for line in _code(markdown):
        text = _COMMENT.sub("", line.rstrip()).replace(".venv/bin/", "")
        if is_open or (found and text.startswith(" ") and text.strip() and _INDENT in text):
            found[-1] = f"{found[-1].removesuffix(chr(92))} {text.strip()}"
        elif text.startswith(f"{program} "):
            found.append(text)
        else:
            found.append("")
        is_open = found[-1].endswith("\\")
    return [CommandLine(page, " ".join(text.split(" "))) for text in found if text.startswith(f"{program} ")]


def _code(markdown: str) -> list[str]:
    """Give the lines of all code but Python, fenced or indented, with an empty line after each piece."""
    lines: list[str] = []
    fence = None
    before = ""
    is_indented = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fence = line[3:].strip() or "text" if fence is None else None
            lines.append("")
        elif fence is not None:
            lines.append("" if fence == "python" else line)
        elif line.startswith(_INDENT) and (is_indented or not before.strip()):
            is_indented = True
            lines.append(line.removeprefix(_INDENT))
        else:
            is_indented = False
            lines.append("")
        before = line
    return lines


def links(markdown: str) -> list[str]:
    """Give the targets of all links and pictures outside of code."""
    prose = re.sub(r"^```.*?^```$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose))


def examples(markdown: str) -> list[str]:
    """Give the pieces of Python of a page, in order."""
    return _EXAMPLE.findall(markdown)


def file_name(example: str) -> str | None:
    """Give the name of the file that an example is to be saved as; None where it is to be typed."""
    found = _FILE.match(example)
    return found[1] if found else None
