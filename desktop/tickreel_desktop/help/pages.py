"""The pages of help: their order, what they link to, and which one belongs to which part of the window.

The one place to enter a new page is :data:`GROUPS`; its title is its first heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel_desktop.help.pictures import picture_name
from tickreel_resources import page_text, picture_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tickreel.errors import TickreelError

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Guides", ("analyst", "strategist", "rollout")),
    (
        "Using it",
        (
            "desktop",
            "replay",
            "backtest",
            "fetch",
            "cache",
            "shared",
            "economics",
            "health",
            "instruments",
            "analysis",
            "settings",
            "diagnostics",
        ),
    ),
    (
        "Engineering",
        ("python", "strategies", "runs", "serve", "features", "latency", "article", "benchmarks", "security"),
    ),
    ("Reference", ("errors", "commands", "segment-format", "catalog-format", "exports", "shared-format")),
)
FIRST_PAGE = "analyst"

CONTEXTS: dict[str, tuple[str, str]] = {
    "about": ("desktop", "help"),
    "analysis": ("analysis", ""),
    "backtest": ("backtest", ""),
    "data": ("desktop", "data"),
    "diagnostics": ("diagnostics", ""),
    "fetch": ("fetch", ""),
    "import": ("desktop", "importing"),
    "jobs": ("fetch", "during-a-queue-that-outlives-the-program"),
    "log": ("diagnostics", "the-log"),
    "replay": ("desktop", "replay"),
    "settings": ("settings", ""),
    "shared": ("shared", ""),
    "shortcuts": ("desktop", "keys"),
    "welcome": ("analyst", ""),
}
"""Where F1 leads from a part of the window: page and anchor."""

COPY_SCHEME = "copy"
"""Links of this scheme stand beside pieces of code: ``copy:2`` copies the third of the page."""

_WEB = re.compile(r"https?://", re.IGNORECASE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"(```|~~~)")
_LINKED = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_TABLE_RULE = re.compile(r"[|\s:-]+$")


@dataclass(frozen=True, slots=True)
class Section:
    """Hold what stands below one heading, as plain text."""

    title: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one page: markdown to be shown, and its sections to be searched."""

    name: str
    group: str
    title: str
    markdown: str
    sections: tuple[Section, ...]


def place_of(context: str) -> tuple[str, str]:
    """Give page and anchor of what belongs to a part of the window; the first page for a part without one."""
    return CONTEXTS.get(context, (FIRST_PAGE, ""))


def place_of_error(kind: type[TickreelError]) -> tuple[str, str]:
    """Give page and anchor of what explains a kind of error."""
    return "errors", kind.__name__.lower()


def load_pages() -> tuple[Page, ...]:
    """Read all pages, in the order of the table."""
    return tuple(make_page(name, group, page_text(name)) for group, names in GROUPS for name in names)


def make_page(name: str, group: str, markdown: str) -> Page:
    """Take a page apart at its headings."""
    titles: list[str] = []
    bodies: list[list[str]] = []
    for line, is_code in _lines(markdown):
        heading = None if is_code else _HEADING.match(line)
        if heading is not None:
            titles.append(_plain(heading[2]))
            bodies.append([])
        elif bodies and (is_code or not _TABLE_RULE.fullmatch(line)):
            bodies[-1].append(line.strip() if is_code else _plain(line))
    texts = (" ".join(" ".join(body).split()) for body in bodies)
    sections = tuple(map(Section, titles, number_anchors(titles), texts))
    return Page(name, group, titles[0] if titles else name, markdown, sections)


def number_anchors(headings: Iterable[str]) -> list[str]:
    """Give the anchors of a page's headings, as the usual readers of markdown make them."""
    anchors: list[str] = []
    for heading in headings:
        wanted = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        repeats = sum(1 for anchor in anchors if re.fullmatch(re.escape(wanted) + r"(-\d+)?", anchor))
        anchors.append(f"{wanted}-{repeats}" if repeats else wanted)
    return anchors


def is_web(href: str) -> bool:
    """Tell a link to a site from one to a page of help."""
    return _WEB.match(href) is not None


def link_words(href: str) -> str:
    """Say where a link leads, for the tool-tip and the line below the page."""
    if href.startswith(f"{COPY_SCHEME}:"):
        return "Copy this code"
    return f"Open in the browser: {href}" if is_web(href) else f"Go to {href}"


def target_of(href: str, here: str) -> tuple[str, str]:
    """Take a link between pages apart into page and anchor; *here* is the page it stands on."""
    path, _, anchor = href.partition("#")
    return path.removesuffix(".md") or here, anchor


def unknown_links(pages: Sequence[Page]) -> list[str]:
    """Describe every link that leads nowhere: to no page, no heading, no picture, or by an unknown scheme."""
    anchors = {page.name: {section.anchor for section in page.sections} for page in pages}
    pictures = set(picture_names())
    unknown = []
    for page in pages:
        for href in _links(page.markdown):
            if picture_name(href) in pictures:
                continue
            name, anchor = target_of(href, page.name)
            known = is_web(href) or (name in anchors and (not anchor or anchor in anchors[name]))
            if not known:
                unknown.append(f"{page.name}: {href}")
    return unknown


def _links(markdown: str) -> list[str]:
    prose = (re.sub(r"`[^`]*`", "", line) for line, is_code in _lines(markdown) if not is_code)
    return _LINK.findall("\n".join(prose))


def _lines(markdown: str) -> Iterator[tuple[str, bool]]:
    """Give every line that is shown, and whether it is code."""
    is_fenced = False
    for line in markdown.splitlines():
        if _FENCE.match(line.lstrip()):
            is_fenced = not is_fenced
        else:
            yield line, is_fenced or line.startswith("    ")


def _plain(line: str) -> str:
    """Take the marks of markdown away."""
    cells = _MARKUP.sub("", _LINKED.sub(r"\1", line)).strip(" |>").replace(" | ", "  ")
    return cells.replace(r"\|", "|")  # a bar that is not the edge of a cell
