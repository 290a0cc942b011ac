"""Icons, fonts, licences and the pages of help, as they ship.

Nothing here knows of Qt, so that anything may read what ships with Tickreel,
also from a zip or a frozen program.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

IconName = Literal[
    "arrow-clockwise",
    "arrow-counter-clockwise",
    "arrow-square-out",
    "arrows-left-right",
    "arrows-out",
    "bookmark-simple",
    "calendar-blank",
    "camera",
    "caret-down",
    "caret-left",
    "caret-right",
    "caret-up",
    "check",
    "check-circle",
    "clock",
    "clock-counter-clockwise",
    "cloud-arrow-down",
    "columns",
    "copy",
    "crosshair",
    "crosshair-simple",
    "currency-dollar-simple",
    "database",
    "dots-three",
    "dots-three-vertical",
    "download-simple",
    "export",
    "eye",
    "fast-forward",
    "file-text",
    "flask",
    "floppy-disk",
    "funnel",
    "gear-six",
    "hard-drives",
    "info",
    "key",
    "link",
    "list-bullets",
    "lock-key",
    "lock-simple",
    "lock-simple-open",
    "magnifying-glass",
    "minus",
    "pause",
    "pause-fill",
    "play",
    "play-circle",
    "play-fill",
    "plus",
    "push-pin",
    "push-pin-fill",
    "question",
    "queue",
    "repeat",
    "ruler",
    "shield-check",
    "skip-back",
    "skip-forward",
    "sliders-horizontal",
    "sparkle",
    "stack",
    "stop",
    "stop-fill",
    "terminal-window",
    "thumbs-down",
    "thumbs-up",
    "trash",
    "upload-simple",
    "users",
    "warning",
    "warning-circle",
    "wifi-slash",
    "x",
    "x-circle",
]

LicenceName = Literal["gpl-3.0", "inter", "jetbrains-mono", "lgpl-3.0", "phosphor-icons"]

_FONT_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
)


def icon_bytes(name: IconName) -> bytes:
    """Give the SVG of an icon; its one colour is ``currentColor``."""
    return files(__name__).joinpath("icons", f"{name}.svg").read_bytes()


def application_icon_bytes() -> bytes:
    """Give the SVG of Tickreel's own icon, in its own colours."""
    return files(__name__).joinpath("tickreel.svg").read_bytes()


def font_files() -> list[bytes]:
    """Give the bundled fonts: Inter 400, 500 and 600, and JetBrains Mono 400."""
    fonts = files(__name__).joinpath("fonts")
    return [fonts.joinpath(name).read_bytes() for name in _FONT_FILES]


def sample_picture_bytes() -> bytes:
    """Give the PNG of the sample's book in its first minutes: red is size, green best bid, blue best ask."""
    return files(__name__).joinpath("sample-book.png").read_bytes()


def page_names() -> list[str]:
    """Give the names of the pages of help, in the order of the alphabet."""
    names = (entry.name for entry in files(__name__).joinpath("docs").iterdir())
    return sorted(name.removesuffix(".md") for name in names if name.endswith(".md"))


def page_text(name: str) -> str:
    """Give a page of help as markdown; FileNotFoundError where there is none of that name."""
    return files(__name__).joinpath("docs", f"{name}.md").read_text(encoding="utf-8")


def picture_names() -> list[str]:
    """Give the names of the pictures that pages of help show, ``data-dark.webp`` and the like."""
    return sorted(entry.name for entry in files(__name__).joinpath("docs", "pictures").iterdir())


def picture_bytes(name: str) -> bytes:
    """Give the WebP of a picture of the pages; FileNotFoundError where there is none of that name."""
    return files(__name__).joinpath("docs", "pictures", name).read_bytes()


def licence_text(name: LicenceName) -> str:
    """Give the text of a licence that something in here, or Qt, is under."""
    return files(__name__).joinpath("licences", f"{name}.txt").read_text(encoding="utf-8")
